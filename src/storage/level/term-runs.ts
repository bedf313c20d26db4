// Terms of a log as runs of equal terms: a term begins with an election, so a log of millions of entries has
// a handful of runs, and the consensus core may ask for any term without a read from disk.
import type { Index, Term } from "../../base/numbers.ts";
import { lastAtOrBelow } from "./last-at-or-below.ts";

interface Run {
  readonly first: number;
  readonly term: Term;
}

export class TermRuns {
  #runs: Run[] = [];

  /** The term of an entry that is part of the log; undefined below the first run. */
  at(index: Index): Term | undefined {
    return this.#runs[this.#find(index)]?.term;
  }

  /** `index` must be above all others. */
  append(index: Index, term: Term): void {
    if (this.#runs.at(-1)?.term !== term) this.#runs.push({ first: index, term });
  }

  /** Forgets `index` and everything above. */
  truncate(index: Index): void {
    while ((this.#runs.at(-1)?.first ?? 0) >= index && this.#runs.length > 0) this.#runs.pop();
  }

  /** Forgets everything below `index`. */
  dropBefore(index: Index): void {
    const at = this.#find(index);
    const run = this.#runs[at];
    if (run !== undefined)
      this.#runs = [{ first: index, term: run.term }, ...this.#runs.slice(at + 1)];
  }

  clear(): void {
    this.#runs = [];
  }

  /** Position of the last run that begins at or below `index`; -1 when there is none. */
  #find(index: number): number {
    const runs = this.#runs;
    return lastAtOrBelow(index, runs.length, (position) => runs[position]?.first ?? 0);
  }
}
