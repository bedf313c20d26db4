// Which chunks are here and where: digest → arrival number and length, in a small database of its own, and
// all of it in memory. It is derived data: it can be built again from the keys of chunks/.
import { crc32 } from "node:zlib";
import type { Database } from "./database.ts";
import type { ChunkAddress } from "./keys.ts";
import {
  asBuffer,
  digestKey,
  nextArrivalKey,
  readIndexKey,
  readNumber,
  writeNumber,
} from "./keys.ts";

export interface ChunkPlace {
  readonly arrival: number;
  readonly lengthBytes: number;
}

const recordBytes = 8 + 4 + 4;

/** Arrival, length and a checksum over both and the digest. */
export function encodePlace(digest: string, place: ChunkPlace): Uint8Array {
  const record = Buffer.alloc(recordBytes);
  writeNumber(record, 0, place.arrival);
  record.writeUInt32BE(place.lengthBytes, 8);
  record.writeUInt32BE(crc32(record.subarray(0, 12), crc32(digest)), 12);
  return record;
}

function decodePlace(digest: string, value: Uint8Array): ChunkPlace | undefined {
  if (value.length !== recordBytes) return undefined;
  const record = asBuffer(value);
  if (crc32(record.subarray(0, 12), crc32(digest)) !== record.readUInt32BE(12)) return undefined;
  return { arrival: readNumber(record, 0), lengthBytes: record.readUInt32BE(8) };
}

/** The next arrival number, guarded like a place. */
export function encodeNext(arrival: number): Uint8Array {
  return encodePlace("", { arrival, lengthBytes: 0 });
}

export interface ChunkIndex {
  readonly places: Map<string, ChunkPlace>;
  /** Bytes in chunks/ that a removal was about to delete. */
  readonly garbage: ChunkAddress[];
  readonly nextArrival: number;
}

/** Undefined when it is empty or damaged: then it has to be built again. */
export async function readChunkIndex(database: Database): Promise<ChunkIndex | undefined> {
  const places = new Map<string, ChunkPlace>();
  const garbage: ChunkAddress[] = [];
  for await (const page of database.pages(digestKey(""), nextArrivalKey)) {
    for (const [key, value] of page) {
      const parsed = readIndexKey(key);
      if (parsed?.kind === "garbage") {
        garbage.push(parsed.address);
        continue;
      }
      const place = parsed?.kind === "digest" ? decodePlace(parsed.digest, value) : undefined;
      if (parsed?.kind !== "digest" || place === undefined) return undefined;
      places.set(parsed.digest, place);
    }
  }
  const next = await database.get(nextArrivalKey);
  const nextArrival = next === undefined ? undefined : decodePlace("", next)?.arrival;
  return nextArrival === undefined ? undefined : { places, garbage, nextArrival };
}
