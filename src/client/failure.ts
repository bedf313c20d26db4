// What a failed attempt says about the world: who refused, and whether the work may have been done nevertheless.
import { Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { type ErrorRecord, messageOf, QuorateError } from "../base/errors.ts";
import { clientErrors } from "./errors.ts";

/** Carries the complete coded error of a server as JSON. */
const errorTrailer = "quorate-error-bin";

/**
 * - `unreachable`: no connection; nothing was sent
 * - `refused`: a server's coded answer
 * - `broken`: sent, and no answer came: the connection broke or the time was up
 * - `strange`: an answer that is not of our protocol
 */
export interface Failure {
  readonly kind: "unreachable" | "refused" | "broken" | "strange";
  readonly error: QuorateError;
}

const silent: ReadonlySet<status> = new Set([
  status.UNAVAILABLE,
  status.CANCELLED,
  status.DEADLINE_EXCEEDED,
  status.INTERNAL,
  status.UNKNOWN,
]);

function isServiceError(thrown: unknown): thrown is ServiceError {
  return (
    thrown instanceof Error &&
    "metadata" in thrown &&
    thrown.metadata instanceof Metadata &&
    "code" in thrown
  );
}

function isRecord(value: unknown): value is ErrorRecord {
  if (typeof value !== "object" || value === null) return false;
  const { code, kind, message, help, fields } = value as Partial<
    Record<keyof ErrorRecord, unknown>
  >;
  return (
    [code, kind, message, help].every((text) => typeof text === "string") &&
    typeof fields === "object" &&
    fields !== null
  );
}

function trailerOf(error: ServiceError): QuorateError | undefined {
  const [bytes] = error.metadata.get(errorTrailer);
  if (bytes === undefined) return undefined;
  try {
    const record: unknown = JSON.parse(bytes.toString());
    return isRecord(record) ? new QuorateError(record, error) : undefined;
  } catch (cause) {
    return clientErrors.BAD_ANSWER("the error's details cannot be read", { cause });
  }
}

export function unreachable(address: string): Failure {
  return {
    kind: "unreachable",
    error: clientErrors.UNREACHABLE(`no connection to ${address}`, { fields: { address } }),
  };
}

/** Anything that an attempt at `address` threw after the connection stood. */
export function failureOf(thrown: unknown, address: string): Failure {
  if (!isServiceError(thrown)) {
    if (thrown instanceof QuorateError) return { kind: "refused", error: thrown };
    const error = clientErrors.BAD_ANSWER(`call to ${address} failed: ${messageOf(thrown)}`, {
      cause: thrown,
      fields: { address },
    });
    return { kind: "strange", error };
  }
  const coded = trailerOf(thrown);
  if (coded !== undefined) return { kind: "refused", error: coded };
  const details = { cause: thrown, fields: { address, status: status[thrown.code] } };
  if (silent.has(thrown.code)) {
    const text =
      thrown.code === status.DEADLINE_EXCEEDED
        ? `no answer from ${address} before the deadline`
        : `the connection to ${address} broke`;
    return { kind: "broken", error: clientErrors.NO_ANSWER(text, details) };
  }
  // Without our trailer it is gRPC itself that refuses: a message above its bounds.
  if (thrown.code === status.RESOURCE_EXHAUSTED) {
    const text = `a message to or from ${address} is too large`;
    return { kind: "strange", error: clientErrors.TOO_LARGE(text, details) };
  }
  return {
    kind: "strange",
    error: clientErrors.BAD_ANSWER(`${address} answered ${thrown.message}`, details),
  };
}

/** The error of a write that was sent and whose fate nobody told. */
export function outcomeUnknown(failure: Failure): QuorateError {
  if (failure.error.kind === "unknown") return failure.error;
  return clientErrors.OUTCOME_UNKNOWN(`${failure.error.message} after the request was sent`, {
    cause: failure.error,
    fields: failure.error.fields,
  });
}
