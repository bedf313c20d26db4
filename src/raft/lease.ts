// How long a leader may answer reads without asking anybody (§6.4.1 of the dissertation). Every regular heartbeat is a
// round of its own; once followers who promise their loyalty make a quorum of answers to it, no other leader can be
// elected before an election timeout has passed since the round was *sent*. So neither late answers nor late
// heartbeats make the lease longer; only clocks of different pace could, and for them a margin stays.

interface SentRound {
  readonly round: number;
  readonly atTick: number;
}

/**
 * What two servers may count differently with clocks of one pace: on the leader the tick that is due and not late yet, on
 * the follower the tick in whose turn the heartbeat arrived.
 */
const uncountedTicks = 2;

export class LeaderLease {
  /** Ticks that the loyalty of a follower lasts, without the margin: a heartbeat interval. */
  readonly #lifeTicks: number;
  #ticks = 0;
  #sent: SentRound[] = [];
  /** When the newest confirmed round was sent; undefined = none counts. */
  #fromTick: number | undefined;
  #isVoid = false;

  constructor(timing: { readonly electionTicks: number; readonly heartbeatTicks: number }) {
    this.#lifeTicks = timing.electionTicks - timing.heartbeatTicks - uncountedTicks;
  }

  get holds(): boolean {
    return !this.#isVoid && this.#fromTick !== undefined && this.#isYoung(this.#fromTick);
  }

  tick(): void {
    this.#ticks += 1;
  }

  sent(round: number): void {
    // What is too old to make a lease is not kept: a leader that hears nobody must not collect rounds.
    this.#sent = this.#sent.filter(({ atTick }) => this.#isYoung(atTick));
    this.#sent.push({ round, atTick: this.#ticks });
  }

  /** Loyal followers that make a quorum have answered `round`, or a later one. */
  confirmed(round: number): void {
    for (const sent of this.#sent) {
      if (sent.round > round) break;
      this.#fromTick = sent.atTick;
    }
    this.#sent = this.#sent.filter((sent) => sent.round > round);
  }

  /** Time may have been miscounted, or another quorum counts now: nothing sent so far makes a lease. */
  suspend(): void {
    this.#sent = [];
    this.#fromTick = undefined;
  }

  /** Somebody was told in this term to campaign at once, which no loyalty prevents: no lease before the next term. */
  end(): void {
    this.#isVoid = true;
  }

  /** Another role or term. */
  reset(): void {
    this.suspend();
    this.#isVoid = false;
  }

  #isYoung(atTick: number): boolean {
    return this.#ticks - atTick < this.#lifeTicks;
  }
}
