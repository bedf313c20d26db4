import type { MemoryBudget } from "./memory-budget.ts";

/** Of one state: the map's entry, the object and the string's header. */
const overheadBytes = 160;
const charBytes = 2;

/** Gives states small numbers: equal states the same one. */
export class StateTable<State> {
  readonly #identity: (state: State) => string;
  readonly #memory: MemoryBudget;
  readonly #numbers = new Map<string, number>();
  readonly #states: State[] = [];

  constructor(identity: (state: State) => string, memory: MemoryBudget) {
    this.#identity = identity;
    this.#memory = memory;
  }

  get(number: number): State {
    return this.#states[number]!;
  }

  /** Undefined if there is no memory left for a new one. */
  numberOf(state: State): number | undefined {
    const identity = this.#identity(state);
    const known = this.#numbers.get(identity);
    if (known !== undefined) return known;
    if (!this.#memory.take(overheadBytes + charBytes * identity.length)) return undefined;
    const number = this.#states.length;
    this.#states.push(state);
    this.#numbers.set(identity, number);
    return number;
  }
}
