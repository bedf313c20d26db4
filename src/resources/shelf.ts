// The chunks on this server's disk, with one rule on top of the store: while something is being removed, nothing is
// written or looked up for a receipt, so that a chunk that was just reserved again cannot vanish under its receipt.
import type { HashedChunk } from "./chunker.ts";

/** What the room needs of a chunk store; the storage room's has this shape. */
export interface Chunks {
  put(chunks: readonly HashedChunk[]): Promise<void>;
  get(digest: string): Promise<Uint8Array | undefined>;
  has(digest: string): boolean;
  remove(digests: readonly string[]): Promise<void>;
  digests(): readonly string[];
}

export class Shelf {
  readonly #chunks: Chunks;
  #removing: Promise<void> = Promise.resolve();

  constructor(chunks: Chunks) {
    this.#chunks = chunks;
  }

  async put(chunks: readonly HashedChunk[]): Promise<void> {
    await this.#removing;
    await this.#chunks.put(chunks);
  }

  get(digest: string): Promise<Uint8Array | undefined> {
    return this.#chunks.get(digest);
  }

  /** Digests of the list that are not here. */
  async lacking(digests: readonly string[]): Promise<readonly string[]> {
    await this.#removing;
    return [...new Set(digests)].filter((digest) => !this.#chunks.has(digest));
  }

  /** Removes what `isNeeded` does not want, decided in the turn in which the removal begins. */
  async collect(isNeeded: (digest: string) => boolean): Promise<number> {
    await this.#removing;
    const unwanted = this.#chunks.digests().filter((digest) => !isNeeded(digest));
    if (unwanted.length === 0) return 0;
    const removal = this.#chunks.remove(unwanted);
    // Others only wait for its end; whether it failed is told to the caller, and the store fails every later write.
    this.#removing = removal.then(
      () => undefined,
      () => undefined,
    );
    await removal;
    return unwanted.length;
  }
}
