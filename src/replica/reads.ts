// Linearizable reads. All barriers of one turn share one read-index round; while `readRoundsMax` rounds are on
// their way, later barriers wait for the next round and share that one. A caller only ever joins a round that
// has not been sent yet, so the answer always speaks about a moment after its call.
//
// A refused or lost round is asked again under a *new* id: an answer to an old id says nothing about now
// (etcd #20418).
import type { Clock } from "../base/clock.ts";
import type { Index, Revision } from "../base/numbers.ts";
import type { ReadState } from "../raft/types.ts";
import { replicaErrors } from "./errors.ts";
import { readRoundsMax } from "./limits.ts";

export interface ReadsOptions {
  readonly readsMax: number;
  /**
   * Where the numbers of rounds begin, drawn at every start: the leader may answer a round that this server asked
   * for before it crashed, and that answer must not be taken for one to a round of now.
   */
  readonly firstReadId: number;
}

export interface ReadsModules {
  readonly clock: Clock;
  /** Asks for a turn of the loop. */
  readonly wake: () => void;
  readonly leads: () => boolean;
  readonly applied: () => Revision;
}

interface Waiter {
  /** On the leader only, and without waiting for anything to be applied. */
  readonly confirmsLeadership: boolean;
  readonly deadlineMs: number;
  readonly resolve: (revision: Revision) => void;
  readonly reject: (error: Error) => void;
}

interface Parked {
  readonly index: Index;
  readonly waiters: readonly Waiter[];
}

