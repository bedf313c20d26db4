// Cuts a stream into chunks and windows of chunks, hashing as it goes. Memory is bounded by one window: the
// source is not read further until the consumer asks for the next one.
import { createHash, type Hash } from "node:crypto";
import type { ChunkRef } from "../state/rows.ts";
import { chunkBytes, uploadHalfWindowBytes } from "./limits.ts";

export interface HashedChunk {
  readonly digest: string;
  readonly bytes: Uint8Array;
}

/** What was read so far of the whole file. */
export class FileDigest {
  readonly #hash: Hash = createHash("sha256");
  #sizeBytes = 0;

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  add(bytes: Uint8Array): void {
    this.#hash.update(bytes);
    this.#sizeBytes += bytes.length;
  }

  /** SHA-256, hexadecimal; call it once, at the end. */
  finish(): string {
    return this.#hash.digest("hex");
  }
}

function hashed(bytes: Uint8Array): HashedChunk {
  return { digest: createHash("sha256").update(bytes).digest("hex"), bytes };
}

export const chunkRef = ({ digest, bytes }: HashedChunk): ChunkRef => ({
  digest,
  sizeBytes: bytes.length,
});

/** Chunks of exactly `chunkBytes`, the last one shorter; none for an empty stream. */
async function* chunked(
  source: AsyncIterable<Uint8Array>,
  whole: FileDigest,
): AsyncGenerator<HashedChunk> {
  let filling = new Uint8Array(chunkBytes);
  let filled = 0;
  for await (const piece of source) {
    whole.add(piece);
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(chunkBytes - filled, piece.length - at);
      filling.set(piece.subarray(at, at + taken), filled);
      filled += taken;
      at += taken;
      if (filled < chunkBytes) continue;
      yield hashed(filling);
      filling = new Uint8Array(chunkBytes);
      filled = 0;
    }
  }
  if (filled > 0) yield hashed(filling.subarray(0, filled));
}

interface Outcome<T> {
  readonly result?: IteratorResult<T, void>;
  readonly thrown?: unknown;
}

function outcome<T>(promise: Promise<IteratorResult<T, void>>): Promise<Outcome<T>> {
  return promise.then(
    (result) => ({ result }),
    (thrown: unknown) => ({ thrown }),
  );
}

/** Asks for the next item before the present one is handed out: the one is worked on while the other arrives. */
async function* ahead<T>(source: AsyncGenerator<T, void>): AsyncGenerator<T, void> {
  let next = outcome(source.next());
  try {
    for (;;) {
      const { result, thrown } = await next;
      if (result === undefined) throw thrown;
      if (result.done === true) return;
      next = outcome(source.next());
      yield result.value;
    }
  } finally {
    // Not awaited: a source that is stuck would never end.
    void outcome(source.return());
  }
}

/** Groups of chunks of half a window each; the next one arrives while the caller works on the present one. */
export function windows(
  source: AsyncIterable<Uint8Array>,
  whole: FileDigest,
): AsyncIterable<readonly HashedChunk[]> {
  return ahead(grouped(source, whole));
}

async function* grouped(
  source: AsyncIterable<Uint8Array>,
  whole: FileDigest,
): AsyncGenerator<readonly HashedChunk[], void> {
  let group: HashedChunk[] = [];
  let bytes = 0;
  for await (const chunk of chunked(source, whole)) {
    group.push(chunk);
    bytes += chunk.bytes.length;
    if (bytes < uploadHalfWindowBytes) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}
