// One direction of one stream: items arrive in order, each after its delay, and never more wait than the limits
// allow. A lane for large messages hands over one per turn, so that those of other lanes get in between.
import type { Clock } from "../../base/clock.ts";
import type { LaneLimits } from "../limits.ts";

interface Waiting {
  readonly arrive: () => void;
  readonly dueMs: number;
  readonly bytes: number;
}

export interface MemoryLaneOptions extends LaneLimits {
  readonly itemsPerTurnMax: number;
}

export class MemoryLane {
  readonly #limits: MemoryLaneOptions;
  readonly #clock: Clock;
  #waiting: Waiting[] = [];
  #bytes = 0;
  #lastDueMs = 0;
  #isClosed = false;

  constructor(limits: MemoryLaneOptions, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Calls `arrive` after `delayMs`, and after everything pushed before; false when a limit is reached. */
  push(arrive: () => void, bytes: number, delayMs: number): boolean {
    const { queueBytesMax, queueMessagesMax } = this.#limits;
    if (this.#waiting.length >= queueMessagesMax || this.#bytes + bytes > queueBytesMax) {
      return false;
    }
    this.#lastDueMs = Math.max(this.#lastDueMs, this.#clock.nowMs() + delayMs);
    this.#waiting.push({ arrive, dueMs: this.#lastDueMs, bytes });
    this.#bytes += bytes;
    if (this.#waiting.length === 1) this.#schedule(this.#lastDueMs);
    return true;
  }

  /** What waits never arrives. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  #schedule(dueMs: number): void {
    const delayMs = dueMs - this.#clock.nowMs();
    const run = (): void => {
      this.#arrive();
    };
    if (delayMs > 0) this.#clock.after(delayMs, run);
    else this.#clock.yield(run);
  }

  #arrive(): void {
    const nowMs = this.#clock.nowMs();
    const pending = this.#waiting.findIndex((item) => item.dueMs > nowMs);
    const count = pending < 0 ? this.#waiting.length : pending;
    const due = this.#waiting.splice(0, Math.min(count, this.#limits.itemsPerTurnMax));
    for (const item of due) this.#bytes -= item.bytes;
    const next = this.#waiting[0];
    if (next !== undefined) this.#schedule(next.dueMs);
    for (const item of due) if (!this.#isClosed) item.arrive();
  }
}
