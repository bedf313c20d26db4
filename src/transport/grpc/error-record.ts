// Coded errors on the wire: every field of the record survives, so that the caller at the other end sees what the
// leader said, word for word.
import { ByteWriter } from "../../base/bytes.ts";
import type { ErrorFields, ErrorKind, ErrorRecord } from "../../base/errors.ts";
import {
  asBytes,
  asDouble,
  asNumber,
  asText,
  bytesKey,
  doubleKey,
  readFields,
  varintKey,
  writeDouble,
} from "./protobuf.ts";

type FieldValue = ErrorFields[string];

const kinds: ReadonlySet<string> = new Set<ErrorKind>([
  "invalid",
  "not-found",
  "already-exists",
  "conflict",
  "precondition",
  "forbidden",
  "exhausted",
  "unavailable",
  "unknown",
  "corrupt",
  "internal",
]);

export function encodeErrorRecord(record: ErrorRecord): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(bytesKey(1)).string(record.code).u8(bytesKey(2)).string(record.kind);
  writer.u8(bytesKey(3)).string(record.message).u8(bytesKey(4)).string(record.help);
  for (const [name, value] of Object.entries(record.fields)) {
    writer.u8(bytesKey(5)).bytes(encodeField(name, value));
  }
  return writer.finish();
}

/** Throws DecodeError on damage. A kind from the future counts as `unknown`: the careful reading. */
export function decodeErrorRecord(bytes: Uint8Array): ErrorRecord {
  const texts = ["", "", "", "", ""];
  const fields: Record<string, FieldValue> = {};
  readFields(bytes, (field) => {
    if (field.number >= 1 && field.number <= 4) texts[field.number] = asText(field);
    if (field.number === 5) {
      const [name, value] = decodeField(asBytes(field));
      fields[name] = value;
    }
  });
  const [, code = "", kind = "", message = "", help = ""] = texts;
  return { code, kind: isKind(kind) ? kind : "unknown", message, help, fields };
}

function isKind(text: string): text is ErrorKind {
  return kinds.has(text);
}

function encodeField(name: string, value: FieldValue): Uint8Array {
  const writer = new ByteWriter(32).u8(bytesKey(1)).string(name);
  if (typeof value === "string") writer.u8(bytesKey(2)).string(value);
  else if (typeof value === "boolean") writer.u8(varintKey(4)).bool(value);
  else writeDouble(writer.u8(doubleKey(3)), value);
  return writer.finish();
}

function decodeField(bytes: Uint8Array): [string, FieldValue] {
  let name = "";
  let value: FieldValue = "";
  readFields(bytes, (field) => {
    if (field.number === 1) name = asText(field);
    if (field.number === 2) value = asText(field);
    if (field.number === 3) value = asDouble(field);
    if (field.number === 4) value = asNumber(field) !== 0;
  });
  return [name, value];
}
