// Virtual time. Everything that happens in a simulated run is an event in one heap, ordered by time and, at
// the same time, by the order in which it was asked for. Between two events all promise reactions run, so that
// a run depends on nothing but its seed.
//
// An event may belong to a process: a dead process's events vanish, a stopped one's (SIGSTOP) wait until it goes
// on and then all come late, in order.
import type { Cancel } from "../../src/base/clock.ts";

/** Whose event it is. */
export interface Owner {
  isAlive: boolean;
  isPaused: boolean;
  /** What became due during the pause. */
  readonly held: ScheduledEvent[];
}

export interface ScheduledEvent {
  /** In whole microseconds: fractions could make a timer's rest too small to move the time at all. */
  readonly atUs: number;
  readonly order: number;
  readonly owner: Owner | undefined;
  /** Undefined once cancelled or run. */
  run: (() => void) | undefined;
}

/** Lets all promise reactions run. */
export function drain(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isEarlier(a: ScheduledEvent, b: ScheduledEvent): boolean {
  return a.atUs < b.atUs || (a.atUs === b.atUs && a.order < b.order);
}

export class Schedule {
  #nowUs = 0;
  #order = 0;
  #steps = 0;
  #stepsNow = 0;
  readonly #heap: ScheduledEvent[] = [];

  /** Real time of the simulated world; servers see it through their own clocks. */
  get nowMs(): number {
    return this.#nowUs / 1000;
  }

  /** Events that ran. */
  get steps(): number {
    return this.#steps;
  }

  /** Events that ran since the time last moved. */
  get stepsNow(): number {
    return this.#stepsNow;
  }

  /** Runs `run` after `delayMs`, after everything that is already due then. */
  after(delayMs: number, owner: Owner | undefined, run: () => void): Cancel {
    this.#order += 1;
    const atUs = this.#nowUs + Math.ceil(Math.max(0, delayMs) * 1000);
    const event: ScheduledEvent = { atUs, order: this.#order, owner, run };
    this.#push(event);
    return () => {
      event.run = undefined;
    };
  }

  /** The process goes on: what was held is due now, in its order. */
  release(owner: Owner): void {
    for (const { run } of owner.held.splice(0)) {
      if (run !== undefined) this.after(0, owner, run);
    }
  }

  /** Runs the next event, unless it is later than `untilMs`; gives its owner, or false when there is none. */
  async step(untilMs: number): Promise<Owner | undefined | false> {
    const untilUs = Math.ceil(untilMs * 1000);
    for (;;) {
      const next = this.#heap[0];
      if (next === undefined || next.atUs > untilUs) {
        this.#nowUs = Math.max(this.#nowUs, untilUs);
        return false;
      }
      this.#pop();
      const { owner, run } = next;
      if (run === undefined || owner?.isAlive === false) continue;
      if (next.atUs > this.#nowUs) this.#stepsNow = 0;
      this.#nowUs = next.atUs;
      if (owner?.isPaused === true) {
        owner.held.push(next);
        continue;
      }
      next.run = undefined;
      this.#steps += 1;
      this.#stepsNow += 1;
      run();
      await drain();
      return owner;
    }
  }

  #push(event: ScheduledEvent): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isEarlier(event, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = event;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isEarlier(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isEarlier(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
  }
}
