// Many calls may arrive in one turn of the event loop: a thousand that are refused take half a second together, as long as it takes
// the others to elect another leader. So calls of a turn begin only for a few milliseconds; the rest begin in the turns after, in
// order, and heartbeats, timers and other servers' messages have theirs in between.
import type { Clock } from "../base/clock.ts";

/** How long calls of one turn may begin; what the last of them takes comes on top. */
const callTurnMs = 5;

export class Turns {
  readonly #clock: Clock;
  /** When the first call of this turn began; undefined = there was none yet. */
  #sinceMs: number | undefined;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `begin` at once, or in a later turn, after all that wait already. A function may wait once only. */
  run(begin: () => void): void {
    if (this.#mayBegin() && this.#waiting.size === 0) begin();
    else this.#waiting.add(begin);
  }

  #mayBegin(): boolean {
    const nowMs = this.#clock.nowMs();
    if (this.#sinceMs === undefined) {
      this.#sinceMs = nowMs;
      this.#clock.yield(() => {
        this.#nextTurn();
      });
    }
    return nowMs - this.#sinceMs < callTurnMs;
  }

  #nextTurn(): void {
    this.#sinceMs = undefined;
    this.#beginOne();
  }

  // One after the other as microtasks, so that what a call does after its first `await` counts as well.
  #beginOne(): void {
    const [begin] = this.#waiting;
    if (begin === undefined || !this.#mayBegin()) return;
    this.#waiting.delete(begin);
    begin();
    queueMicrotask(() => {
      this.#beginOne();
    });
  }
}
