/** Stops a pending callback; calling it again, or after the callback ran, does nothing. */
export type Cancel = () => void;

/**
 * Time as every room sees it. The shell hands in the machine's monotonic clock, the simulator a
 * virtual one. Never the wall clock: a step of NTP must not end a lease.
 */
export interface Clock {
  /** Milliseconds (fractional) since an arbitrary origin; never goes back. */
  nowMs(): number;
  /** Runs `callback` once, no earlier than `delayMs` from now. */
  after(delayMs: number, callback: () => void): Cancel;
  /** Runs `callback` after what is already queued in the event loop: long work yields with it. */
  yield(callback: () => void): Cancel;
}

/** Wall-clock time for people (logs, "since when"); no decision may depend on it. */
export interface WallClock {
  /** Milliseconds since 1970-01-01 UTC. */
  wallMs(): number;
}
