// Jar chunks into the chunk store: how fast, and how many bytes reach the disk for one that is stored. The same bytes into a
// plain file before and after, because the disk may be what bounds both.
import { createHash } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { writesAreQuiet, writtenBytes } from "../../lib/process-io.ts";
import { RandomBytes } from "../../lib/random-bytes.ts";
import { withScratch } from "../../lib/scratch.ts";
import { hundredth, mib, type PartReport, type Progress } from "./parts.ts";
import { type Chunk, newChunks } from "./stores.ts";

export interface ChunksOptions {
  /** Stored, in units of 2^20 bytes. */
  readonly chunkMb: number;
  readonly progress: Progress;
}

/** What the product promises. */
const mibPerSecondGoal = 250;
const amplificationGoal = 2.3;
/** A byte cannot be durable without being written: less means that the kernel does not count them here. */
const amplificationMin = 1;
const chunkBytes: number = 256 * 1024;
/** One put: half an upload's window, and the piece that a server cuts it into (docs/operating/limits.md). */
const putBytesAll: readonly number[] = [4 * mib, 2 * mib];

export interface ChunksResult {
  readonly putBytes: number;
  readonly mibPerSecond: number;
  /** Bytes written to the disk until the store was idle and closed ÷ bytes stored. */
  readonly amplification: number;
  /** The same bytes into a file with one fdatasync per put, right before and right after. */
  readonly fileMibPerSecond: readonly number[];
}

export function chunksHold(results: readonly ChunksResult[]): boolean {
  return (
    results.length > 0 &&
    results.every(
      ({ mibPerSecond, amplification }) =>
        mibPerSecond >= mibPerSecondGoal &&
        amplification >= amplificationMin &&
        amplification <= amplificationGoal,
    )
  );
}

type Size = { readonly totalBytes: number; readonly putBytes: number };

/** All that is written, made ahead: what makes it must not be time that the disk has for itself. */
class Load {
  readonly size: Size;
  readonly #source: RandomBytes;
  readonly #digests: string[] = [];

  constructor(size: Size) {
    this.size = size;
    this.#source = new RandomBytes(size.putBytes);
    for (let put = 0; put < size.totalBytes / size.putBytes; put += 1) {
      for (const bytes of cut(this.#source.next())) {
        this.#digests.push(createHash("sha256").update(bytes).digest("hex"));
      }
    }
  }

  /** MiB/s of all puts, one after the other. */
  async run(write: (chunks: readonly Chunk[]) => Promise<void>): Promise<number> {
    const { totalBytes, putBytes } = this.size;
    this.#source.rewind();
    let number = 0;
    const beganMs = performance.now();
    for (let written = 0; written < totalBytes; written += putBytes) {
      const pieces = cut(this.#source.next());
      await write(pieces.map((bytes) => ({ digest: this.#digests[number++] ?? "", bytes })));
    }
    return Math.round(totalBytes / mib / ((performance.now() - beganMs) / 1000));
  }
}

function cut(bytes: Buffer): readonly Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    pieces.push(bytes.subarray(at, at + chunkBytes));
  }
  return pieces;
}

async function intoFile(load: Load): Promise<number> {
  return await withScratch(async (directory) => {
    const file = await open(join(directory, "plain"), "a");
    try {
      return await load.run(async (chunks) => {
        await file.writev(chunks.map(({ bytes }) => bytes));
        await file.datasync();
      });
    } finally {
      await file.close();
    }
  });
}

type Stored = Pick<ChunksResult, "mibPerSecond" | "amplification">;

async function intoStore(load: Load): Promise<Stored> {
  return await withScratch(async (directory) => {
    const before = writtenBytes();
    const store = await newChunks(directory);
    let mibPerSecond = 0;
    try {
      mibPerSecond = await load.run((chunks) => store.put(chunks));
      await writesAreQuiet();
    } finally {
      await store.close();
    }
    const amplification = hundredth((writtenBytes() - before) / load.size.totalBytes);
    return { mibPerSecond, amplification };
  });
}

function describe({ putBytes, ...result }: ChunksResult): string {
  return `puts of ${String(putBytes / mib)} MiB: ${String(result.mibPerSecond)} MiB/s (plain file ${result.fileMibPerSecond.join(" before, ")} after), ${String(result.amplification)} bytes to the disk for one`;
}

export async function chunks({ chunkMb, progress }: ChunksOptions): Promise<PartReport> {
  const results: ChunksResult[] = [];
  for (const putBytes of putBytesAll) {
    const totalBytes = Math.ceil((chunkMb * mib) / putBytes) * putBytes;
    const load = new Load({ totalBytes, putBytes });
    const fileBefore = await intoFile(load);
    const stored = await intoStore(load);
    const result = { putBytes, ...stored, fileMibPerSecond: [fileBefore, await intoFile(load)] };
    results.push(result);
    progress(`chunks, ${describe(result)}`);
  }
  return {
    part: "chunks",
    headline: `${String(chunkMb)} MiB of chunks: ${results.map(describe).join("; ")}`,
    data: {
      ...{ chunkMb, chunkBytes, results },
      goals: { mibPerSecond: mibPerSecondGoal, amplification: amplificationGoal },
    },
    holds: chunksHold(results),
  };
}
