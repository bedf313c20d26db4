// What follows the end of a run. The delay doubles from 1 s to 5 min while a job keeps failing, with a share of
// chance so that jobs that failed together do not come back together.
import { between, type Random } from "../base/random.ts";
import type { RestartPolicy } from "../state/rows.ts";
import {
  restartDelayMaxMs,
  restartDelayMinMs,
  restartJitterPercent,
  restartResetMs,
} from "./limits.ts";

/** `finished`: over for good · `restart`: again, after a pause. */
export function afterEnd(policy: RestartPolicy, exitCode: number): "finished" | "restart" {
  switch (policy) {
    case "always":
      return "restart";
    case "on-failure":
      return exitCode === 0 ? "finished" : "restart";
    case "never":
      return "finished";
  }
}

/** Failures of one assignment in a row. */
export class Backoff {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get failures(): number {
    return this.#failures;
  }

  /** Counts a failure after `livedMs` and returns how long to wait. */
  next(livedMs: number): number {
    if (livedMs >= restartResetMs) this.#failures = 0;
    const exponent = Math.min(this.#failures, 30);
    this.#failures += 1;
    const delayMs = Math.min(restartDelayMinMs * 2 ** exponent, restartDelayMaxMs);
    const spread = (delayMs * restartJitterPercent) / 100;
    return Math.round(delayMs - spread + between(this.#random, 0, 2 * spread + 1));
  }
}
