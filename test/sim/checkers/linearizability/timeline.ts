// The entry list of the search (Wing and Gong 1993, Lowe 2017): calls and returns in the order of time, from which
// placed operations are lifted and put back in constant time. Operations of unknown outcome have no return that
// could block the search; they stand beside the list, with the place in it from which on they may be used.
import { assert } from "../../../../src/base/assert.ts";
import type { Operation } from "./model.ts";

type AnyOperation = Operation<unknown, unknown>;

interface Event {
  readonly at: number;
  /** Calls before returns: what happens at the same time is concurrent. */
  readonly order: 0 | 1;
  readonly operation: number;
}

const sooner = (a: Event, b: Event): number =>
  a.at - b.at || a.order - b.order || a.operation - b.operation;

function eventsOf(operations: readonly AnyOperation[]): Event[] {
  return operations
    .flatMap<Event>(({ calledAt, returnedAt, output }, operation) => {
      assert(calledAt <= returnedAt, "an operation returns after it was called");
      assert(output === undefined || returnedAt < Infinity, "an answer has a time");
      const call = { at: calledAt, order: 0, operation } as const;
      return returnedAt === Infinity ? [call] : [call, { at: returnedAt, order: 1, operation }];
    })
    .sort(sooner);
}

export class Timeline {
  /** Entry → its operation; `-1 - operation` for a return. Entry 0 is the head, the last one the end. */
  readonly #operations: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #calls: Int32Array;
  readonly #returns: Int32Array;
  readonly #requiredCount: number;

  /** Operations with a known outcome come first in `operations`; there are `requiredCount` of them. */
  constructor(operations: readonly AnyOperation[], requiredCount: number) {
    const length = 2 * requiredCount + 2;
    this.#requiredCount = requiredCount;
    this.#operations = new Int32Array(length);
    this.#next = new Int32Array(length).map((_, entry) => entry + 1);
    this.#previous = new Int32Array(length).map((_, entry) => entry - 1);
    this.#calls = new Int32Array(operations.length);
    this.#returns = new Int32Array(requiredCount);
    let entry = 0;
    for (const { order, operation } of eventsOf(operations)) {
      if (operation >= requiredCount) {
        this.#calls[operation] = entry;
        continue;
      }
      entry += 1;
      this.#operations[entry] = order === 0 ? operation : -1 - operation;
      (order === 0 ? this.#calls : this.#returns)[operation] = entry;
    }
  }

  get firstEntry(): number {
    return this.#next[0]!;
  }

  isReturn(entry: number): boolean {
    return this.#operations[entry]! < 0;
  }

  /** Of a call or of a return. */
  operationAt(entry: number): number {
    const operation = this.#operations[entry]!;
    return operation < 0 ? -1 - operation : operation;
  }

  entryAfter(entry: number): number {
    return this.#next[entry]!;
  }

  callOf(operation: number): number {
    return this.#calls[operation]!;
  }

  /** True if the operation was called before what happened at `entry`. */
  isCalledBefore(operation: number, entry: number): boolean {
    return this.#calls[operation]! < entry;
  }

  /** The first return in the list: its operation must be placed before anything that was called later. */
  firstReturn(): number {
    let entry = this.firstEntry;
    while (!this.isReturn(entry)) entry = this.entryAfter(entry);
    return entry;
  }

  lift(operation: number): void {
    if (operation >= this.#requiredCount) return;
    this.#unlink(this.#calls[operation]!);
    this.#unlink(this.#returns[operation]!);
  }

  /** Undoes the last `lift`: in the opposite order of lifting. */
  putBack(operation: number): void {
    if (operation >= this.#requiredCount) return;
    this.#link(this.#returns[operation]!);
    this.#link(this.#calls[operation]!);
  }

  #unlink(entry: number): void {
    this.#next[this.#previous[entry]!] = this.#next[entry]!;
    this.#previous[this.#next[entry]!] = this.#previous[entry]!;
  }

  #link(entry: number): void {
    this.#next[this.#previous[entry]!] = entry;
    this.#previous[this.#next[entry]!] = entry;
  }
}
