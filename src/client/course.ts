// One call's way through its attempts: whether another may be made, how long to pause before it, and what to tell the
// caller in the end. It does no input or output, so that every rule can be tried without a network.
import type { QuorateError } from "../base/errors.ts";
import { clientErrors } from "./errors.ts";
import { type Failure, outcomeUnknown } from "./failure.ts";

/**
 * - `read`: changes nothing; repeated whatever happens
 * - `once`: a write with a request id; may be repeated, is done at most once
 * - `bare`: a write without; repeated only when nothing was done
 */
export type Safety = "read" | "once" | "bare";

/** How long a cluster that refuses every connection is given to come back. */
export const unreachablePatienceMs = 1500;
const pauseMsFirst = 25;
const pauseMsMax = 500;
/** The server forgot this client's session or this request: repeating it would tell nothing new. */
const forgottenCode = "QUORATE_STATE_UNKNOWN_REQUEST";

export interface CourseOptions {
  readonly safety: Safety;
  readonly startMs: number;
  readonly untilMs: number;
  readonly addresses: number;
}

export class Course {
  readonly #options: CourseOptions;
  #unreachableInTurn = 0;
  #pauses = 0;
  #lastRefusal: QuorateError | undefined;
  /** The first attempt after which the write may have been done. */
  #doubt: Failure | undefined;

  constructor(options: CourseOptions) {
    this.#options = options;
  }

  /** Takes note of a failed attempt; true when another one may be made. */
  mayRetry(failure: Failure, nowMs: number): boolean {
    this.#note(failure);
    const { safety, untilMs } = this.#options;
    if (nowMs >= untilMs) return false;
    switch (failure.kind) {
      case "unreachable":
        return this.#mayDialAgain(nowMs);
      case "broken":
        return safety !== "bare";
      case "refused":
        if (failure.error.kind === "unavailable") return true;
        return (
          failure.error.kind === "unknown" &&
          safety !== "bare" &&
          failure.error.code !== forgottenCode
        );
      case "strange":
        return false;
    }
  }

  /** Pause before the next attempt, ms: none while there are addresses that were not dialled yet. */
  pauseMs(chance: number): number {
    const { addresses } = this.#options;
    if (this.#unreachableInTurn > 0 && this.#unreachableInTurn % addresses !== 0) return 0;
    const longest = Math.min(pauseMsMax, pauseMsFirst * 2 ** this.#pauses);
    this.#pauses += 1;
    return longest / 2 + (chance * longest) / 2;
  }

  /** What the caller is told when no further attempt is made. */
  conclusion(failure: Failure): QuorateError {
    const { error } = failure;
    const decides =
      failure.kind === "refused" && error.kind !== "unavailable" && error.kind !== "exhausted";
    if (this.#doubt !== undefined && !decides) return outcomeUnknown(this.#doubt);
    if (failure.kind === "unreachable") return this.#lastRefusal ?? this.#nobodyAnswered(error);
    if (failure.kind === "broken") return this.#lastRefusal ?? error;
    return error;
  }

  #note(failure: Failure): void {
    const { safety } = this.#options;
    this.#unreachableInTurn = failure.kind === "unreachable" ? this.#unreachableInTurn + 1 : 0;
    if (failure.kind === "refused") this.#lastRefusal = failure.error;
    const isDone =
      failure.kind === "broken" || (failure.kind === "refused" && failure.error.kind === "unknown");
    if (safety !== "read" && isDone) this.#doubt ??= failure;
  }

  #mayDialAgain(nowMs: number): boolean {
    const { startMs, addresses } = this.#options;
    if (this.#doubt !== undefined || this.#lastRefusal !== undefined) return true;
    return this.#unreachableInTurn < addresses || nowMs - startMs < unreachablePatienceMs;
  }

  #nobodyAnswered(last: QuorateError): QuorateError {
    const { addresses } = this.#options;
    if (addresses === 1) return last;
    return clientErrors.UNREACHABLE(`none of ${String(addresses)} servers could be reached`, {
      cause: last,
      fields: { addresses },
    });
  }
}
