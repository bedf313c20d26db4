// Turns the monotonic clock into Raft ticks. A late tick is one tick: what a stopped process missed is never
// replayed in a burst, because it would call an election before the messages that waited meanwhile are read.
// For the same reason a late tick first lets the event loop deliver what has arrived.
import type { Cancel, Clock } from "../base/clock.ts";

export interface TickerOptions {
  readonly tickMs: number;
  /** A tick this late means that the process stood still. */
  readonly pauseMs: number;
}

export interface TickerModules {
  readonly clock: Clock;
  readonly onTick: () => void;
  /** A tick came so late that others were left out. */
  readonly onMissed: () => void;
  readonly onPaused: (pausedMs: number) => void;
}

export class Ticker {
  readonly #options: TickerOptions;
  readonly #modules: TickerModules;
  #dueMs = 0;
  #cancel: Cancel | undefined;

  constructor(options: TickerOptions, modules: TickerModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    if (this.#cancel !== undefined) return;
    this.#dueMs = this.#modules.clock.nowMs() + this.#options.tickMs;
    this.#schedule();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** A tick is overdue, by so much that others will be left out. */
  get isLate(): boolean {
    const lateMs = this.#modules.clock.nowMs() - this.#dueMs;
    return this.#cancel !== undefined && lateMs >= this.#options.tickMs;
  }

  #schedule(): void {
    const delayMs = Math.max(0, this.#dueMs - this.#modules.clock.nowMs());
    this.#cancel = this.#modules.clock.after(delayMs, () => this.#fire());
  }

  #fire(): void {
    const { tickMs, pauseMs } = this.#options;
    const lateMs = this.#modules.clock.nowMs() - this.#dueMs;
    if (lateMs < tickMs) {
      this.#dueMs += tickMs;
      this.#tick();
      return;
    }
    this.#cancel = this.#modules.clock.yield(() => {
      this.#dueMs = this.#modules.clock.nowMs() + tickMs;
      this.#modules.onMissed();
      if (lateMs >= pauseMs) this.#modules.onPaused(lateMs);
      this.#tick();
    });
  }

  /** The next one is scheduled first, so that `onTick` may stop the ticker. */
  #tick(): void {
    this.#schedule();
    this.#modules.onTick();
  }
}
