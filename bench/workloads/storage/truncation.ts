// A long log pushed through the log store and cut behind every snapshot as a server does it: how much space the log takes at
// most for what it still holds, and how long an append ever waits for the cutting.
import { randomFillSync } from "node:crypto";
import { join } from "node:path";
import { diskBytes } from "../../lib/disk-usage.ts";
import { Latencies, type Percentiles } from "../../lib/report.ts";
import { withScratch } from "../../lib/scratch.ts";
import {
  gigabyte,
  hundredth,
  megabyte,
  mib,
  type PartReport,
  type Progress,
  wait,
} from "./parts.ts";
import { type BenchLog, entryOverheadBytes, newLog } from "./stores.ts";

export interface TruncationOptions {
  /** Pushed in all, in units of 10^9 bytes. */
  readonly logGb: number;
  readonly progress: Progress;
}

/** What the product promises. */
const sizeRatioGoal = 2;
const appendMsGoal = 500;
/**
 * What the log may take whatever it holds: LevelDB's two write buffers of 8 MiB lie on the disk as write-ahead logs, and less than
 * 16 MiB of dead bytes are not worth a merge (src/storage/level/open-log.ts, log-trimmer.ts).
 */
const fixedOverheadBytes: number = 2 * 8 * mib + 16 * mib;
/** `snapshotEntries`, `snapshotBytes` and `trailingEntries` of docs/operating/limits.md. */
const snapshotEntries = 50_000;
const snapshotBytes: number = 32 * mib;
const trailingEntries = 10_000;

const valueBytes = 1024;
const batchEntries = 64;
const sampleMs = 50;
const progressEveryBytes = 1_000_000_000;

export interface TruncationResult {
  /** Live: the entries from the first to the last that the log holds, with their keys and headers; most at any time. */
  readonly liveBytesMax: number;
  readonly directoryBytesMax: number;
  /** The same two at the moment when their ratio was worst, after the first compaction. */
  readonly worst: { readonly liveBytes: number; readonly directoryBytes: number };
  readonly appendMs: Percentiles;
}

export function truncationHolds({
  liveBytesMax,
  directoryBytesMax,
  appendMs,
}: TruncationResult): boolean {
  return (
    liveBytesMax > 0 &&
    directoryBytesMax <= sizeRatioGoal * liveBytesMax + fixedOverheadBytes &&
    appendMs.max <= appendMsGoal
  );
}

function liveBytesOf({ entries }: BenchLog): number {
  return entries * (valueBytes + entryOverheadBytes);
}

/** Looks at the directory from time to time: the largest sizes are those of a merge under way. */
class SizeWatch {
  readonly #directory: string;
  readonly #log: BenchLog;
  #timer: NodeJS.Timeout | undefined;
  liveBytesMax = 0;
  directoryBytesMax = 0;
  worst = { liveBytes: 0, directoryBytes: 0 };
  /** From the first compaction on: before, the ratio of an empty log would be the worst. */
  isCut = false;

  constructor(directory: string, modules: { readonly log: BenchLog }) {
    this.#directory = directory;
    this.#log = modules.log;
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.look();
    }, sampleMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  look(): void {
    const liveBytes = liveBytesOf(this.#log);
    const directoryBytes = diskBytes(this.#directory);
    this.liveBytesMax = Math.max(this.liveBytesMax, liveBytes);
    this.directoryBytesMax = Math.max(this.directoryBytesMax, directoryBytes);
    // Cross-multiplied, so that nothing is divided by zero.
    const isWorse = directoryBytes * this.worst.liveBytes > this.worst.directoryBytes * liveBytes;
    if (this.isCut && (this.worst.liveBytes === 0 || isWorse)) {
      this.worst = { liveBytes, directoryBytes };
    }
  }
}

interface Pushing {
  readonly log: BenchLog;
  readonly watch: SizeWatch;
  readonly totalBytes: number;
  readonly progress: Progress;
}

/** An append that is due while the log is being cut waits for that, as in a server's queue; the wait is part of it. */
async function push({ log, watch, totalBytes, progress }: Pushing): Promise<Latencies> {
  const values = Array.from({ length: batchEntries }, () =>
    randomFillSync(Buffer.allocUnsafeSlow(valueBytes)),
  );
  const batchBytes = batchEntries * valueBytes;
  const latencies = new Latencies();
  let snapshotIndex = 0;
  let told = 0;
  for (let pushed = 0; pushed < totalBytes; pushed += batchBytes) {
    const beganMs = performance.now();
    const since = log.lastIndex - snapshotIndex;
    if (since >= snapshotEntries || since * valueBytes >= snapshotBytes) {
      watch.look();
      snapshotIndex = log.lastIndex;
      await log.compact(trailingEntries);
      watch.isCut = true;
    }
    await log.append(values);
    latencies.add(performance.now() - beganMs);
    if (pushed - told < progressEveryBytes) continue;
    told = pushed;
    progress(`truncation: ${String(Math.round(pushed / gigabyte))} GB pushed`);
  }
  return latencies;
}

interface Run extends TruncationResult {
  readonly seconds: number;
  /** When nothing is written any more and what is worth it was given back. */
  readonly liveBytesAtRest: number;
  readonly directoryBytesAtRest: number;
}

async function run({ logGb, progress }: TruncationOptions): Promise<Run> {
  return await withScratch(async (directory) => {
    const log = await newLog(directory);
    const watch = new SizeWatch(join(directory, "log"), { log });
    watch.start();
    try {
      const beganMs = performance.now();
      const latencies = await push({ log, watch, totalBytes: logGb * gigabyte, progress });
      const seconds = Math.round((performance.now() - beganMs) / 100) / 10;
      const { liveBytesMax, directoryBytesMax, worst } = watch;
      await log.idle();
      await wait(sampleMs);
      const atRest = {
        liveBytesAtRest: liveBytesOf(log),
        directoryBytesAtRest: diskBytes(join(directory, "log")),
      };
      const appendMs = latencies.percentiles();
      return { liveBytesMax, directoryBytesMax, worst, appendMs, seconds, ...atRest };
    } finally {
      watch.stop();
      await log.close();
    }
  });
}

function inMb(bytes: number): string {
  return `${String(Math.round(bytes / megabyte))} MB`;
}

export async function truncation(options: TruncationOptions): Promise<PartReport> {
  const result = await run(options);
  const { liveBytesMax, directoryBytesMax, worst, appendMs } = result;
  const ratio = hundredth(directoryBytesMax / liveBytesMax);
  return {
    part: "truncation",
    headline: `log of ${String(options.logGb)} GB, cut behind snapshots: directory at most ${inMb(directoryBytesMax)} for at most ${inMb(liveBytesMax)} live (${String(ratio)} times; worst moment ${inMb(worst.directoryBytes)} for ${inMb(worst.liveBytes)}; fixed overhead ${inMb(fixedOverheadBytes)}); at rest ${inMb(result.directoryBytesAtRest)} for ${inMb(result.liveBytesAtRest)}; appends of ${String(batchEntries)} entries p99 ${String(appendMs.p99)} ms, longest ${String(appendMs.max)} ms`,
    data: {
      ...{ logGb: options.logGb, valueBytes, batchEntries },
      ...{ snapshotEntries, snapshotBytes, trailingEntries },
      ...result,
      ...{ ratio, fixedOverheadBytes },
      goals: { sizeRatio: sizeRatioGoal, appendMs: appendMsGoal },
    },
    holds: truncationHolds(result),
  };
}
