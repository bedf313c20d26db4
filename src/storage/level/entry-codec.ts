// Log entries as LevelDB values: entries of one append lie together, one behind the other, in groups of bounded size under the
// number of the first. What LevelDB costs for each value, it costs for a group then.
//
// The checksum of an entry covers everything of it after itself, also the checksum of the entry before: so it is at the same
// time the hash of the chain up to here, and an entry that is intact but does not belong here (a stale version, a neighbour's
// bytes) is noticed as well as a flipped bit.
//
//   0 checksum u32 · 4 checksum of the previous entry u32 · 8 index u64 · 16 term u64 · 24 type u8 ·
//   25 payload length u32 · 29 payload                                                (all big-endian)
import { crc32 } from "node:zlib";
import type { Index, Term } from "../../base/numbers.ts";
import type { Entry, EntryType } from "../../raft/types.ts";
import { storageErrors } from "../errors.ts";
import { asBuffer, readNumber } from "./keys.ts";
import { checksumOf, setNumber, type TwoViews } from "./two-views.ts";

const entryHeaderBytes = 29;
/** A group ends before this is exceeded; an entry that is larger is a group of its own. */
export const groupBytesMax: number = 32 * 1024;
const checksumBytes = 4;
const lengthAt = 25;

const typeCodes: Readonly<Record<EntryType, number>> = { normal: 0, membership: 1 };
const typesByCode: readonly EntryType[] = ["normal", "membership"];

/** What an entry with such a payload takes. */
export function entryBytes(payloadBytes: number): number {
  return entryHeaderBytes + payloadBytes;
}

/** Writes `entry` at `at`, where there is room for it; returns its checksum. */
export function encodeEntry(
  target: TwoViews,
  at: number,
  chained: { readonly entry: Entry; readonly previous: number },
): number {
  const { entry, previous } = chained;
  const { bytes, view } = target;
  view.setUint32(at + 4, previous);
  setNumber(view, at + 8, entry.index);
  setNumber(view, at + 16, entry.term);
  bytes[at + 24] = typeCodes[entry.type];
  view.setUint32(at + lengthAt, entry.data.length);
  bytes.set(entry.data, at + entryHeaderBytes);
  const end = at + entryHeaderBytes + entry.data.length;
  const checksum = checksumOf(target, at + checksumBytes, end);
  view.setUint32(at, checksum);
  return checksum;
}

export interface StoredEntry {
  readonly entry: Entry;
  readonly checksum: number;
  /** Checksum of the entry before it. */
  readonly previous: number;
  /** Where in its group it begins and ends. */
  readonly from: number;
  readonly to: number;
}

function damaged(index: number, what: string): never {
  throw storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} ${what}`, { fields: { index } });
}

/** Where the entry at `from` ends by its own word; undefined when that is not in the group. */
export function statedEnd(group: Buffer, from: number): number | undefined {
  if (from + entryHeaderBytes > group.length) return undefined;
  const end = from + entryBytes(group.readUInt32BE(from + lengthAt));
  return end <= group.length ? end : undefined;
}

/** Whose number the entry at `from` carries by its own word; undefined when the group ends before. */
export function statedIndex(group: Buffer, from: number): number | undefined {
  return from + entryHeaderBytes > group.length ? undefined : readNumber(group, from + 8);
}

/**
 * The entry `index`, which begins at `from` of its group. Throws CORRUPT_ENTRY when it is not what `encodeEntry` wrote there. The
 * payload of an entry that is alone shares memory with `group`, another one is a copy: it must not hold on to all the others.
 */
export function decodeEntry(group: Buffer, from: number, index: number): StoredEntry {
  const to = statedEnd(group, from);
  if (to === undefined) return damaged(index, "is cut short");
  const checksum = group.readUInt32BE(from);
  if (crc32(group.subarray(from + checksumBytes, to)) !== checksum)
    return damaged(index, "does not match its checksum");
  const type = typesByCode[group[from + 24] ?? typesByCode.length];
  if (statedIndex(group, from) !== index)
    return damaged(index, "carries the number of another entry");
  if (type === undefined) return damaged(index, "has a header that this program does not know");
  const payload = group.subarray(from + entryHeaderBytes, to);
  const entry: Entry = {
    index: index as Index,
    term: readNumber(group, from + 16) as Term,
    type,
    data: from === 0 && to === group.length ? payload : new Uint8Array(payload),
  };
  return { entry, checksum, previous: group.readUInt32BE(from + 4), from, to };
}

/**
 * The entries of the group under the key of `first`, in order. Throws CORRUPT_ENTRY at one that is damaged, and when there is no
 * such group.
 */
export function* decodeGroup(
  value: Uint8Array | undefined,
  first: number,
): Generator<StoredEntry, void> {
  if (value === undefined) return damaged(first, "is missing");
  const group = asBuffer(value);
  let from = 0;
  let index = first;
  do {
    const stored = decodeEntry(group, from, index);
    yield stored;
    from = stored.to;
    index += 1;
  } while (from < group.length);
}

/** Throws CORRUPT_ENTRY unless `stored` follows an entry with the checksum `expected`. */
export function checkChain(stored: StoredEntry, expected: number): void {
  if (stored.previous !== expected)
    damaged(stored.entry.index, "does not follow the entry before it");
}
