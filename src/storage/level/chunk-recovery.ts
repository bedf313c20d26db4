// Bringing chunks/ and chunk-index/ together at open. Bytes are synced before the index names them, and the
// index forgets them before they are deleted, so after a crash there can be bytes too many, never too few.
import { createHash } from "node:crypto";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { isUnreadable } from "./chunk-damage.ts";
import type { ChunkIndex, ChunkPlace } from "./chunk-index.ts";
import { encodeNext, encodePlace, readChunkIndex } from "./chunk-index.ts";
import type { Database } from "./database.ts";
import type { ChunkAddress } from "./keys.ts";
import {
  arrivalKey,
  chunkKey,
  chunksEnd,
  digestKey,
  garbageKey,
  nextArrivalKey,
  readChunkKey,
} from "./keys.ts";

export interface ChunkDatabases {
  readonly chunks: Database;
  readonly index: Database;
  readonly logger: Logger;
}

export interface RecoveredChunks {
  readonly places: Map<string, ChunkPlace>;
  readonly nextArrival: number;
}

export function sha256Hex(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** Deletes bytes that nobody refers to, then the notes about them. */
export async function deleteBytes(
  { chunks, index }: Pick<ChunkDatabases, "chunks" | "index">,
  addresses: readonly ChunkAddress[],
): Promise<void> {
  if (addresses.length === 0) return;
  const bytes = chunks.batch("small");
  for (const { arrival, digest } of addresses) bytes.del(chunkKey(arrival, digest));
  await bytes.commit();
  const notes = index.batch("small");
  for (const address of addresses) notes.del(garbageKey(address));
  await notes.commit();
}

/**
 * Bytes of a `put` that a crash kept out of the index: it was never acknowledged, so they go. Behind a table that cannot be
 * read they stay, and only take room.
 */
async function findOrphans(
  { chunks, logger }: ChunkDatabases,
  nextArrival: number,
): Promise<ChunkAddress[]> {
  const orphans: ChunkAddress[] = [];
  try {
    for await (const page of chunks.keyPages(arrivalKey(nextArrival), chunksEnd)) {
      for (const key of page) {
        const address = readChunkKey(key);
        if (address !== undefined) orphans.push(address);
      }
    }
  } catch (error) {
    if (!isUnreadable(error)) throw error;
    logger.warn({ error: messageOf(error) }, "the end of the chunks cannot be read");
  }
  return orphans;
}

/** Reads and verifies all chunks and writes the index anew; chunks that are damaged are dropped. */
async function rebuild({ chunks, index, logger }: ChunkDatabases): Promise<ChunkIndex> {
  const places = new Map<string, ChunkPlace>();
  const garbage: ChunkAddress[] = [];
  let nextArrival = 1;
  for await (const page of chunks.pages(arrivalKey(0), chunksEnd)) {
    for (const [key, bytes] of page) {
      const address = readChunkKey(key);
      if (address === undefined) continue;
      nextArrival = address.arrival + 1;
      const isKept = !places.has(address.digest) && sha256Hex(bytes) === address.digest;
      if (!isKept) garbage.push(address);
      else places.set(address.digest, { arrival: address.arrival, lengthBytes: bytes.length });
    }
  }
  const batch = index.batch("small");
  for await (const page of index.keyPages(digestKey(""), nextArrivalKey)) {
    for (const key of page) batch.del(key);
  }
  for (const address of garbage) batch.put(garbageKey(address), new Uint8Array(0));
  for (const [digest, place] of places) batch.put(digestKey(digest), encodePlace(digest, place));
  batch.put(nextArrivalKey, encodeNext(nextArrival));
  await batch.commit();
  if (nextArrival > 1) {
    logger.info({ chunks: places.size, dropped: garbage.length }, "chunk index built again");
  }
  return { places, garbage, nextArrival };
}

/**
 * True when the newest bytes that the index promises are not there: bytes are synced before the index names them, so the
 * database of the bytes has forgotten its newest writes, which LevelDB does without a word when its manifest ends early.
 */
async function lacksNewest({ chunks }: ChunkDatabases, index: ChunkIndex): Promise<boolean> {
  let newest: ChunkAddress | undefined;
  for (const [digest, { arrival }] of index.places) {
    if (arrival > (newest?.arrival ?? 0)) newest = { arrival, digest };
  }
  if (newest === undefined) return false;
  try {
    return (await chunks.get(chunkKey(newest.arrival, newest.digest))) === undefined;
  } catch (error) {
    // There, and damaged: whoever wants to read it will find that out.
    if (isUnreadable(error)) return false;
    throw error;
  }
}

/** The index as it is true for the bytes that are there. `isDoubtful`: one of the databases lost writes. */
export async function recoverChunks(
  databases: ChunkDatabases,
  isDoubtful: boolean,
): Promise<RecoveredChunks> {
  const read = isDoubtful ? undefined : await readChunkIndex(databases.index);
  const isTrue = read !== undefined && !(await lacksNewest(databases, read));
  const { places, garbage, nextArrival } = isTrue ? read : await rebuild(databases);
  const orphans = await findOrphans(databases, nextArrival);
  await deleteBytes(databases, [...garbage, ...orphans]);
  const last = orphans.at(-1)?.arrival ?? 0;
  return { places, nextArrival: Math.max(nextArrival, last + 1) };
}