export class Reads {
  readonly #options: ReadsOptions;
  readonly #modules: ReadsModules;
  #next: Waiter[] = [];
  /** Refused once; they join the next round after a tick. */
  #again: Waiter[] = [];
  readonly #rounds = new Map<number, Waiter[]>();
  /** Confirmed, waiting until `index` is applied; ascending enough to be scanned: rounds are few. */
  #parked: Parked[] = [];
  #lastReadId: number;
  #count = 0;
  /** No waiter's deadline is earlier. */
  #nextDeadlineMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: ReadsOptions, modules: ReadsModules) {
    this.#options = options;
    this.#modules = modules;
    this.#lastReadId = options.firstReadId;
  }

  barrier(deadlineMs: number): Promise<Revision> {
    return this.#enqueue(deadlineMs, false);
  }

  async confirmLeadership(deadlineMs: number): Promise<void> {
    if (!this.#modules.leads()) throw replicaErrors.NOT_LEADER("this server does not lead");
    await this.#enqueue(deadlineMs, true);
  }

  /** Part of a turn: sends the next round if one is wanted and may go. */
  flush(readIndex: (readId: number, mayUseLease: boolean) => void): void {
    if (this.#next.length === 0 || this.#rounds.size >= readRoundsMax) return;
    const waiters = this.#next.filter((each) => this.#mayAsk(each));
    this.#next = [];
    if (waiters.length === 0) return;
    this.#lastReadId += 1;
    this.#rounds.set(this.#lastReadId, waiters);
    // Whoever asks about leadership itself gives promises to others on the answer: it never rests on clocks.
    const mayUseLease = waiters.every(({ confirmsLeadership }) => !confirmsLeadership);
    readIndex(this.#lastReadId, mayUseLease);
  }

  get wantsTurn(): boolean {
    return this.#next.length > 0 && this.#rounds.size < readRoundsMax;
  }

  confirmed(states: readonly ReadState[]): void {
    for (const { readId, index } of states) {
      const waiters = this.#rounds.get(readId);
      if (waiters === undefined) continue;
      this.#rounds.delete(readId);
      this.#answer(index, waiters);
    }
  }

  /** They are asked again by `retry`, not at once: the core would refuse again until there is a leader. */
  refused(readIds: readonly number[]): void {
    for (const readId of readIds) {
      const waiters = this.#rounds.get(readId);
      if (waiters === undefined) continue;
      this.#rounds.delete(readId);
      for (const waiter of waiters) this.#again.push(waiter);
    }
  }

  /** With every tick. */
  retry(): void {
    for (const waiter of this.#again.splice(0)) this.#next.push(waiter);
  }

  applied(revision: Revision): void {
    if (this.#parked.length === 0) return;
    const ready = this.#parked.filter((each) => each.index <= revision);
    if (ready.length === 0) return;
    this.#parked = this.#parked.filter((each) => each.index > revision);
    for (const { waiters } of ready) for (const each of waiters) this.#settle(each, revision);
  }

  /** Ends what is past its deadline. */
  expire(nowMs: number): void {
    if (nowMs < this.#nextDeadlineMs) return;
    this.#nextDeadlineMs = Number.POSITIVE_INFINITY;
    this.#next = this.#keepLiving(this.#next, nowMs);
    this.#again = this.#keepLiving(this.#again, nowMs);
    for (const [readId, waiters] of this.#rounds) {
      const living = this.#keepLiving(waiters, nowMs);
      if (living.length === 0) this.#rounds.delete(readId);
      else this.#rounds.set(readId, living);
    }
    this.#parked = this.#parked
      .map(({ index, waiters }) => ({ index, waiters: this.#keepLiving(waiters, nowMs) }))
      .filter(({ waiters }) => waiters.length > 0);
  }

  stop(): void {
    this.#stopped = true;
    const parked = this.#parked.map((each) => each.waiters);
    const all = [this.#next, this.#again, ...this.#rounds.values(), ...parked];
    this.#next = [];
    this.#again = [];
    this.#rounds.clear();
    this.#parked = [];
    for (const each of all.flat())
      this.#fail(each, replicaErrors.STOPPED("the server is stopping"));
  }

  #enqueue(deadlineMs: number, confirmsLeadership: boolean): Promise<Revision> {
    if (this.#stopped) return Promise.reject(replicaErrors.STOPPED("the server is stopping"));
    if (this.#count >= this.#options.readsMax) {
      const fields = { limit: "readsMax", max: this.#options.readsMax };
      return Promise.reject(replicaErrors.EXHAUSTED("too many reads wait", { fields }));
    }
    return new Promise((resolve, reject) => {
      const atMs = this.#modules.clock.nowMs() + deadlineMs;
      this.#count += 1;
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, atMs);
      this.#next.push({ confirmsLeadership, deadlineMs: atMs, resolve, reject });
      this.#modules.wake();
    });
  }

  #mayAsk(waiter: Waiter): boolean {
    if (!waiter.confirmsLeadership || this.#modules.leads()) return true;
    this.#fail(waiter, replicaErrors.NOT_LEADER("leadership ended"));
    return false;
  }

  #answer(index: Index, waiters: readonly Waiter[]): void {
    const applied = this.#modules.applied();
    const later: Waiter[] = [];
    for (const waiter of waiters) {
      if (waiter.confirmsLeadership) this.#confirm(waiter, applied);
      else if (applied >= index) this.#settle(waiter, applied);
      else later.push(waiter);
    }
    if (later.length > 0) this.#parked.push({ index, waiters: later });
  }

  /** The round of a leader that was deposed meanwhile may have been answered by its successor. */
  #confirm(waiter: Waiter, applied: Revision): void {
    if (this.#mayAsk(waiter)) this.#settle(waiter, applied);
  }

  #keepLiving(waiters: readonly Waiter[], nowMs: number): Waiter[] {
    return waiters.filter((waiter) => {
      if (waiter.deadlineMs <= nowMs) {
        this.#fail(waiter, replicaErrors.NO_LEADER("no leader confirmed the read in time"));
        return false;
      }
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, waiter.deadlineMs);
      return true;
    });
  }

  #settle(waiter: Waiter, revision: Revision): void {
    this.#count -= 1;
    waiter.resolve(revision);
  }

  #fail(waiter: Waiter, error: Error): void {
    this.#count -= 1;
    waiter.reject(error);
  }
}
