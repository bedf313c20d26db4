// The search of Wing and Gong (1993) with Lowe's memo (2017): place one of the calls that nothing forces to be
// later, go on, and take it back when the rest cannot be placed. Own additions, each of which only leaves out
// what cannot change the verdict:
// - An operation that leaves the object and the model's state as they are is placed at once, and never tried
//   later: whatever order works without it works with it in front.
// - An operation of unknown outcome is placed only in front of one that comes out differently without it.
// - Operations of unknown outcome are tried last, the latest call first, since most take effect soon or never; of
//   those with the same input only the earliest that is left; and none where it changes nothing.
// - The memo leaves out what a cheaper configuration covers (configuration-cache.ts).
import type { Clock } from "../../../../src/base/clock.ts";
import { ConfigurationCache } from "./configuration-cache.ts";
import { MemoryBudget } from "./memory-budget.ts";
import type { Model } from "./model.ts";
import type { Partition } from "./partition.ts";
import { PlacedSet } from "./placed-set.ts";
import { StateTable } from "./state-table.ts";
import { Timeline } from "./timeline.ts";

export interface SearchBounds {
  readonly clock: Pick<Clock, "nowMs">;
  /** On that clock. */
  readonly deadlineMs: number;
  readonly memoryBytesMax: number;
}

/** Where the search came furthest in the time of the history. */
export interface Furthest<State> {
  /** A valid order of everything that returned before `blocking`. */
  readonly placed: readonly number[];
  readonly state: State;
  /** It returned next, and cannot be placed in any order. */
  readonly blocking: number;
}

export type SearchEnd<State> =
  | { readonly kind: "placed" }
  | { readonly kind: "impossible"; readonly furthest: Furthest<State> }
  | { readonly kind: "bound"; readonly bound: "time" | "memory" };

/** So often the clock is asked. */
const stepsPerLook = 512;

// Where to look for the next move: after an operation, or one of these.
const fromStart = -1;
const nowhere = -2;

const noState = -1;

interface Move {
  operation: number;
  state: number;
  /** There is no need to try anything else in its place. */
  only: boolean;
}

export class Search<Input, Output, State> {
  readonly #model: Model<Input, Output, State>;
  readonly #partition: Partition<Input, Output>;
  readonly #bounds: SearchBounds;
  readonly #memory: MemoryBudget;
  readonly #timeline: Timeline;
  readonly #states: StateTable<State>;
  readonly #cache: ConfigurationCache;
  readonly #required: PlacedSet;
  readonly #optional: PlacedSet;
  readonly #order: Int32Array;
  readonly #statesBefore: Int32Array;
  readonly #only: Uint8Array;
  #depth = 0;
  #requiredLeft: number;
  #state = 0;
  #steps = 0;
  #hitBound: "time" | "memory" | undefined;
  readonly #move: Move = { operation: 0, state: 0, only: false };

  readonly #furthestOrder: Int32Array;
  /** So many of `#furthestOrder` are the same in `#order`. */
  #furthestShared = 0;
  #furthestDepth = 0;
  #furthestEntry = -1;
  #furthestState = 0;

  constructor(
    model: Model<Input, Output, State>,
    partition: Partition<Input, Output>,
    bounds: SearchBounds,
  ) {
    const { operations, requiredCount } = partition;
    const optionalCount = operations.length - requiredCount;
    this.#model = model;
    this.#partition = partition;
    this.#bounds = bounds;
    this.#memory = new MemoryBudget(bounds.memoryBytesMax);
    this.#timeline = new Timeline(operations, requiredCount);
    this.#states = new StateTable((state) => model.identity(state), this.#memory);
    this.#required = new PlacedSet(requiredCount);
    this.#optional = new PlacedSet(optionalCount);
    const optionalWords = optionalCount === 0 ? 0 : this.#optional.words.length;
    this.#cache = new ConfigurationCache(optionalWords, this.#memory);
    this.#order = new Int32Array(operations.length);
    this.#statesBefore = new Int32Array(operations.length);
    this.#only = new Uint8Array(operations.length);
    this.#furthestOrder = new Int32Array(operations.length);
    this.#requiredLeft = requiredCount;
  }

  get configurations(): number {
    return this.#cache.count;
  }

  get memoryBytesPeak(): number {
    return this.#memory.peakBytes;
  }

