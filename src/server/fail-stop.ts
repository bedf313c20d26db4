// Failures of the stores that the server must not survive, told to it as well as to the caller, who may be anybody: a peer
// that pulls, an upload, the scrub.
import { QuorateError } from "../base/errors.ts";
import type { ChunkStore, SnapshotStore } from "../storage/contract.ts";

const writeFailed = "QUORATE_STORAGE_WRITE_FAILED";
const corruptSnapshot = "QUORATE_STORAGE_CORRUPT_SNAPSHOT";

async function watched<T>(
  work: Promise<T>,
  code: string,
  onFatal: (error: unknown) => void,
): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof QuorateError && error.code === code) onFatal(error);
    throw error;
  }
}

/**
 * The first failed write of the chunk store is final, as it is for the log: a server that cannot store bytes any more must
 * not go on promising that it holds them.
 */
export function failStop(chunks: ChunkStore, onFatal: (error: unknown) => void): ChunkStore {
  const write = <T>(work: Promise<T>): Promise<T> => watched(work, writeFailed, onFatal);
  return {
    put: (batch) => write(chunks.put(batch)),
    get: (digest) => write(chunks.get(digest)),
    has: (digest) => chunks.has(digest),
    remove: (digests) => write(chunks.remove(digests)),
    digests: () => chunks.digests(),
    stats: () => chunks.stats(),
    close: () => chunks.close(),
  };
}

/**
 * A damaged snapshot is damage of the server's data: whoever is served by it learns only that this server cannot, and the
 * next start would begin with it.
 */
export function stopAtDamage(
  snapshots: SnapshotStore,
  onFatal: (error: unknown) => void,
): SnapshotStore {
  return {
    latest: () => snapshots.latest(),
    create: (meta) => snapshots.create(meta),
    read: (...range) => watched(snapshots.read(...range), corruptSnapshot, onFatal),
    close: () => snapshots.close(),
  };
}
