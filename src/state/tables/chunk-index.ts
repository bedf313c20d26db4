// Which chunks the store must keep, derived from committed versions (live) and open uploads (pinned).
import { assert } from "../../base/assert.ts";
import { compareStrings } from "../../base/bytes.ts";
import type { ChunkUse } from "../reader.ts";
import type { ChunkRef } from "../rows.ts";

interface Counts {
  sizeBytes: number;
  live: number;
  pinned: number;
}

export class ChunkIndex {
  readonly #uses = new Map<string, Counts>();
  #bytes = 0;

  /** Distinct chunks, live or pinned. */
  get size(): number {
    return this.#uses.size;
  }

  /** Sum of the sizes of the distinct chunks, live or pinned. */
  get totalBytes(): number {
    return this.#bytes;
  }

  get(digest: string): ChunkUse | undefined {
    return this.#uses.get(digest);
  }

  /** False when a digest has another size than what is known, or two sizes in the list. */
  agreesWith(chunks: readonly ChunkRef[]): boolean {
    const sizes = new Map<string, number>();
    for (const { digest, sizeBytes } of chunks) {
      const known = sizes.get(digest) ?? this.#uses.get(digest)?.sizeBytes ?? sizeBytes;
      if (known !== sizeBytes) return false;
      sizes.set(digest, sizeBytes);
    }
    return true;
  }

  addLive(chunks: readonly ChunkRef[]): void {
    for (const chunk of chunks) this.#of(chunk).live += 1;
  }

  dropLive(chunks: readonly ChunkRef[]): void {
    for (const chunk of chunks) {
      this.#of(chunk).live -= 1;
      this.#collect(chunk.digest);
    }
  }

  pin(chunks: readonly ChunkRef[]): void {
    for (const chunk of chunks) this.#of(chunk).pinned += 1;
  }

  unpin(chunks: readonly ChunkRef[]): void {
    for (const chunk of chunks) {
      this.#of(chunk).pinned -= 1;
      this.#collect(chunk.digest);
    }
  }

  /** Sorted. */
  digests(wanted: (use: ChunkUse) => boolean): readonly string[] {
    const found: string[] = [];
    for (const [digest, use] of this.#uses) if (wanted(use)) found.push(digest);
    return found.sort(compareStrings);
  }

  #of(chunk: ChunkRef): Counts {
    const known = this.#uses.get(chunk.digest);
    if (known !== undefined) {
      assert(known.sizeBytes === chunk.sizeBytes, "one digest has one size");
      return known;
    }
    const fresh = { sizeBytes: chunk.sizeBytes, live: 0, pinned: 0 };
    this.#uses.set(chunk.digest, fresh);
    this.#bytes += chunk.sizeBytes;
    return fresh;
  }

  #collect(digest: string): void {
    const use = this.#uses.get(digest);
    if (use === undefined || use.live > 0 || use.pinned > 0) return;
    assert(use.live === 0 && use.pinned === 0, "a chunk is released as often as it was taken");
    this.#uses.delete(digest);
    this.#bytes -= use.sizeBytes;
  }
}
