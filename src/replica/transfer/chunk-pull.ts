// Fetches chunks that this server lacks from its peers. The bytes in memory are bounded by `chunkWindowBytes`:
// one half is written (one synced batch) while the other half arrives, and the stream is not read further
// until there is room. Every chunk is checked against its digest by the store; a peer that sends anything else
// is not asked for it again.
import { messageOf, type QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { Chunk, ChunkStore } from "../../storage/contract.ts";
import type { PullPiece, PullSource, Transport } from "../../transport/contract.ts";
import { chunkBytesMax, chunksPerPullMax, chunkWindowBytes } from "../limits.ts";

export interface ChunkPullModules {
  readonly chunks: Pick<ChunkStore, "put" | "has">;
  readonly transport: Pick<Transport, "pull">;
  readonly logger: Logger;
}

const wrongDigest = "QUORATE_STORAGE_DIGEST_MISMATCH";

/** A failed write is nobody else's fault: asking another peer would not help. */
class StoreFailed extends Error {
  override readonly name = "StoreFailed";
  readonly thrown: Error;

  constructor(thrown: unknown) {
    super("the chunk store failed");
    this.thrown = thrown instanceof Error ? thrown : new Error(String(thrown));
  }
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** Puts the pieces of one pull together: whole chunks, in the order asked for. */
async function* assemble(
  pieces: AsyncIterable<PullPiece>,
  digests: readonly string[],
): AsyncGenerator<Chunk> {
  let parts: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    parts.push(piece.bytes);
    length += piece.bytes.length;
    if (length > chunkBytesMax) return;
    if (!piece.end && !piece.missing) continue;
    const digest = digests[piece.item];
    if (digest !== undefined && !piece.missing) yield { digest, bytes: join(parts, length) };
    parts = [];
    length = 0;
  }
}

export class ChunkPull {
  readonly #modules: ChunkPullModules;

  constructor(modules: ChunkPullModules) {
    this.#modules = modules;
  }

  /**
   * Asks `peers` one after the other for the digests that are not here yet; resolves with those that none of
   * them could deliver. Rejects only when this server's own store fails.
   */
  async fetch(digests: readonly string[], peers: readonly PeerId[]): Promise<readonly string[]> {
    let missing = this.#lacking(digests);
    for (const peer of peers) {
      if (missing.length === 0) break;
      await this.#fetchFrom(peer, missing);
      missing = this.#lacking(missing);
    }
    return missing;
  }

  #lacking(digests: readonly string[]): readonly string[] {
    return [...new Set(digests)].filter((digest) => !this.#modules.chunks.has(digest));
  }

  async #fetchFrom(peer: PeerId, digests: readonly string[]): Promise<void> {
    for (let at = 0; at < digests.length; at += chunksPerPullMax) {
      const asked = digests.slice(at, at + chunksPerPullMax);
      try {
        await this.#store(assemble(this.#pull(peer, asked), asked));
      } catch (thrown) {
        if (thrown instanceof StoreFailed) throw thrown.thrown;
        this.#modules.logger.warn(
          { peer, error: messageOf(thrown) },
          "a pull of chunks ended early",
        );
        return;
      }
    }
  }

  #pull(peer: PeerId, digests: readonly string[]): AsyncIterable<PullPiece> {
    const source: PullSource = { kind: "chunks", digests };
    return this.#modules.transport.pull(peer, source);
  }

  /** Writes half a window while the next half arrives. */
  async #store(arriving: AsyncIterable<Chunk>): Promise<void> {
    let batch: Chunk[] = [];
    let bytes = 0;
    let writing: Promise<void> = Promise.resolve();
    try {
      for await (const chunk of arriving) {
        batch.push(chunk);
        bytes += chunk.bytes.length;
        if (bytes < chunkWindowBytes / 2) continue;
        await writing;
        writing = this.#put(batch);
        writing.catch(() => undefined);
        batch = [];
        bytes = 0;
      }
    } finally {
      await writing;
      if (batch.length > 0) await this.#put(batch);
    }
  }

  async #put(batch: readonly Chunk[]): Promise<void> {
    try {
      await this.#modules.chunks.put(batch);
    } catch (thrown) {
      if (!isWrongDigest(thrown)) throw new StoreFailed(thrown);
      await this.#putOneByOne(batch);
    }
  }

  /** The store refuses a batch with a wrong chunk whole: the good ones are kept all the same. */
  async #putOneByOne(batch: readonly Chunk[]): Promise<void> {
    for (const chunk of batch) {
      try {
        await this.#modules.chunks.put([chunk]);
      } catch (thrown) {
        if (!isWrongDigest(thrown)) throw new StoreFailed(thrown);
        this.#modules.logger.warn({ digest: chunk.digest }, "a peer sent a chunk with other bytes");
      }
    }
  }
}

function isWrongDigest(thrown: unknown): boolean {
  return (thrown as Partial<QuorateError>).code === wrongDigest;
}
