// The sorted keys of a table, kept lazily: changes are only noted, and the next ordered read merges them in
// one pass. Writers (the hot path) pay nothing but a set insertion, readers O(keys) after changes and O(1) without.
import { compareStrings } from "../base/bytes.ts";

export class KeyOrder<K extends string> {
  #sorted: readonly K[] = [];
  readonly #added = new Set<K>();
  readonly #removed = new Set<K>();

  add(key: K): void {
    if (!this.#removed.delete(key)) this.#added.add(key);
  }

  remove(key: K): void {
    if (!this.#added.delete(key)) this.#removed.add(key);
  }

  /** Ascending by UTF-16 code units. The array is never changed afterwards. */
  keys(): readonly K[] {
    if (this.#added.size === 0 && this.#removed.size === 0) return this.#sorted;
    const added = [...this.#added].sort(compareStrings);
    const merged: K[] = [];
    let next = 0;
    for (const key of this.#sorted) {
      if (this.#removed.has(key)) continue;
      for (
        let candidate = added[next];
        candidate !== undefined && candidate < key;
        candidate = added[next]
      ) {
        merged.push(candidate);
        next += 1;
      }
      merged.push(key);
    }
    for (const rest of added.slice(next)) merged.push(rest);
    this.#sorted = merged;
    this.#added.clear();
    this.#removed.clear();
    return merged;
  }

  /** Position of the first key ≥ `bound` in `keys()`. */
  lowerBound(bound: string): number {
    const keys = this.keys();
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if ((keys[middle] ?? bound) < bound) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
