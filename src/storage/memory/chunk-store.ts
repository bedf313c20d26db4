// Chunks in memory, verified like those on the disk.
import { createHash } from "node:crypto";
import { compareStrings } from "../../base/bytes.ts";
import { checkChunks } from "../chunk-rules.ts";
import type { Chunk, ChunkStore } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { WriteGate } from "../write-gate.ts";
import type { MemoryDevice } from "./device.ts";

export interface MemoryChunkStoreModules {
  readonly device: MemoryDevice;
  /** Durable content: digest → bytes. */
  readonly content: Map<string, Uint8Array>;
}

/** What the removal of a chunk writes, for the device's schedule. */
const removalBytes = 64;

function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

export class MemoryChunkStore implements ChunkStore {
  readonly #device: MemoryDevice;
  readonly #content: Map<string, Uint8Array>;
  readonly #damaged = new Set<string>();
  readonly #gate = new WriteGate({ store: "the chunk store" });

  constructor(modules: MemoryChunkStoreModules) {
    this.#device = modules.device;
    this.#content = modules.content;
  }

  async put(chunks: readonly Chunk[]): Promise<void> {
    this.#gate.check();
    checkChunks(chunks);
    for (const { digest, bytes } of chunks) {
      const found = sha256Hex(bytes);
      if (found === digest) continue;
      throw storageErrors.DIGEST_MISMATCH(
        `a chunk announced as ${digest} has the digest ${found}`,
        {
          fields: { digest, found },
        },
      );
    }
    await this.#gate.exclusive(() => this.#store(chunks));
  }

  async get(digest: string): Promise<Uint8Array | undefined> {
    this.#gate.check();
    const bytes = this.has(digest) ? this.#content.get(digest) : undefined;
    if (bytes === undefined || sha256Hex(bytes) === digest) return Promise.resolve(bytes);
    this.#damaged.add(digest);
    throw storageErrors.CORRUPT_CHUNK(`the stored chunk ${digest} does not match its digest`, {
      fields: { digest },
    });
  }

  has(digest: string): boolean {
    return this.#content.has(digest) && !this.#damaged.has(digest);
  }

  async remove(digests: readonly string[]): Promise<void> {
    await this.#gate.exclusive(() =>
      this.#gate.io(() =>
        this.#device.write(digests.length * removalBytes, () => {
          for (const digest of digests) this.#content.delete(digest);
        }),
      ),
    );
  }

  digests(): readonly string[] {
    return [...this.#content.keys()].filter((digest) => this.has(digest)).sort(compareStrings);
  }

  stats(): { readonly chunks: number; readonly bytes: number } {
    let bytes = 0;
    const digests = this.digests();
    for (const digest of digests) bytes += this.#content.get(digest)?.length ?? 0;
    return { chunks: digests.length, bytes };
  }

  async close(): Promise<void> {
    await this.#gate.close();
  }

  async #store(chunks: readonly Chunk[]): Promise<void> {
    const missing = chunks.filter(({ digest }) => !this.has(digest));
    if (missing.length === 0) return;
    let sizeBytes = 0;
    for (const { bytes } of missing) sizeBytes += bytes.length;
    await this.#gate.io(() =>
      this.#device.write(sizeBytes, () => {
        for (const { digest, bytes } of missing) this.#content.set(digest, Buffer.from(bytes));
      }),
    );
    for (const { digest } of missing) this.#damaged.delete(digest);
  }
}
