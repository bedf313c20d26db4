// What a program's end tells a script. The table is part of the command line's contract (docs/reference/cli.md).
import { type ErrorKind, QuorateError } from "./errors.ts";

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  unavailable: 3,
  forbidden: 4,
  notFound: 5,
  conflict: 6,
  outcomeUnknown: 7,
} as const;

const byKind: Readonly<Record<ErrorKind, number>> = {
  invalid: exitCodes.usage,
  "not-found": exitCodes.notFound,
  "already-exists": exitCodes.conflict,
  conflict: exitCodes.conflict,
  precondition: exitCodes.failed,
  forbidden: exitCodes.forbidden,
  exhausted: exitCodes.unavailable,
  unavailable: exitCodes.unavailable,
  unknown: exitCodes.outcomeUnknown,
  corrupt: exitCodes.failed,
  internal: exitCodes.failed,
};

/** 1 for anything that carries no code of ours. */
export function exitCodeOf(error: unknown): number {
  return error instanceof QuorateError ? byKind[error.kind] : exitCodes.failed;
}
