// What was committed, as seen by anybody at any time: it never changes, and no log that held a committed entry
// gives it up.
import { type EntryMark, markText, type Report } from "./report.ts";

interface Committed {
  readonly term: number;
  /** Term of the server that was first seen to have it committed. */
  readonly inTerm: number;
  readonly by: string;
}

export class CommittedLog {
  readonly #report: Report;
  readonly #entries: (Committed | undefined)[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  /** The highest index that anybody has committed. */
  get last(): number {
    return this.#entries.length - 1;
  }

  at(index: number): Committed | undefined {
    return this.#entries[index];
  }

  /** `server`, in term `inTerm`, has the entry committed. */
  committed(server: string, entry: EntryMark, inTerm: number): void {
    const known = this.#entries[entry.index];
    if (known === undefined) {
      this.#entries[entry.index] = { term: entry.term, inTerm, by: server };
      return;
    }
    if (known.term === entry.term) return;
    const detail = `${known.by} had ${markText({ ...entry, term: known.term })} committed, ${server} has ${markText(entry)}`;
    this.#report({ checker: "committed-immutable", detail });
  }

  /** `server` held `entry` and does not any more; `now` is the term of what stands there, undefined = nothing. */
  gaveUp(server: string, entry: EntryMark, now: number | undefined): void {
    if (this.#entries[entry.index]?.term !== entry.term || now === entry.term) return;
    const instead = now === undefined ? "nothing" : `term ${now}`;
    const detail = `${server} replaced the committed entry ${markText(entry)} by ${instead}`;
    this.#report({ checker: "committed-immutable", detail });
  }
}
