// How long a server takes from its spawn until it is ready when its data directory is large, and how much memory that takes: many
// jobs in its snapshot, a log behind it, and many chunks. Made through the doors of a cluster of one that runs no jobs.
import { join } from "node:path";
import { QuorateClient } from "../../../src/client/quorate-client.ts";
import { diskBytes } from "../../lib/disk-usage.ts";
import { statusOf } from "../../lib/door.ts";
import { push } from "../../lib/load.ts";
import { LocalCluster, type Machine } from "../../lib/local-cluster.ts";
import { MemoryWatch } from "../../lib/process-memory.ts";
import { cpuMs } from "../../lib/process-tree.ts";
import { RandomBytes } from "../../lib/random-bytes.ts";
import { tenth } from "../../lib/stats.ts";
import { until } from "../../lib/wait.ts";
import { megabyte, mib, type PartReport, type Progress, wait } from "./parts.ts";

export interface StartOptions {
  readonly startJobs: number;
  /** Uploaded, in units of 2^20 bytes. */
  readonly startChunkMb: number;
  /** Of the log, behind its snapshot. */
  readonly startEntries: number;
  readonly progress: Progress;
}

/** What the product promises. */
const readyMsGoal = 3000;
const rssBytesGoal: number = 400 * megabyte;
/** The largest file that the resource center takes is twice as large. */
const fileMibMax = 512;
const pieceBytes: number = 1 * mib;
const callers = 256;
const jobCommand: readonly string[] = ["/bin/sleep", "60"];
/** What lies behind the snapshot. */
const small = { callers, value: Buffer.alloc(256, 7), keys: 1000 };
/** What provokes a snapshot: 32 MiB of them, and the state stays as small as it was. */
const large = { callers: 16, value: Buffer.alloc(16 * 1024, 7), keys: 16 };
const largePerLook = 128;
const readyMsMax = 120_000;
/** The peak is looked at again so long after the server was ready: what its first seconds do belongs to the start. */
const settleMs = 3000;

type Departure = "stopped" | "killed";

export interface Start {
  readonly how: Departure;
  readonly readyMs: number;
  /** Processor time of the server process until then. */
  readonly cpuMs: number;
  /** Most that the kernel ever counted for the process (`VmHWM`). */
  readonly rssBytes: number;
}

export function startHolds(starts: readonly Start[]): boolean {
  return (
    starts.length > 0 &&
    starts.every(
      ({ readyMs, rssBytes }) => readyMs <= readyMsGoal && rssBytes > 0 && rssBytes <= rssBytesGoal,
    )
  );
}

/** How many writes are wanted until `wanted` entries are behind the snapshot; undefined = a new snapshot is wanted first. */
export function entriesLacking(
  { lastIndex, snapshotIndex }: { readonly lastIndex: number; readonly snapshotIndex: number },
  wanted: number,
): number | undefined {
  const behind = lastIndex - snapshotIndex;
  return snapshotIndex === 0 || behind > wanted ? undefined : wanted - behind;
}

interface Scene {
  readonly machine: Machine;
  readonly client: QuorateClient;
  readonly options: StartOptions;
}

async function uploadAll({ client, options }: Scene): Promise<void> {
  for (let mibDone = 0, number = 1; mibDone < options.startChunkMb; number += 1) {
    const fileMib = Math.min(fileMibMax, options.startChunkMb - mibDone);
    const source = new RandomBytes(pieceBytes);
    // A copy, because the client sends on while the next piece is made.
    const bytes = async function* (): AsyncGenerator<Uint8Array> {
      for (let i = 0; i < fileMib; i += 1) yield await Promise.resolve(Buffer.from(source.next()));
    };
    const header = { name: `bench-${String(number)}.bin`, sizeBytes: fileMib * mib };
    await client.resources.push(bytes(), { header });
    mibDone += fileMib;
    options.progress(`start: ${String(mibDone)} MiB uploaded`);
  }
}

