// A machine that comes back under a new peer id gives up the old one in the same change. With both in the membership the
// dead one would count towards every majority, and nobody would ever answer for it.
import type { MembershipState } from "../../../src/raft/types.ts";
import type { Report } from "./report.ts";

export class OnePeerPerMachine {
  readonly #report: Report;
  readonly #machineOf: (peer: number) => string;

  constructor(report: Report, machineOf: (peer: number) => string) {
    this.#report = report;
    this.#machineOf = machineOf;
  }

  /** Outgoing voters are on their way out, so they do not count. */
  inForce(server: string, { voters, learners, learnersNext }: MembershipState): void {
    const seen = new Map<string, number>();
    for (const peer of new Set([...voters, ...learners, ...learnersNext])) {
      const machine = this.#machineOf(peer);
      const other = seen.get(machine);
      seen.set(machine, peer);
      if (other === undefined) continue;
      const detail = `${server} puts ${other} and ${peer} in force, which are one machine (${machine})`;
      this.#report({ checker: "one-peer-per-machine", detail });
    }
  }
}
