// A leader has every entry that was committed in earlier terms (Figure 3). Entries committed in later terms do not
// count: a candidate may learn late that it had won an old election.
import type { CommittedLog } from "./committed-log.ts";
import type { Report } from "./report.ts";

export interface LeaderLog {
  readonly firstIndex: number;
  readonly term: number;
  /** Undefined = not there. */
  readonly termAt: (index: number) => number | undefined;
}

export class LeaderCompleteness {
  readonly #report: Report;
  readonly #committed: CommittedLog;

  constructor(report: Report, committed: CommittedLog) {
    this.#report = report;
    this.#committed = committed;
  }

  /** `server` has just become leader. */
  led(server: string, log: LeaderLog): void {
    for (let index = this.#committed.last; index >= log.firstIndex; index -= 1) {
      const committed = this.#committed.at(index);
      if (committed === undefined || committed.inTerm >= log.term) continue;
      const found = log.termAt(index);
      if (found === committed.term) continue;
      const detail = `${server} leads term ${log.term} without ${index}/${committed.term}, committed by ${committed.by} in term ${committed.inTerm} (it has ${found === undefined ? "nothing" : `term ${found}`})`;
      this.#report({ checker: "leader-completeness", detail });
      return;
    }
  }
}
