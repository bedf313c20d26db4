// purged <= snapshot <= applied <= committed <= last, on every server at every moment.
import type { Report } from "./report.ts";

export interface LogMarks {
  /** Index before the first entry that is still there. */
  readonly purged: number;
  readonly snapshot: number;
  readonly applied: number;
  readonly commit: number;
  readonly last: number;
}

export class Ordering {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  check(server: string, marks: LogMarks): void {
    const { purged, snapshot, applied, commit, last } = marks;
    if (purged <= snapshot && snapshot <= applied && applied <= commit && commit <= last) return;
    const detail = `${server}: purged ${purged}, snapshot ${snapshot}, applied ${applied}, committed ${commit}, last ${last}`;
    this.#report({ checker: "ordering", detail });
  }
}
