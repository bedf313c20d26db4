// The keys of the three databases (docs/reference/data-layout.md). Fixed width and big-endian: the order on
// disk is the order of indices and of arrivals.
//
// In log/ the entries come before the records that every batch rewrites. LevelDB merges files whose key
// ranges overlap; with a rewritten key in front of the entries, every flush would overlap with, and so
// rewrite, the whole log.
const twoTo32 = 0x1_0000_0000;

const entryKeyBytes = 9;
const entryPrefix = 0x01;
const statePrefix = 0x02;
const snapshotPrefix = 0x03;
const stateCopyPrefix = 0x04;

/** Of the group of entries that begins with `index`. */
export function entryKey(index: number): Uint8Array {
  const key = Buffer.allocUnsafe(entryKeyBytes);
  key[0] = entryPrefix;
  writeNumber(key, 1, index);
  return key;
}

/** The number in the key of a group of entries. */
export function readEntryKey(key: Uint8Array): number {
  return readNumber(asBuffer(key), 1);
}

export const entriesStart: Uint8Array = entryKey(0);
/** Above every entry. */
export const entriesEnd: Uint8Array = Uint8Array.of(statePrefix);
export const stateKey: Uint8Array = Uint8Array.of(statePrefix, 0);
export const snapshotKey: Uint8Array = Uint8Array.of(snapshotPrefix, 0);
export const stateCopyKey: Uint8Array = Uint8Array.of(stateCopyPrefix, 0);

const digestBytes = 32;
const arrivalBytes = 8;
const digestPrefix = 0x01;
const garbagePrefix = 0x02;
const nextPrefix = 0x03;

/** In chunks/: arrival number and digest; the digest makes the index rebuildable from the keys. */
export function chunkKey(arrival: number, digest: string): Uint8Array {
  const key = Buffer.allocUnsafe(arrivalBytes + digestBytes);
  writeNumber(key, 0, arrival);
  key.write(digest, arrivalBytes, "hex");
  return key;
}

/** Below every chunk that arrived at or after `arrival`. */
export function arrivalKey(arrival: number): Uint8Array {
  const key = Buffer.allocUnsafe(arrivalBytes);
  writeNumber(key, 0, arrival);
  return key;
}

export const chunksEnd: Uint8Array = Buffer.alloc(arrivalBytes, 0xff);

export interface ChunkAddress {
  readonly arrival: number;
  readonly digest: string;
}

/** Undefined when it is not a chunk's key. */
export function readChunkKey(key: Uint8Array): ChunkAddress | undefined {
  if (key.length !== arrivalBytes + digestBytes) return undefined;
  const bytes = asBuffer(key);
  return { arrival: readNumber(bytes, 0), digest: bytes.toString("hex", arrivalBytes) };
}

/** In chunk-index/: digest → arrival and length. */
export function digestKey(digest: string): Uint8Array {
  return prefixed(digestPrefix, Buffer.from(digest, "hex"));
}

/** In chunk-index/: bytes in chunks/ that nobody refers to any more. */
export function garbageKey(address: ChunkAddress): Uint8Array {
  return prefixed(garbagePrefix, chunkKey(address.arrival, address.digest));
}

/** In chunk-index/: the next arrival number. */
export const nextArrivalKey: Uint8Array = Uint8Array.of(nextPrefix);

export type IndexKey =
  | { readonly kind: "digest"; readonly digest: string }
  | { readonly kind: "garbage"; readonly address: ChunkAddress }
  | { readonly kind: "next" };

/** Undefined when it is none of our keys. */
export function readIndexKey(key: Uint8Array): IndexKey | undefined {
  const rest = asBuffer(key.subarray(1));
  if (key[0] === digestPrefix && rest.length === digestBytes) {
    return { kind: "digest", digest: rest.toString("hex") };
  }
  if (key[0] === nextPrefix && rest.length === 0) return { kind: "next" };
  const address = key[0] === garbagePrefix ? readChunkKey(rest) : undefined;
  return address === undefined ? undefined : { kind: "garbage", address };
}

/** Eight bytes, big-endian, of a safe integer ≥ 0. */
export function writeNumber(target: Buffer, at: number, value: number): void {
  target.writeUInt32BE(Math.floor(value / twoTo32), at);
  target.writeUInt32BE(value % twoTo32, at + 4);
}

/** What `writeNumber` wrote; damaged bytes may give numbers above 2^53, which callers compare, not use. */
export function readNumber(bytes: Buffer, at: number): number {
  return bytes.readUInt32BE(at) * twoTo32 + bytes.readUInt32BE(at + 4);
}

/** The same memory as a Buffer, for its readers of numbers. */
export function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function prefixed(prefix: number, rest: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(prefix), rest]);
}
