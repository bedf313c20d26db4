// A chunk can be found damaged by whoever reads it: a download, a peer's pull, the scrub. All of them read through this, so
// that damage is counted and the keeper is told, whoever met it first.
import { QuorateError } from "../base/errors.ts";
import type { HashedChunk } from "./chunker.ts";
import type { Chunks } from "./shelf.ts";

/** What the store says of a damaged chunk. */
export const corruptChunk = "QUORATE_STORAGE_CORRUPT_CHUNK";

/** A whole chunk store; the storage room's has this shape. */
export interface StoredChunks extends Chunks {
  stats(): { readonly chunks: number; readonly bytes: number };
  close(): Promise<void>;
}

/** True when `error` says that a stored chunk is damaged: it has left the inventory then. */
export function isDamage(error: unknown): boolean {
  return error instanceof QuorateError && error.code === corruptChunk;
}

/** Counts since the start of this server. */
export interface DamageCounts {
  readonly damaged: number;
  readonly repaired: number;
}

export class ChunkWatch implements StoredChunks {
  readonly #chunks: StoredChunks;
  readonly #unrepaired = new Set<string>();
  readonly #listeners = new Set<(digest: string) => void>();
  #damaged = 0;
  #repaired = 0;

  constructor(chunks: StoredChunks) {
    this.#chunks = chunks;
  }

  counts(): DamageCounts {
    this.#noteRepairs();
    return { damaged: this.#damaged, repaired: this.#repaired };
  }

  /** `listener` is told every damaged chunk, in the turn in which it was found; returns the unsubscriber. */
  onDamaged(listener: (digest: string) => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    try {
      return await this.#chunks.get(digest);
    } catch (error) {
      if (isDamage(error)) this.#found(digest);
      throw error;
    }
  }

  async put(batch: readonly HashedChunk[]): Promise<void> {
    await this.#chunks.put(batch);
    this.#noteRepairs();
  }

  has(digest: string): boolean {
    return this.#chunks.has(digest);
  }

  async remove(digests: readonly string[]): Promise<void> {
    this.#noteRepairs();
    await this.#chunks.remove(digests);
    for (const digest of digests) this.#unrepaired.delete(digest);
  }

  digests(): readonly string[] {
    return this.#chunks.digests();
  }

  stats(): { readonly chunks: number; readonly bytes: number } {
    return this.#chunks.stats();
  }

  close(): Promise<void> {
    return this.#chunks.close();
  }

  #noteRepairs(): void {
    for (const digest of this.#unrepaired) {
      if (this.has(digest) && this.#unrepaired.delete(digest)) this.#repaired += 1;
    }
  }

  #found(digest: string): void {
    this.#damaged += 1;
    this.#unrepaired.add(digest);
    for (const listener of this.#listeners) listener(digest);
  }
}
