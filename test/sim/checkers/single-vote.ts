// A server's vote in a term goes to one candidate, whatever it forgets in a crash (§5.2 of the paper).
import type { Report } from "./report.ts";

export class SingleVote {
  readonly #report: Report;
  readonly #votes = new Map<string, number>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** A granted vote of `voter` left the server. */
  granted(voter: number, term: number, candidate: number): void {
    const name = `${voter} in ${term}`;
    const known = this.#votes.get(name);
    if (known === undefined) this.#votes.set(name, candidate);
    else if (known !== candidate) {
      const detail = `${voter} voted for ${known} and for ${candidate} in term ${term}`;
      this.#report({ checker: "single-vote", detail });
    }
  }
}
