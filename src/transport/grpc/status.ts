// Coded errors ↔ gRPC statuses. The trailer carries the whole record; the status code is for other people's tools.
import { Metadata, type StatusObject, status } from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import { type ErrorKind, QuorateError } from "../../base/errors.ts";
import { transportErrors } from "../errors.ts";
import { trailerTextMax } from "../limits.ts";
import { decodeErrorRecord, encodeErrorRecord } from "./error-record.ts";
import { plain } from "./frames.ts";

const trailer = "quorate-error-bin";

const codes: Readonly<Record<ErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  "not-found": status.NOT_FOUND,
  "already-exists": status.ALREADY_EXISTS,
  conflict: status.ABORTED,
  precondition: status.FAILED_PRECONDITION,
  forbidden: status.PERMISSION_DENIED,
  exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  unknown: status.UNKNOWN,
  corrupt: status.DATA_LOSS,
  internal: status.INTERNAL,
};

export function toStatus(error: QuorateError): StatusObject & Error {
  const message = error.message.slice(0, trailerTextMax);
  const record = encodeErrorRecord({ ...error.toRecord(), message });
  const metadata = new Metadata();
  metadata.set(trailer, Buffer.from(record));
  return Object.assign(new Error(message), {
    code: codes[error.kind],
    details: error.code,
    metadata,
  });
}

/** The coded error in a status; undefined when it is gRPC's own. */
export function fromStatus(status: StatusObject): QuorateError | undefined {
  const value = status.metadata.get(trailer)[0];
  if (!(value instanceof Buffer)) return undefined;
  try {
    return new QuorateError(decodeErrorRecord(plain(value)));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    return transportErrors.MESSAGE_DAMAGED("the peer's error could not be read", { cause });
  }
}