  run(): SearchEnd<State> {
    const state = this.#states.numberOf(this.#model.initial);
    if (state === undefined || !this.#cache.open()) return { kind: "bound", bound: "memory" };
    this.#state = state;
    this.#visit();
    let from = fromStart;
    while (this.#requiredLeft > 0) {
      const found = this.#findMove(from);
      if (this.#hitBound !== undefined) return { kind: "bound", bound: this.#hitBound };
      if (found) {
        this.#place();
        from = this.#visit() ? fromStart : this.#takeBack();
      } else {
        this.#noteFurthest();
        from = this.#takeBack();
      }
      if (from === nowhere) return { kind: "impossible", furthest: this.#furthest() };
    }
    return { kind: "placed" };
  }

  /** Looks for the first possible move after the operation `from`, in `#move`. */
  #findMove(from: number): boolean {
    this.#look();
    if (from === fromStart && this.#findObservation()) return true;
    const { operations, requiredCount } = this.#partition;
    if (from >= requiredCount) return this.#findOptional(from - 1);
    return this.#findRequired(from) || this.#findOptional(operations.length - 1);
  }

  #findObservation(): boolean {
    const timeline = this.#timeline;
    let entry = timeline.firstEntry;
    for (; !timeline.isReturn(entry); entry = timeline.entryAfter(entry)) {
      const operation = timeline.operationAt(entry);
      if (this.#partition.observes[operation] === 0) continue;
      if (this.#step(operation) === this.#state) return this.#choose(operation, this.#state, true);
    }
    return false;
  }

  #findRequired(from: number): boolean {
    const timeline = this.#timeline;
    let entry =
      from === fromStart ? timeline.firstEntry : timeline.entryAfter(timeline.callOf(from));
    for (; !timeline.isReturn(entry); entry = timeline.entryAfter(entry)) {
      const operation = timeline.operationAt(entry);
      const state = this.#step(operation);
      if (state !== noState && this.#isNews(operation, state)) {
        return this.#choose(operation, state, false);
      }
    }
    return false;
  }

  /** From `last` down. */
  #findOptional(last: number): boolean {
    const { requiredCount, twins } = this.#partition;
    if (last < requiredCount) return false;
    const end = this.#timeline.firstReturn();
    for (let operation = last; operation >= requiredCount; operation -= 1) {
      if (!this.#timeline.isCalledBefore(operation, end)) continue;
      if (this.#optional.has(operation - requiredCount)) continue;
      const twin = twins[operation]!;
      if (twin >= requiredCount && !this.#optional.has(twin - requiredCount)) continue;
      const state = this.#step(operation);
      if (state === noState || state === this.#state) continue;
      if (this.#isNews(operation, state)) return this.#choose(operation, state, false);
    }
    return false;
  }

  /** False if the operation leads to the same without the one before it, which need not have happened. */
  #isNews(operation: number, state: number): boolean {
    const before = this.#depth - 1;
    if (before < 0 || this.#order[before]! < this.#partition.requiredCount) return true;
    return this.#stepFrom(this.#statesBefore[before]!, operation) !== state;
  }

  #choose(operation: number, state: number, only: boolean): true {
    this.#move.operation = operation;
    this.#move.state = state;
    this.#move.only = only;
    return true;
  }

  #step(operation: number): number {
    return this.#stepFrom(this.#state, operation);
  }

  #stepFrom(from: number, operation: number): number {
    const { input, output } = this.#partition.operations[operation]!;
    const next = this.#model.step(this.#states.get(from), input, output);
    if (next === undefined) return noState;
    const state = this.#states.numberOf(next);
    if (state !== undefined) return state;
    this.#hitBound = "memory";
    return noState;
  }

  #look(): void {
    this.#steps += 1;
    if (this.#steps % stepsPerLook !== 0) return;
    if (this.#bounds.clock.nowMs() >= this.#bounds.deadlineMs) this.#hitBound = "time";
  }

  #place(): void {
    const { operation, state, only } = this.#move;
    const { requiredCount } = this.#partition;
    this.#order[this.#depth] = operation;
    this.#statesBefore[this.#depth] = this.#state;
    this.#only[this.#depth] = Number(only);
    this.#depth += 1;
    this.#state = state;
    this.#timeline.lift(operation);
    if (operation >= requiredCount) {
      this.#optional.add(operation - requiredCount);
      return;
    }
    this.#required.add(operation);
    this.#requiredLeft -= 1;
  }

  /** Takes back moves up to one that had an alternative, and gives the place to look for that. */
  #takeBack(): number {
    const { requiredCount } = this.#partition;
    while (this.#depth > 0) {
      this.#depth -= 1;
      const operation = this.#order[this.#depth]!;
      this.#state = this.#statesBefore[this.#depth]!;
      this.#timeline.putBack(operation);
      if (operation >= requiredCount) {
        this.#optional.remove(operation - requiredCount);
      } else {
        this.#required.remove(operation);
        this.#requiredLeft += 1;
      }
      this.#furthestShared = Math.min(this.#furthestShared, this.#depth);
      if (this.#only[this.#depth] === 0) return operation;
    }
    return nowhere;
  }

  /** False if there is nothing to be gained from where the search is now. */
  #visit(): boolean {
    const visit = this.#cache.visit({
      state: this.#state,
      required: this.#required,
      optional: this.#optional,
    });
    if (visit === "full") this.#hitBound = "memory";
    return visit !== "seen";
  }

  #noteFurthest(): void {
    const entry = this.#timeline.firstReturn();
    if (entry < this.#furthestEntry) return;
    if (entry === this.#furthestEntry && this.#depth <= this.#furthestDepth) return;
    const shared = this.#furthestShared;
    this.#furthestOrder.set(this.#order.subarray(shared, this.#depth), shared);
    this.#furthestShared = this.#depth;
    this.#furthestDepth = this.#depth;
    this.#furthestEntry = entry;
    this.#furthestState = this.#state;
  }

  #furthest(): Furthest<State> {
    return {
      placed: [...this.#furthestOrder.subarray(0, this.#furthestDepth)],
      state: this.#states.get(this.#furthestState),
      blocking: this.#timeline.operationAt(this.#furthestEntry),
    };
  }
}
