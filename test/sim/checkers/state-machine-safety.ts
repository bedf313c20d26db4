// No two servers apply different entries at an index (Figure 3), and no server leaves one out.
import { type EntryMark, markText, type Report } from "./report.ts";

export class StateMachineSafety {
  readonly #report: Report;
  readonly #applied: ({ readonly what: string; readonly by: string } | undefined)[] = [];

  constructor(report: Report) {
    this.#report = report;
  }

  applied(server: string, entry: EntryMark, content: string): void {
    const what = `${markText(entry)} ${content}`;
    const known = this.#applied[entry.index];
    if (known === undefined) this.#applied[entry.index] = { what, by: server };
    else if (known.what !== what) {
      const detail = `${known.by} applied ${known.what}, ${server} applied ${what}`;
      this.#report({ checker: "state-machine-safety", detail });
    }
  }
}
