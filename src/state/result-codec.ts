// The bytes of a command's result: kept in client sessions and carried back to a server that forwarded the call.
import { ByteReader, ByteWriter, compareStrings, DecodeError } from "../base/bytes.ts";
import type { ErrorFields, ErrorKind, ErrorRecord } from "../base/errors.ts";
import {
  type Codec,
  count,
  epochNumber,
  flag,
  listOf,
  oneOf,
  revisionNumber,
  struct,
  text,
  union,
} from "./codec/codec.ts";
import { stateErrors } from "./errors.ts";
import type { CommandDetail, CommandResult } from "./result.ts";

const resultVersion = 1;

const detail = union<CommandDetail, "kind">("kind", {
  none: [0, struct({})],
  job: [1, struct({ jobId: text })],
  session: [2, struct({ session: count })],
  upload: [3, struct({ uploadId: text })],
  version: [4, struct({ version: count })],
  kv: [5, struct({ version: count, existed: flag })],
  plan: [6, struct({ moved: listOf(struct({ jobId: text, epoch: epochNumber })) })],
});

type FieldValue = ErrorFields[string];
const fieldString = 0;
const fieldNumber = 1;
const fieldBoolean = 2;

/** Numbers travel as decimal text: fields may be negative or fractional. */
const fieldValue: Codec<FieldValue> = {
  write(writer, value) {
    if (typeof value === "string") writer.u8(fieldString).string(value);
    else if (typeof value === "number") writer.u8(fieldNumber).string(String(value));
    else writer.u8(fieldBoolean).bool(value);
  },
  read(reader) {
    const type = reader.u8();
    if (type === fieldString) return reader.string();
    if (type === fieldNumber) return Number(reader.string());
    if (type === fieldBoolean) return reader.bool();
    throw new DecodeError("unknown type of an error's field");
  },
};

const errorFields: Codec<ErrorFields> = {
  write(writer, value) {
    const entries = Object.entries(value).sort((a, b) => compareStrings(a[0], b[0]));
    writer.list(entries, ([name, item]) => {
      writer.string(name);
      fieldValue.write(writer, item);
    });
  },
  read: (reader) =>
    Object.fromEntries(
      reader.list((): [string, FieldValue] => [reader.string(), fieldValue.read(reader)]),
    ),
};

const errorRecord = struct<ErrorRecord>({
  code: text,
  kind: oneOf<ErrorKind>([
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
  ]),
  message: text,
  help: text,
  fields: errorFields,
});

const result = union<CommandResult, "kind">("kind", {
  done: [0, struct({ revision: revisionNumber, detail })],
  refused: [1, struct({ revision: revisionNumber, error: errorRecord })],
});

export function encodeResult(value: CommandResult): Uint8Array {
  const writer = new ByteWriter(64).u8(resultVersion);
  result.write(writer, value);
  return writer.finish();
}

/** Throws RESULT_DAMAGED. */
export function decodeResult(data: Uint8Array): CommandResult {
  try {
    const reader = new ByteReader(data);
    const version = reader.u8();
    if (version !== resultVersion) throw new DecodeError(`version ${String(version)}`);
    const value = result.read(reader);
    reader.end();
    return value;
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw stateErrors.RESULT_DAMAGED(`result is damaged: ${cause.message}`, { cause });
  }
}
