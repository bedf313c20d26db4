// Time that passes only when a test lets it: callbacks run one at a time in the order of their time, and after
// each one everything that promises have made ready runs first. A run depends on nothing but its inputs.
import type { Cancel, Clock, WallClock } from "../../../src/base/clock.ts";

interface Pending {
  readonly atMs: number;
  readonly order: number;
  readonly callback: () => void;
}

/** Lets all promise reactions run. */
function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

export class VirtualClock implements Clock, WallClock {
  #nowMs = 0;
  #order = 0;
  readonly #pending = new Set<Pending>();

  nowMs(): number {
    return this.#nowMs;
  }

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  after(delayMs: number, callback: () => void): Cancel {
    this.#order += 1;
    const pending = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order, callback };
    this.#pending.add(pending);
    return () => this.#pending.delete(pending);
  }

  yield(callback: () => void): Cancel {
    return this.after(0, callback);
  }

  /** What is waiting, for tests that nothing is left behind. */
  get waiting(): number {
    return this.#pending.size;
  }

  /** Time passes and nothing runs, as in a stopped process. */
  stall(ms: number): void {
    this.#nowMs += ms;
  }

  /** Runs for `ms`. */
  async run(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(); next !== undefined && next.atMs <= untilMs; next = this.#next()) {
      await this.#step(next);
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }

  /** Runs until the level `reached` holds; fails after `withinMs` of virtual time. */
  async until(what: string, reached: () => boolean, withinMs = 20_000): Promise<void> {
    const untilMs = this.#nowMs + withinMs;
    await settle();
    while (!reached()) {
      const next = this.#next();
      if (next === undefined || next.atMs > untilMs) throw new Error(`not reached: ${what}`);
      await this.#step(next);
    }
  }

  /** Runs until `promise` has settled, then returns its outcome. */
  async settled<T>(promise: Promise<T>, withinMs = 20_000): Promise<T> {
    let done = false;
    const mark = (): void => {
      done = true;
    };
    promise.then(mark, mark);
    await this.until("the promise settles", () => done, withinMs);
    return promise;
  }

  async #step(next: Pending): Promise<void> {
    this.#pending.delete(next);
    this.#nowMs = Math.max(this.#nowMs, next.atMs);
    next.callback();
    await settle();
  }

  #next(): Pending | undefined {
    let first: Pending | undefined;
    for (const each of this.#pending) {
      const earlier =
        first === undefined ||
        each.atMs < first.atMs ||
        (each.atMs === first.atMs && each.order < first.order);
      if (earlier) first = each;
    }
    return first;
  }
}
