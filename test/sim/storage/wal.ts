// LevelDB's write-ahead log, written and read as LevelDB 1.20 does (doc/log_format.md): with its forgiveness, too. A record
// with a wrong checksum is dropped with the rest of its block, and nobody is told.
import { crc32c, maskCrc32c } from "../../../src/storage/crc32c.ts";

export interface WalOperation {
  readonly key: Buffer;
  /** Undefined = deleted. */
  readonly value: Buffer | undefined;
}

/** Where a record lies in the file, from its first header to its last byte. */
export interface WalSpan {
  readonly from: number;
  readonly to: number;
  /** Byte ranges of its fragments' payloads. */
  readonly payloads: readonly { readonly from: number; readonly to: number }[];
}

const blockBytes = 32 * 1024;
const headerBytes = 7;
const batchHeaderBytes = 12;
const twoTo32 = 0x1_0000_0000;
const putTag = 1;
const deleteTag = 0;

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** A batch as the payload of one record. `sequence` is the number of its first operation. */
export function encodeBatch(sequence: number, operations: readonly WalOperation[]): Buffer {
  const header = Buffer.alloc(batchHeaderBytes);
  header.writeUInt32LE(sequence % twoTo32, 0);
  header.writeUInt32LE(Math.floor(sequence / twoTo32), 4);
  header.writeUInt32LE(operations.length, 8);
  const parts: Buffer[] = [header];
  for (const { key, value } of operations) {
    parts.push(Buffer.of(value === undefined ? deleteTag : putTag), varint(key.length), key);
    if (value !== undefined) parts.push(varint(value.length), value);
  }
  return Buffer.concat(parts);
}

class BatchReader {
  readonly #bytes: Buffer;
  #at = batchHeaderBytes;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  operations(): WalOperation[] {
    const found: WalOperation[] = [];
    while (this.#at < this.#bytes.length) {
      const tag = this.#bytes[this.#at];
      this.#at += 1;
      const key = this.#piece();
      found.push({ key, value: tag === putTag ? this.#piece() : undefined });
    }
    return found;
  }

  #piece(): Buffer {
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#bytes[this.#at] ?? 0;
      this.#at += 1;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

const typeOf = (isFirst: boolean, isLast: boolean): number =>
  isFirst ? (isLast ? 1 : 2) : isLast ? 4 : 3;

function fragment(type: number, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(headerBytes + payload.length);
  bytes.writeUInt16LE(payload.length, 4);
  bytes[6] = type;
  bytes.set(payload, headerBytes);
  bytes.writeUInt32LE(maskCrc32c(crc32c(bytes, 6, bytes.length)), 0);
  return bytes;
}

/** The file that holds these payloads, one record each. */
export function writeWal(payloads: readonly Buffer[]): { bytes: Buffer; spans: WalSpan[] } {
  const parts: Buffer[] = [];
  const spans: WalSpan[] = [];
  let at = 0;
  const add = (part: Buffer): void => {
    parts.push(part);
    at += part.length;
  };
  for (const payload of payloads) {
    const pieces: { from: number; to: number }[] = [];
    let from: number | undefined;
    for (let done = 0; done < payload.length; ) {
      const room = blockBytes - (at % blockBytes);
      if (room < headerBytes) add(Buffer.alloc(room));
      const space = blockBytes - (at % blockBytes) - headerBytes;
      const piece = payload.subarray(done, done + space);
      const isLast = done + piece.length === payload.length;
      from ??= at;
      add(fragment(typeOf(done === 0, isLast), piece));
      pieces.push({ from: at - piece.length, to: at });
      done += piece.length;
    }
    spans.push({ from: from ?? at, to: at, payloads: pieces });
  }
  return { bytes: Buffer.concat(parts), spans };
}

interface Fragment {
  readonly type: number;
  readonly payload: Buffer;
}

/** Undefined = LevelDB drops the rest of the block. */
function readFragment(bytes: Buffer, at: number): Fragment | undefined {
  const from = at + headerBytes;
  if (from > bytes.length) return undefined;
  const to = from + bytes.readUInt16LE(at + 4);
  if (to > bytes.length || to > at - (at % blockBytes) + blockBytes) return undefined;
  if (maskCrc32c(crc32c(bytes, at + 6, to)) !== bytes.readUInt32LE(at)) return undefined;
  return { type: bytes[at + 6] ?? 0, payload: bytes.subarray(from, to) };
}

/** The batches that LevelDB finds in the file when it opens. */
export function replayWal(bytes: Buffer): WalOperation[][] {
  const batches: WalOperation[][] = [];
  let parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const blockEnd = at - (at % blockBytes) + blockBytes;
    const read = blockEnd - at < headerBytes ? undefined : readFragment(bytes, at);
    if (read === undefined) {
      // A few bytes at the end of a block are padding, which interrupts no record.
      if (blockEnd - at >= headerBytes) parts = [];
      at = blockEnd;
      continue;
    }
    const { type, payload } = read;
    at += headerBytes + payload.length;
    const isBegin = type === typeOf(true, true) || type === typeOf(true, false);
    if (isBegin) parts = [payload];
    else if (parts.length > 0) parts.push(payload);
    if (type === typeOf(true, false) || type === typeOf(false, false) || parts.length === 0)
      continue;
    const record = Buffer.concat(parts);
    parts = [];
    if (record.length >= batchHeaderBytes) batches.push(new BatchReader(record).operations());
  }
  return batches;
}
