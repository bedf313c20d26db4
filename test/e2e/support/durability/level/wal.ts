// Where in a write-ahead log of LevelDB (doc/log_format.md) a record lies: 32 KiB blocks, fragments of a 7-byte header and
// payload, and in a whole record a batch of operations (write_batch.cc). Only for files that are intact.
import { type Cursor, type Located, readVarint, spread } from "./located.ts";

const blockBytes = 32 * 1024;
const headerBytes = 7;
const batchHeaderBytes = 12;
const full = 1;
const last = 4;
const put = 1;

export interface WalRecord {
  /** Offset of the header of its first fragment, and of the byte behind its last. */
  readonly start: number;
  readonly end: number;
  readonly payload: Buffer;
  /** File offset of each byte of the payload. */
  readonly at: (byte: number) => number;
}

interface Piece {
  readonly from: number;
  readonly to: number;
}

function recordOf(bytes: Buffer, start: number, pieces: readonly Piece[]): WalRecord {
  return {
    start,
    end: pieces.at(-1)!.to,
    payload: Buffer.concat(pieces.map(({ from, to }) => bytes.subarray(from, to))),
    at: spread(pieces),
  };
}

export function walRecords(bytes: Buffer): readonly WalRecord[] {
  const records: WalRecord[] = [];
  let pieces: Piece[] = [];
  let start = 0;
  for (let at = 0; at + headerBytes <= bytes.length; ) {
    const left = blockBytes - (at % blockBytes);
    if (left < headerBytes) {
      at += left;
      continue;
    }
    const from = at + headerBytes;
    const to = from + bytes.readUInt16LE(at + 4);
    const type = bytes[at + 6];
    if (to > bytes.length) break;
    if (pieces.length === 0) start = at;
    pieces.push({ from, to });
    if (type === full || type === last) {
      records.push(recordOf(bytes, start, pieces));
      pieces = [];
    }
    at = to;
  }
  return records;
}

function bytesOf(payload: Buffer, cursor: Cursor): Piece {
  const length = readVarint(payload, cursor);
  const from = cursor.at;
  cursor.at += length;
  return { from, to: cursor.at };
}

/** Every put of a log file, in order. */
export function walPuts(bytes: Buffer): readonly Located[] {
  return walRecords(bytes).flatMap(({ payload, at }) => {
    const found: Located[] = [];
    let sequence = Number(payload.readBigUInt64LE(0)) - 1;
    for (const cursor = { at: batchHeaderBytes }; cursor.at < payload.length; ) {
      const tag = payload[cursor.at];
      cursor.at += 1;
      sequence += 1;
      const key = bytesOf(payload, cursor);
      if (tag !== put) continue;
      const value = bytesOf(payload, cursor);
      found.push({
        key: payload.subarray(key.from, key.to),
        value: payload.subarray(value.from, value.to),
        sequence,
        at: (byte) => at(value.from + byte),
      });
    }
    return found;
  });
}
