// Which value of the database holds an entry: its groups (entry-codec), by the numbers of their first entries.
import { lastAtOrBelow } from "./last-at-or-below.ts";

export class EntryGroups {
  /** Ascending. A group ends where the next one begins, the last one with the log. */
  #starts: number[] = [];

  /** Number of the first entry of the group that holds `index`, which is part of the log. */
  startOf(index: number): number | undefined {
    return this.#starts[this.#find(index)];
  }

  /** Groups that begin at `index` or above. */
  from(index: number): readonly number[] {
    return this.#starts.slice(this.#find(index - 1) + 1);
  }

  /** `start` must be above all others. */
  append(start: number): void {
    this.#starts.push(start);
  }

  /** Forgets groups that begin at `index` or above. */
  truncate(index: number): void {
    this.#starts.length = this.#find(index - 1) + 1;
  }

  /** Forgets groups that end before `index`. */
  dropBefore(index: number): void {
    this.#starts = this.#starts.slice(Math.max(0, this.#find(index)));
  }

  clear(): void {
    this.#starts = [];
  }

  /** Position of the last group that begins at or below `index`; -1 when there is none. */
  #find(index: number): number {
    const starts = this.#starts;
    return lastAtOrBelow(index, starts.length, (position) => starts[position] ?? 0);
  }
}
