// What an error tells the client that gets it.
import { QuorateError } from "../../src/base/errors.ts";

export type Failure =
  | { readonly kind: "unknown" }
  /** Certainly not done; another attempt is a new one. */
  | { readonly kind: "nothing-done" }
  /** A condition did not hold: an answer like any other. */
  | { readonly kind: "refused"; readonly revision: number | undefined }
  /** Nothing that may happen to a correct client. */
  | { readonly kind: "defect"; readonly reason: string };

/** For the transcript. */
export function codeOf(thrown: unknown): string {
  return thrown instanceof QuorateError ? thrown.code : String(thrown);
}

export function failureOf(thrown: unknown): Failure {
  if (!(thrown instanceof QuorateError)) return { kind: "defect", reason: String(thrown) };
  if (thrown.code === "QUORATE_STATE_KV_CONDITION_FAILED") {
    const { revision } = thrown.fields;
    return { kind: "refused", revision: typeof revision === "number" ? revision : undefined };
  }
  const { kind, code, message } = thrown;
  if (kind === "unknown" || kind === "internal") return { kind: "unknown" };
  if (kind === "unavailable" || kind === "exhausted") return { kind: "nothing-done" };
  return { kind: "defect", reason: `${code}: ${message}` };
}

/** The name under which a program is reported that its author cannot have meant: it names what is not there. */
export const brokenProgram = "broken-program";

/** The checker that a thrown value counts for. */
export function checkerOf(thrown: unknown): string {
  const isBroken = thrown instanceof ReferenceError || thrown instanceof SyntaxError;
  return isBroken ? brokenProgram : "no-defects";
}