async function submitAll({ client, options }: Scene): Promise<void> {
  let begun = 0;
  let done = 0;
  const [program = "", ...args] = jobCommand;
  const caller = async (): Promise<void> => {
    while (begun < options.startJobs) {
      begun += 1;
      const name = `bench-${String(begun)}`;
      await client.jobs.submit({ name, spec: { command: { command: [program] }, args } });
      done += 1;
      if (done % 10_000 === 0) options.progress(`start: ${String(done)} jobs submitted`);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
}

/** Resolves when exactly as many entries as wanted are behind the snapshot, or a few more that the server itself wrote. */
async function fillLog({ machine, client, options }: Scene): Promise<void> {
  for (;;) {
    const lacking = entriesLacking(await statusOf(machine), options.startEntries);
    if (lacking === 0) return;
    if (lacking === undefined) await push(client, { ...large, count: largePerLook });
    else await push(client, { ...small, count: lacking });
  }
}

async function prepare(machine: Machine, options: StartOptions): Promise<Record<string, number>> {
  const addresses = [machine.grpcAddress];
  const client = new QuorateClient({ addresses, exactlyOnce: false, actor: "bench" });
  const scene = { machine, client, options };
  const seconds: Record<string, number> = {};
  const steps = { upload: uploadAll, jobs: submitAll, log: fillLog };
  try {
    for (const [name, step] of Object.entries(steps)) {
      const beganMs = performance.now();
      await step(scene);
      seconds[name] = tenth((performance.now() - beganMs) / 1000);
      options.progress(`start: ${name} prepared in ${String(seconds[name])} s`);
    }
    return seconds;
  } finally {
    client.close();
  }
}

async function startOnce(machine: Machine, how: Departure): Promise<Start> {
  if (how === "stopped") await machine.stop();
  else await machine.lose();
  const spawnedMs = performance.now();
  machine.start();
  const readyMs = await until(
    `${machine.id} ready`,
    async () => ((await machine.isReady()) ? tenth(performance.now() - spawnedMs) : undefined),
    readyMsMax,
  );
  const usedMs = cpuMs(machine.serverPid() ?? machine.pid);
  await wait(settleMs);
  const memory = new MemoryWatch([machine]);
  memory.sample();
  return { how, readyMs, cpuMs: usedMs, rssBytes: memory.peaks()[machine.id] ?? 0 };
}

function describe({ how, readyMs, rssBytes }: Start): string {
  return `${how}: ready ${String(readyMs)} ms, memory at most ${String(Math.round(rssBytes / megabyte))} MB`;
}

export async function start(options: StartOptions): Promise<PartReport> {
  const { startJobs, startChunkMb, progress } = options;
  const cluster = await LocalCluster.start({ servers: 1, flags: ["--no-runner"] });
  try {
    const [machine] = cluster.machines;
    if (machine === undefined) throw new Error("the cluster has no server");
    const beganMs = performance.now();
    const prepareSeconds = await prepare(machine, options);
    const allSeconds = tenth((performance.now() - beganMs) / 1000);
    const { lastIndex, snapshotIndex } = await statusOf(machine);
    const found = {
      logEntriesBehindSnapshot: lastIndex - snapshotIndex,
      chunkDirectoryBytes: diskBytes(join(machine.dataDirectory, "chunks")),
      dataDirectoryBytes: diskBytes(machine.dataDirectory),
    };
    const starts: Start[] = [];
    for (const how of ["stopped", "killed"] as const) {
      const done = await startOnce(machine, how);
      starts.push(done);
      progress(`start, ${describe(done)}`);
    }
    return {
      part: "start",
      headline: `start with ${String(startJobs)} jobs, ${String(found.logEntriesBehindSnapshot)} log entries and ${String(startChunkMb)} MiB of chunks: ${starts.map(describe).join("; ")} (prepared in ${String(allSeconds)} s)`,
      data: {
        ...{ startJobs, startChunkMb, ...found, prepareSeconds, starts },
        goals: { readyMs: readyMsGoal, rssBytes: rssBytesGoal },
      },
      holds: startHolds(starts),
    };
  } finally {
    await cluster.destroy();
  }
}
