// One log entry as a LevelDB value. The checksum covers everything after itself, also the checksum of the
// entry before: so it is at the same time the hash of the chain up to here, and an entry that is intact but
// does not belong here (a stale version, a neighbour's bytes) is noticed as well as a flipped bit.
//
//   0 checksum u32 · 4 checksum of the previous entry u32 · 8 index u64 · 16 term u64 · 24 type u8 ·
//   25 payload length u32 · 29 payload                                                (all big-endian)
import { crc32 } from "node:zlib";
import type { Index, Term } from "../../base/numbers.ts";
import type { Entry, EntryType } from "../../raft/types.ts";
import { crcOf } from "../crc.ts";
import { storageErrors } from "../errors.ts";
import { asBuffer, readNumber, writeNumber } from "./keys.ts";

export const entryHeaderBytes = 29;
const checksumBytes = 4;

const typeCodes: Readonly<Record<EntryType, number>> = { normal: 0, membership: 1 };
const typesByCode: readonly EntryType[] = ["normal", "membership"];

/** Exactly the bytes of one value, seen in two ways. */
export interface ValueBytes {
  readonly value: Buffer;
  readonly view: DataView;
}

const ownCrc32 = crcOf(0xedb88320);
/** Up to here the own sum is quicker than a call to zlib's, which is the same. */
const ownCrcBytesMax = 1024;

function checksumOf({ value, view }: ValueBytes): number {
  if (value.length <= ownCrcBytesMax) return ownCrc32(view, checksumBytes, value.length);
  return crc32(value.subarray(checksumBytes));
}

/** Writes `entry` into `target`, which has room for header and payload and no more; returns its checksum. */
export function encodeEntry(
  target: ValueBytes,
  chained: { readonly entry: Entry; readonly previous: number },
): number {
  const { entry, previous } = chained;
  const { value, view } = target;
  view.setUint32(4, previous);
  writeNumber(value, 8, entry.index);
  writeNumber(value, 16, entry.term);
  value[24] = typeCodes[entry.type];
  view.setUint32(25, entry.data.length);
  value.set(entry.data, entryHeaderBytes);
  const checksum = checksumOf(target);
  view.setUint32(0, checksum);
  return checksum;
}

export interface StoredEntry {
  readonly entry: Entry;
  readonly checksum: number;
  /** Checksum of the entry before it. */
  readonly previous: number;
}

function damaged(index: number, what: string): never {
  throw storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} ${what}`, { fields: { index } });
}

/**
 * The entry stored under the key of `index`. Throws CORRUPT_ENTRY when it is missing or is not what
 * `encodeEntry` wrote there. The payload shares memory with `value`.
 */
export function decodeEntry(value: Uint8Array | undefined, index: number): StoredEntry {
  if (value === undefined) return damaged(index, "is missing");
  if (value.length < entryHeaderBytes) return damaged(index, "is cut short");
  const bytes = asBuffer(value);
  const checksum = bytes.readUInt32BE(0);
  if (crc32(bytes.subarray(checksumBytes)) !== checksum)
    return damaged(index, "does not match its checksum");
  const type = typesByCode[bytes[24] ?? typesByCode.length];
  const length = bytes.readUInt32BE(25);
  if (readNumber(bytes, 8) !== index) return damaged(index, "carries the number of another entry");
  if (type === undefined || length !== bytes.length - entryHeaderBytes) {
    return damaged(index, "has a header that this program does not know");
  }
  const entry: Entry = {
    index: index as Index,
    term: readNumber(bytes, 16) as Term,
    type,
    data: value.subarray(entryHeaderBytes),
  };
  return { entry, checksum, previous: bytes.readUInt32BE(4) };
}

/** Throws CORRUPT_ENTRY unless `stored` follows an entry with the checksum `expected`. */
export function checkChain(stored: StoredEntry, expected: number): void {
  if (stored.previous !== expected)
    damaged(stored.entry.index, "does not follow the entry before it");
}
