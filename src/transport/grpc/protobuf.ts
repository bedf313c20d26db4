// The few pieces of the protobuf encoding that raft.proto needs (protobuf.dev/programming-guides/encoding): keys,
// varints, lengths and doubles. By hand, because a generic encoder would build an object per message, and
// frames here are assembled from bytes that are encoded already.
import { ByteReader, type ByteWriter, DecodeError } from "../../base/bytes.ts";

const wireVarint = 0;
const wireDouble = 1;
const wireBytes = 2;
const wireFixed32 = 5;

/** The key of a length-delimited field, one byte for fields 1 to 15. */
export const bytesKey = (field: number): number => field * 8 + wireBytes;
export const varintKey = (field: number): number => field * 8 + wireVarint;
export const doubleKey = (field: number): number => field * 8 + wireDouble;

/** One field as read: numbers for varints, bytes (views) for everything else. */
export interface Field {
  readonly number: number;
  readonly value: number | Uint8Array;
}

/** Calls `take` for each field in the order of the wire; throws DecodeError on anything malformed. */
export function readFields(bytes: Uint8Array, take: (field: Field) => void): void {
  const reader = new ByteReader(bytes);
  while (reader.left > 0) {
    const key = reader.varint();
    take({ number: Math.floor(key / 8), value: readValue(reader, key % 8) });
  }
}

function readValue(reader: ByteReader, wireType: number): number | Uint8Array {
  switch (wireType) {
    case wireVarint:
      return reader.varint();
    case wireBytes:
      return reader.bytes();
    case wireDouble:
      return reader.raw(8);
    case wireFixed32:
      return reader.raw(4);
    default:
      throw new DecodeError(`wire type ${String(wireType)} is not in use`);
  }
}

export function asBytes(field: Field): Uint8Array {
  if (typeof field.value === "number") throw new DecodeError("number where bytes belong");
  return field.value;
}

export function asNumber(field: Field): number {
  if (typeof field.value !== "number") throw new DecodeError("bytes where a number belongs");
  return field.value;
}

export function asText(field: Field): string {
  const bytes = asBytes(field);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8");
}

export function asDouble(field: Field): number {
  const bytes = asBytes(field);
  if (bytes.length !== 8) throw new DecodeError("a double takes 8 bytes");
  return new DataView(bytes.buffer, bytes.byteOffset, 8).getFloat64(0, true);
}

export function writeDouble(writer: ByteWriter, value: number): void {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  writer.raw(bytes);
}

/** Bytes that a varint of a safe integer takes. */
export function varintBytes(value: number): number {
  let count = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) count += 1;
  return count;
}

/** Writes a varint at `at`; returns the offset behind it. */
export function putVarint(target: Uint8Array, at: number, value: number): number {
  let offset = at;
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) {
    target[offset] = (rest % 0x80) | 0x80;
    offset += 1;
  }
  target[offset] = rest;
  return offset + 1;
}
