// At most one leader in a term (Figure 3 of the paper), over the whole run and all lives of all servers.
import type { Report } from "./report.ts";

export class ElectionSafety {
  readonly #report: Report;
  readonly #leaders = new Map<number, string>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** `server` became leader of `term`; tells once per election. */
  led(server: string, term: number): void {
    const known = this.#leaders.get(term);
    if (known === undefined) {
      this.#leaders.set(term, server);
      return;
    }
    this.#report({
      checker: "election-safety",
      detail:
        known === server
          ? `${server} won term ${term} twice`
          : `${known} and ${server} led in term ${term}`,
    });
  }

  get elections(): number {
    return this.#leaders.size;
  }
}
