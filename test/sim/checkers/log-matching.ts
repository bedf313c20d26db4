// Two logs that hold an entry of the same index and term are the same up to there (Figure 3). Looked at over all
// time: an entry (index, term) has one term before it and one content, wherever it is seen. By induction the logs
// before it are equal, and only what changed has to be looked at.
import { type EntryMark, markText, type Report } from "./report.ts";

interface Known {
  readonly previousTerm: number | undefined;
  readonly seenOn: string;
  content: string | undefined;
}

export class LogMatching {
  readonly #report: Report;
  readonly #known = new Map<string, Known>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** `server` holds the entry, after one of `previousTerm` (undefined = compacted). */
  holds(server: string, entry: EntryMark, previousTerm: number | undefined): void {
    const name = markText(entry);
    const known = this.#known.get(name);
    if (known?.previousTerm === undefined) {
      const content = known?.content;
      this.#known.set(name, { previousTerm, seenOn: server, content });
      return;
    }
    if (previousTerm === undefined || previousTerm === known.previousTerm) return;
    const detail = `${name} follows term ${previousTerm} on ${server} and term ${known.previousTerm} on ${known.seenOn}`;
    this.#report({ checker: "log-matching", detail });
  }

  /** What the entry carries on `server`. */
  carries(server: string, entry: EntryMark, content: string): void {
    const name = markText(entry);
    let known = this.#known.get(name);
    if (known === undefined) {
      known = { previousTerm: undefined, seenOn: server, content };
      this.#known.set(name, known);
    }
    known.content ??= content;
    if (known.content === content) return;
    const detail = `${name} carries ${content} on ${server} and ${known.content} on ${known.seenOn}`;
    this.#report({ checker: "log-matching", detail });
  }
}
