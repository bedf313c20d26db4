// What a full-speed upload costs the small writes of the same cluster, with the pacing of bulk writes and without it. The upload
// is a process of its own (the command line's push), so that it does not hold up the clock of the writes.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { QuorateClient } from "../../../src/client/quorate-client.ts";
import { leaderOf, statusOf } from "../../lib/door.ts";
import { type Span, SteadyLoad, within } from "../../lib/load.ts";
import {
  type ClusterOptions,
  LocalCluster,
  type Machine,
  program,
} from "../../lib/local-cluster.ts";
import { RandomBytes } from "../../lib/random-bytes.ts";
import { withScratch } from "../../lib/scratch.ts";
import { percentile, tenth } from "../../lib/stats.ts";
import { hundredth, mib, type PartReport, type Progress, wait } from "./parts.ts";

export interface UploadOptions {
  /** One file, in units of 2^20 bytes. */
  readonly uploadMb: number;
  readonly rounds: number;
  /** Small writes of the steady load. */
  readonly perSecond: number;
  readonly progress: Progress;
}

/** What the product promises: p99 beside the upload ÷ p99 idle. */
const p99RatioGoal = 3;
const servers = 3;
const warmUpMs = 3000;
const idleMs = 10_000;
const pieceBytes: number = 1 * mib;
const uploadTimeoutMs = 600_000;
const value: Buffer = Buffer.alloc(256, 7);
const keys = 1000;

type Pacing = "paced" | "unpaced";

/** Whether the bulk writes of the servers yield to their log. */
const setups: Readonly<Record<Pacing, Pick<ClusterOptions, "flags">>> = {
  paced: {},
  unpaced: { flags: ["--no-bulk-pace"] },
};
const pacings: readonly Pacing[] = ["paced", "unpaced"];

export interface Upload {
  readonly pacing: Pacing;
  readonly uploadMs: number;
  readonly mibPerSecond: number;
  readonly p50IdleMs: number;
  readonly p99IdleMs: number;
  readonly p50DuringMs: number;
  readonly p99DuringMs: number;
  readonly maxDuringMs: number;
  readonly samplesDuring: number;
  readonly p99Ratio: number;
  readonly elections: number;
}

/** Of an even number of rounds the larger one of the two in the middle counts. */
const upperMedian = 0.51;

export function ratioOf(uploads: readonly Upload[], pacing: Pacing): number {
  const ratios = uploads.filter((each) => each.pacing === pacing).map(({ p99Ratio }) => p99Ratio);
  return percentile(ratios, upperMedian);
}

/** The median of the paced rounds decides; an election in any round is one too many. */
export function uploadHolds(uploads: readonly Upload[]): boolean {
  const ratio = ratioOf(uploads, "paced");
  return ratio > 0 && ratio <= p99RatioGoal && uploads.every(({ elections }) => elections === 0);
}

async function writeRandomFile(path: string, sizeMib: number): Promise<void> {
  const source = new RandomBytes(pieceBytes);
  const file = createWriteStream(path);
  for (let i = 0; i < sizeMib; i += 1) {
    if (!file.write(Buffer.from(source.next()))) await once(file, "drain");
  }
  file.end();
  await finished(file);
}

/** Resolves with the span from before the first byte to after the acknowledgement. */
async function pushFile(path: string, machine: Machine): Promise<Span> {
  const argv = [program, "--addr", machine.grpcAddress, "--timeout", String(uploadTimeoutMs)];
  const fromMs = performance.now();
  const child = spawn(process.execPath, [...argv, "resource", "push", path], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`the upload failed: ${said.slice(-2000)}`);
  return { fromMs, toMs: performance.now() };
}

interface Scene {
  readonly file: string;
  readonly pacing: Pacing;
  readonly options: UploadOptions;
}

async function measure(
  { file, pacing, options }: Scene,
  leader: Machine,
  client: QuorateClient,
): Promise<Upload> {
  const { perSecond, uploadMb } = options;
  const steady = new SteadyLoad(client, { perSecond, value, keys });
  const termBefore = (await statusOf(leader)).term;
  steady.start();
  await wait(warmUpMs);
  const idle = { fromMs: performance.now(), toMs: performance.now() + idleMs };
  await wait(idleMs);
  const span = await pushFile(file, leader);
  await steady.pause();
  const before = within(steady.samples, idle);
  const during = within(steady.samples, span);
  const uploadMs = span.toMs - span.fromMs;
  const p99IdleMs = percentile(before, 0.99);
  const p99DuringMs = percentile(during, 0.99);
  return {
    pacing,
    uploadMs: Math.round(uploadMs),
    mibPerSecond: Math.round((uploadMb * 1000) / uploadMs),
    p50IdleMs: tenth(percentile(before, 0.5)),
    p99IdleMs: tenth(p99IdleMs),
    p50DuringMs: tenth(percentile(during, 0.5)),
    p99DuringMs: tenth(p99DuringMs),
    maxDuringMs: tenth(Math.max(0, ...during)),
    samplesDuring: during.length,
    p99Ratio: p99IdleMs === 0 ? 0 : hundredth(p99DuringMs / p99IdleMs),
    elections: (await statusOf(leader)).term - termBefore,
  };
}

/** A cluster of its own: what one upload leaves to be merged must not be the next one's. */
async function uploadOnce(scene: Scene): Promise<Upload> {
  const cluster = await LocalCluster.start({ servers, ...setups[scene.pacing] });
  try {
    const leader = await leaderOf(cluster.machines);
    const addresses = [leader.grpcAddress];
    const client = new QuorateClient({ addresses, exactlyOnce: false, actor: "bench" });
    try {
      return await measure(scene, leader, client);
    } finally {
      client.close();
    }
  } finally {
    await cluster.destroy();
  }
}

function headlineOf(
  { uploadMb, rounds, perSecond }: UploadOptions,
  all: readonly Upload[],
): string {
  const describe = (pacing: Pacing): string => {
    const mine = all.filter((each) => each.pacing === pacing);
    const middle = (pick: (upload: Upload) => number): string =>
      String(tenth(percentile(mine.map(pick), upperMedian)));
    return `${pacing} p50 ${middle((each) => each.p50DuringMs)} ms, p99 ${middle((each) => each.p99DuringMs)} ms at ${middle((each) => each.mibPerSecond)} MiB/s (idle ${middle((each) => each.p50IdleMs)} and ${middle((each) => each.p99IdleMs)} ms; p99 ratio ${String(ratioOf(all, pacing))})`;
  };
  return `${String(perSecond)} writes/s beside an upload of ${String(uploadMb)} MiB to ${String(servers)} servers: ${pacings.map(describe).join("; ")} (medians of ${String(rounds)} rounds)`;
}

export async function upload(options: UploadOptions): Promise<PartReport> {
  const { uploadMb, rounds, perSecond, progress } = options;
  return await withScratch(async (directory) => {
    const file = join(directory, "upload.bin");
    await writeRandomFile(file, uploadMb);
    const uploads: Upload[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const pacing of round % 2 === 0 ? pacings : pacings.toReversed()) {
        const done = await uploadOnce({ file, pacing, options });
        uploads.push(done);
        progress(`upload, ${JSON.stringify(done)}`);
      }
    }
    return {
      part: "upload",
      headline: headlineOf(options, uploads),
      data: { servers, uploadMb, perSecond, rounds, uploads, goals: { p99Ratio: p99RatioGoal } },
      holds: uploadHolds(uploads),
    };
  });
}
