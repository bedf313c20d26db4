// A broken stream to the leader is what the death of its process looks like, milliseconds after it happened.
// Each survivor then campaigns after a random 0–50 ms instead of waiting for the election timeout. When that
// comes to nothing (the vote was split, or the others were still loyal), it is repeated after 20–70 ms, then after twice
// that and so on, so that a slow disk or a long path between the servers gets the time that its answers need; then the
// normal timeouts take over. Whoever has voted for another server in the term keeps out of its way.

import { noPeer, noTerm, type Term } from "../base/numbers.ts";
import { between, type Random } from "../base/random.ts";
import type { RaftStatus } from "../raft/status.ts";
import { hintDelayMaxMs, hintRetriesMax, hintRetryMaxMs, hintRetryMinMs } from "./limits.ts";

export interface ElectionHintOptions {
  readonly tickMs: number;
}

export interface ElectionHintModules {
  readonly random: Random;
  readonly core: {
    leaderLostHint(delayTicks: number): void;
    status(): Pick<RaftStatus, "id" | "role" | "vote" | "leader" | "term">;
  };
}

export class ElectionHint {
  readonly #tickMs: number;
  readonly #modules: ElectionHintModules;
  #retriesLeft = 0;
  /** The lost leader's. */
  #term: Term = noTerm;
  /** Until the next attempt. */
  #ticksLeft = 0;

  constructor(options: ElectionHintOptions, modules: ElectionHintModules) {
    this.#tickMs = options.tickMs;
    this.#modules = modules;
  }

  /** The stream to the leader broke. */
  leaderLost(): void {
    const delayTicks = this.#ticks(0, hintDelayMaxMs);
    this.#retriesLeft = hintRetriesMax;
    this.#term = this.#modules.core.status().term;
    this.#ticksLeft = delayTicks + this.#pauseTicks();
    this.#modules.core.leaderLostHint(delayTicks);
  }

  /** After the core's own tick. */
  tick(): void {
    if (this.#retriesLeft === 0) return;
    const { id, role, vote, leader, term } = this.#modules.core.status();
    if (leader !== noPeer) {
      this.#retriesLeft = 0;
      return;
    }
    this.#ticksLeft -= 1;
    if (this.#ticksLeft > 0) return;
    this.#retriesLeft -= 1;
    this.#ticksLeft = this.#pauseTicks();
    const votedFor = term > this.#term && role === "follower" ? vote : noPeer;
    if (votedFor === noPeer || votedFor === id) this.#modules.core.leaderLostHint(0);
  }

  /** Before the next attempt: twice as long after each. */
  #pauseTicks(): number {
    const factor = 2 ** (hintRetriesMax - this.#retriesLeft);
    return Math.max(1, this.#ticks(factor * hintRetryMinMs, factor * hintRetryMaxMs));
  }

  #ticks(minMs: number, maxMs: number): number {
    return Math.floor(between(this.#modules.random, minMs, maxMs) / this.#tickMs);
  }
}
