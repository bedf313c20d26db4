// How a coded error looks in gRPC: the status code by its kind, the sentence as details, and the whole record in the
// trailer `quorate-error-bin` (JSON), so that a client loses nothing.
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type ErrorKind, type ErrorRecord, messageOf, QuorateError } from "../../base/errors.ts";
import { apiErrors } from "../errors.ts";

export const errorTrailer = "quorate-error-bin";

const statusByKind: Readonly<Record<ErrorKind, status>> = {
  invalid: status.INVALID_ARGUMENT,
  "not-found": status.NOT_FOUND,
  "already-exists": status.ALREADY_EXISTS,
  conflict: status.ABORTED,
  precondition: status.FAILED_PRECONDITION,
  forbidden: status.PERMISSION_DENIED,
  exhausted: status.RESOURCE_EXHAUSTED,
  unavailable: status.UNAVAILABLE,
  unknown: status.DEADLINE_EXCEEDED,
  corrupt: status.DATA_LOSS,
  internal: status.INTERNAL,
};

/** Anything thrown as a coded error; what has no code of ours is a defect. */
export function coded(thrown: unknown): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  return apiErrors.INTERNAL(`unexpected: ${messageOf(thrown)}`, { cause: thrown });
}

export type ServiceStatus = Pick<ServiceError, "code" | "details" | "metadata">;

export function serviceError(thrown: unknown): ServiceStatus {
  const record: ErrorRecord = coded(thrown).toRecord();
  const metadata = new Metadata();
  metadata.set(errorTrailer, Buffer.from(JSON.stringify(record)));
  return {
    code: statusByKind[record.kind],
    details: `${record.code}: ${record.message}. ${record.help}`,
    metadata,
  };
}
