// The clock of one simulated process: it starts anywhere and runs a little fast or slow, as quartz does.
import type { Cancel, Clock, WallClock } from "../../src/base/clock.ts";
import type { Owner, Schedule } from "./schedule.ts";

export interface ProcessClockOptions {
  /** What it shows when the process starts. */
  readonly originMs: number;
  /** Its milliseconds per real millisecond. */
  readonly rate: number;
}

export class ProcessClock implements Clock, WallClock {
  readonly #schedule: Schedule;
  readonly #owner: Owner;
  #baseMs: number;
  #sinceMs: number;
  #rate: number;

  constructor(options: ProcessClockOptions, modules: { schedule: Schedule; owner: Owner }) {
    this.#schedule = modules.schedule;
    this.#owner = modules.owner;
    this.#baseMs = options.originMs;
    this.#sinceMs = modules.schedule.nowMs;
    this.#rate = options.rate;
  }

  nowMs(): number {
    return this.#baseMs + (this.#schedule.nowMs - this.#sinceMs) * this.#rate;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.nowMs();
  }

  after(delayMs: number, callback: () => void): Cancel {
    return this.#schedule.after(delayMs / this.#rate, this.#owner, callback);
  }

  yield(callback: () => void): Cancel {
    return this.#schedule.after(0, this.#owner, callback);
  }

  /** Runs at another rate from now on; timers that are set keep theirs. */
  drift(rate: number): void {
    this.#baseMs = this.nowMs();
    this.#sinceMs = this.#schedule.nowMs;
    this.#rate = rate;
  }
}
