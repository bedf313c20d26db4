// What never goes back on a server: its term, its commit and applied indices within a life, and its vote within a
// term. A new life begins with what the disk holds: there the term must be the durable one at least.
import type { Report } from "./report.ts";

export interface ServerMarks {
  readonly term: number;
  /** 0 = none. */
  readonly vote: number;
  readonly commit: number;
  readonly applied: number;
}

export class Monotonic {
  readonly #report: Report;
  readonly #marks = new Map<string, ServerMarks>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** A new life over a disk with these marks (`applied` = the snapshot's index). */
  booted(server: string, durable: ServerMarks): void {
    this.#marks.set(server, durable);
  }

  check(server: string, now: ServerMarks): void {
    const before = this.#marks.get(server);
    this.#marks.set(server, now);
    if (before === undefined) return;
    for (const field of ["term", "commit", "applied"] as const) {
      if (now[field] >= before[field]) continue;
      this.#back(
        `monotonic-${field}`,
        `${server}: ${field} went from ${before[field]} to ${now[field]}`,
      );
    }
    const { term } = now;
    if (term !== before.term || before.vote === 0 || now.vote === before.vote) return;
    const detail = `${server} changed its vote of term ${term} from ${before.vote} to ${now.vote}`;
    this.#back("monotonic-vote", detail);
  }

  #back(checker: string, detail: string): void {
    this.#report({ checker, detail });
  }
}
