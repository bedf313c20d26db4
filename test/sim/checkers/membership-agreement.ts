// The consensus core and the state machine hold the same membership after every step. The core takes its own from
// entries, snapshots and the boot; the state carries it along with everything else, so one of the ways that forgets
// or distorts it is found out.
import type { Report } from "./report.ts";

export interface Members {
  readonly voters: readonly number[];
  readonly learners: readonly number[];
  readonly votersOutgoing: readonly number[];
}

function textOf({ voters, learners, votersOutgoing }: Members): string {
  return `${voters.join(",")}|${learners.join(",")}|${votersOutgoing.join(",")}`;
}

export class MembershipAgreement {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  compare(server: string, inCore: Members, inState: Members): void {
    const [core, state] = [textOf(inCore), textOf(inState)];
    if (core === state) return;
    const detail = `${server} decides by ${core}, its state says ${state} (voters|learners|outgoing)`;
    this.#report({ checker: "membership-agreement", detail });
  }
}
