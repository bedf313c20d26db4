import type { Entry } from "./types.ts";

/** What an entry costs besides its payload, roughly, in memory and on a wire: an empty entry is not free. */
export const entryOverheadBytes = 16;

/** Bytes of one entry as all limits of this room count them. */
export function entryBytes(entry: Entry): number {
  return entry.data.length + entryOverheadBytes;
}

/** Sum of `entryBytes`. */
export function entriesBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entryBytes(entry);
  return bytes;
}

/** Sum of the payloads alone: what proposals are charged for, so that empty entries are always accepted. */
export function payloadBytes(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entry.data.length;
  return bytes;
}

/** The longest prefix within `bytesMax`, but at least one entry; the input itself when all of it fits. */
export function limitBytes(entries: readonly Entry[], bytesMax: number): readonly Entry[] {
  let bytes = 0;
  for (let i = 0; i < entries.length; i += 1) {
    const entry = entries[i];
    bytes += entry === undefined ? 0 : entryBytes(entry);
    if (i > 0 && bytes > bytesMax) return entries.slice(0, i);
  }
  return entries;
}
