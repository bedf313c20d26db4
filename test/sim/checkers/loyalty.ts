// Whoever heard its leader lately does not help to depose it (§4.2.3 of the dissertation), unless the leader asked
// for it: otherwise a server that was cut off, or removed, could end every leadership.
import type { TraceEvent } from "../../../src/raft/trace.ts";
import type { Report } from "./report.ts";

export class Loyalty {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** `term` = of the server when it decided. */
  decided(
    server: string,
    event: Extract<TraceEvent, { readonly kind: "vote-decided" }>,
    term: number,
  ): void {
    const { decision, message, leaseTicks } = event;
    if (decision !== "granted" || message.transfer) return;
    if (leaseTicks === 0 || message.term <= term) return;
    const detail = `${server} was loyal for ${leaseTicks} more ticks, and helps ${message.from} into term ${message.term}`;
    this.#report({ checker: "loyalty", detail });
  }
}
