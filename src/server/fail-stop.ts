// The first failed write of the chunk store is final, as it is for the log: a server that cannot store bytes any more
// must not go on promising that it holds them.
import { QuorateError } from "../base/errors.ts";
import type { ChunkStore } from "../storage/contract.ts";

const writeFailed = "QUORATE_STORAGE_WRITE_FAILED";

/** `chunks`, with every failed write told to `onFatal` as well as to the caller. */
export function failStop(chunks: ChunkStore, onFatal: (error: unknown) => void): ChunkStore {
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof QuorateError && error.code === writeFailed) onFatal(error);
      throw error;
    }
  };
  return {
    put: (batch) => watched(chunks.put(batch)),
    get: (digest) => watched(chunks.get(digest)),
    has: (digest) => chunks.has(digest),
    remove: (digests) => watched(chunks.remove(digests)),
    digests: () => chunks.digests(),
    stats: () => chunks.stats(),
    close: () => chunks.close(),
  };
}
