// A machine that sleeps (laptop lid, frozen virtual machine) stops its monotonic clock, but not the lease at the
// leader. CLOCK_BOOTTIME goes on during sleep, so the difference between the two clocks tells. The wall clock is
// never asked: a step of NTP must not kill a job.
import { suspendGapMaxMs } from "./limits.ts";

export interface SleepClocks {
  monotonicMs(): number;
  /** CLOCK_BOOTTIME. */
  bootMs(): number;
}

export class SuspendWatch {
  readonly #clocks: SleepClocks;
  /** Largest value that the true difference can have had at the last look. */
  #aheadMs: number;

  constructor(clocks: SleepClocks) {
    this.#clocks = clocks;
    this.#aheadMs = Number.POSITIVE_INFINITY;
  }

  /** True once for each sleep since the last look. The first look only remembers. */
  hasSlept(): boolean {
    // The clocks are not read at one instant: the process may be descheduled in between. Reading the monotonic
    // clock on both sides bounds the true difference from both sides, so that slowness never looks like sleep.
    const before = this.#clocks.monotonicMs();
    const boot = this.#clocks.bootMs();
    const after = this.#clocks.monotonicMs();
    const slept = boot - after - this.#aheadMs > suspendGapMaxMs;
    this.#aheadMs = slept ? boot - before : Math.min(this.#aheadMs, boot - before);
    return slept;
  }
}
