// When a leader commits an entry, it is on the disks of a majority of the voters in force, of both halves while the
// membership is joint.
import { type EntryMark, markText, type Report } from "./report.ts";

export interface VotersInForce {
  readonly voters: readonly number[];
  readonly votersOutgoing: readonly number[];
}

export class CommittedOnQuorum {
  readonly #report: Report;

  constructor(report: Report) {
    this.#report = report;
  }

  /** `isDurableOn` = the voter's disk holds the entry, or a snapshot that includes it. */
  committed(
    leader: string,
    entry: EntryMark,
    quorum: VotersInForce & { readonly isDurableOn: (voter: number) => boolean },
  ): void {
    for (const half of [quorum.voters, quorum.votersOutgoing]) {
      const holders = half.filter((voter) => quorum.isDurableOn(voter));
      if (2 * holders.length > half.length || half.length === 0) continue;
      const detail = `${leader} committed ${markText(entry)}, which is durable on ${holders.join(",")} of ${half.join(",")}`;
      this.#report({ checker: "committed-on-quorum", detail });
    }
  }
}
