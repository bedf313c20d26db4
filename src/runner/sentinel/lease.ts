// The holder's side of the lease: arithmetic only, told about every sending and every answer. The deadline counts
// from the moment of *sending*, because the leader's count begins later, when the renewal arrives: whatever the
// network does in between, the holder gives up first (rules L3 and L4; C. Gray and D. Cheriton, "Leases", SOSP 1989,
// for the idea of a holder that assumes the worst of the clocks).
import { assert } from "../../base/assert.ts";
import { clockRateErrorRatio, renewalsPerLease } from "./limits.ts";

export interface LeaseTerms {
  /** L, as registered. */
  readonly leaseMs: number;
  /** K: what killing may take, the sentinel's own lateness included. */
  readonly killBoundMs: number;
}

/** The monotonic time at which the holder of a renewal sent at `sentAtMs` must have begun to kill. */
export function leaseDeadlineMs(sentAtMs: number, terms: LeaseTerms): number {
  return sentAtMs + terms.leaseMs * (1 - 2 * clockRateErrorRatio) - terms.killBoundMs;
}

export function renewIntervalMs(leaseMs: number): number {
  return leaseMs / renewalsPerLease;
}

const never = Number.NEGATIVE_INFINITY;

/** One session's lease. Never held before the first answer, so that nothing starts on a mere registration. */
export class Lease {
  readonly #terms: LeaseTerms;
  readonly #sentAtMs = new Map<number, number>();
  #deadlineMs = never;
  #latestSentMs = never;
  #floorMs = never;

  constructor(terms: LeaseTerms) {
    assert(
      leaseDeadlineMs(0, terms) > renewIntervalMs(terms.leaseMs),
      "the lease must outlast one renewal interval",
    );
    this.#terms = terms;
  }

  get leaseMs(): number {
    return this.#terms.leaseMs;
  }

  /** −∞ while nothing was acknowledged. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  sent(counter: number, nowMs: number): void {
    this.#sentAtMs.set(counter, nowMs);
  }

  /** No answer to `counter` will come. */
  lost(counter: number): void {
    this.#sentAtMs.delete(counter);
  }

  /** Takes an answer; true when it moved the deadline. Answers may come in any order. */
  acknowledged(counter: number): boolean {
    const sentAtMs = this.#sentAtMs.get(counter);
    this.#sentAtMs.delete(counter);
    if (sentAtMs === undefined || sentAtMs <= this.#latestSentMs) return false;
    this.#latestSentMs = sentAtMs;
    this.#deadlineMs = leaseDeadlineMs(sentAtMs, this.#terms);
    return true;
  }

  /**
   * The monotonic clock stood still while the machine slept: what was acknowledged, and what is under way, counts
   * from a time that this clock cannot tell.
   */
  invalidate(): void {
    this.#sentAtMs.clear();
    this.#deadlineMs = never;
  }

  /** A server (re)attached: only an answer to a renewal sent from now on allows starts again (L6). */
  requireRenewalFrom(nowMs: number): void {
    this.#floorMs = nowMs;
  }

  holds(nowMs: number): boolean {
    return nowMs < this.#deadlineMs;
  }

  /** An answer to a renewal sent at or after the last attachment has come. */
  get isRenewed(): boolean {
    return this.#deadlineMs !== never && this.#latestSentMs >= this.#floorMs;
  }
}
