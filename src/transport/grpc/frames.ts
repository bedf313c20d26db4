// The messages of proto/quorate/raft/v1/raft.proto as bytes. Readers throw DecodeError on damage and skip fields
// that they do not know, as protobuf asks.
import { ByteWriter } from "../../base/bytes.ts";
import type { ErrorRecord } from "../../base/errors.ts";
import type { PullPiece, PullSource } from "../contract.ts";
import { decodeErrorRecord, encodeErrorRecord } from "./error-record.ts";
import { asBytes, asNumber, asText, bytesKey, readFields, varintKey } from "./protobuf.ts";

/** Field numbers of ControlRequest and BulkRequest. */
export const messagesKey: number = bytesKey(1);
export const callsKey: number = bytesKey(2);
/** Field number of ControlResponse. */
export const resultsKey: number = bytesKey(1);

export interface CallRequest {
  readonly id: number;
  readonly name: string;
  readonly payload: Uint8Array;
}

export interface CallResult {
  readonly id: number;
  readonly outcome: Uint8Array | ErrorRecord;
}

/** What a receiver does with the parts of a ControlRequest or BulkRequest, in order of the wire. */
export interface RequestParts {
  message(bytes: Uint8Array): void;
  call(request: CallRequest): void;
}

const nothing: Uint8Array = new Uint8Array(0);

/** Views of Buffers slice as Buffers; a plain array keeps that type out of the rest of the program. */
export function plain(frame: Buffer): Uint8Array {
  return new Uint8Array(frame.buffer, frame.byteOffset, frame.length);
}

export function readRequest(frame: Buffer, parts: RequestParts): void {
  readFields(plain(frame), (field) => {
    if (field.number === 1) parts.message(asBytes(field));
    if (field.number === 2) parts.call(decodeCall(asBytes(field)));
  });
}

/** In two parts, so that the payload is copied only once, into the frame. */
export interface EncodedParts {
  readonly head: Uint8Array;
  readonly tail: Uint8Array;
}

export function encodeCall(call: CallRequest): EncodedParts {
  const head = new ByteWriter().u8(varintKey(1)).varint(call.id);
  head.u8(bytesKey(2)).string(call.name);
  head.u8(bytesKey(3)).varint(call.payload.length);
  return { head: head.finish(), tail: call.payload };
}

function decodeCall(bytes: Uint8Array): CallRequest {
  let [id, name, payload] = [0, "", nothing];
  readFields(bytes, (field) => {
    if (field.number === 1) id = asNumber(field);
    if (field.number === 2) name = asText(field);
    if (field.number === 3) payload = asBytes(field);
  });
  return { id, name, payload };
}

export function encodeResult(result: CallResult): EncodedParts {
  const head = new ByteWriter().u8(varintKey(1)).varint(result.id);
  const isPayload = result.outcome instanceof Uint8Array;
  const tail = isPayload ? result.outcome : encodeErrorRecord(result.outcome);
  head.u8(bytesKey(isPayload ? 2 : 3)).varint(tail.length);
  return { head: head.finish(), tail };
}

export function readResponse(frame: Buffer, take: (result: CallResult) => void): void {
  readFields(plain(frame), (field) => {
    if (field.number === 1) take(decodeResult(asBytes(field)));
  });
}

function decodeResult(bytes: Uint8Array): CallResult {
  let id = 0;
  let outcome: Uint8Array | ErrorRecord = nothing;
  readFields(bytes, (field) => {
    if (field.number === 1) id = asNumber(field);
    if (field.number === 2) outcome = asBytes(field);
    if (field.number === 3) outcome = decodeErrorRecord(asBytes(field));
  });
  return { id, outcome };
}

/** HelloRequest and HelloResponse look the same. */
export function encodeHello(payload: Uint8Array): Buffer {
  return finish(new ByteWriter(payload.length + 8).u8(bytesKey(1)).bytes(payload));
}

export function decodeHello(frame: Buffer): Uint8Array {
  let payload: Uint8Array = nothing;
  readFields(plain(frame), (field) => {
    if (field.number === 1) payload = asBytes(field);
  });
  return payload;
}

export function encodePullRequest(source: PullSource): Buffer {
  const inner = new ByteWriter();
  if (source.kind === "snapshot") {
    inner.u8(varintKey(1)).varint(source.index).u8(varintKey(2)).varint(source.offset);
  } else {
    for (const digest of source.digests) inner.u8(bytesKey(1)).string(digest);
  }
  const key = bytesKey(source.kind === "snapshot" ? 1 : 2);
  return finish(new ByteWriter(inner.length + 8).u8(key).bytes(inner.finish()));
}

/** Undefined for a source from the future. */
export function decodePullRequest(frame: Buffer): PullSource | undefined {
  let source: PullSource | undefined;
  readFields(plain(frame), (field) => {
    if (field.number === 1) source = decodeSnapshotSource(asBytes(field));
    if (field.number === 2) source = decodeChunkSource(asBytes(field));
  });
  return source;
}

function decodeSnapshotSource(bytes: Uint8Array): PullSource {
  let [index, offset] = [0, 0];
  readFields(bytes, (field) => {
    if (field.number === 1) index = asNumber(field);
    if (field.number === 2) offset = asNumber(field);
  });
  return { kind: "snapshot", index, offset };
}

function decodeChunkSource(bytes: Uint8Array): PullSource {
  const digests: string[] = [];
  readFields(bytes, (field) => {
    if (field.number === 1) digests.push(asText(field));
  });
  return { kind: "chunks", digests };
}

export function encodePiece(piece: PullPiece): Buffer {
  const writer = new ByteWriter(piece.bytes.length + 24).u8(bytesKey(1)).bytes(piece.bytes);
  writer.u8(varintKey(2)).varint(piece.item);
  return finish(writer.u8(varintKey(3)).bool(piece.end).u8(varintKey(4)).bool(piece.missing));
}

export function decodePiece(frame: Buffer): PullPiece {
  let bytes: Uint8Array = nothing;
  let [item, end, missing] = [0, false, false];
  readFields(plain(frame), (field) => {
    if (field.number === 1) bytes = asBytes(field);
    if (field.number === 2) item = asNumber(field);
    if (field.number === 3) end = asNumber(field) !== 0;
    if (field.number === 4) missing = asNumber(field) !== 0;
  });
  return { bytes, item, end, missing };
}

function finish(writer: ByteWriter): Buffer {
  const bytes = writer.finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
