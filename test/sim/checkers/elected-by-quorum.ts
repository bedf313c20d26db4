// Whoever leads was voted for by a majority of the voters in force, of both halves while the membership is joint
// (§4.3 of the dissertation), its own vote included, and has asked the same quorum before (§9.6), unless the leader
// before told it to campaign at once. Grants count from the moment at which they leave the voter: a candidate that
// counts what nobody has sent is found out whatever becomes of it.
//
// An answer to the question about the term before may come late and count in the next round: it has the candidate's
// present term. etcd-io/raft takes it too. Asking is no matter of safety, so this is let pass.
import type { VotersInForce } from "./committed-on-quorum.ts";
import type { Report } from "./report.ts";

export interface Campaign {
  readonly candidate: number;
  readonly term: number;
}

interface Wanting {
  readonly checker: string;
  readonly what: string;
  readonly isGranted: (voter: number) => boolean;
}

function nameOf({ candidate, term }: Campaign): string {
  return `${candidate} in ${term}`;
}

function grant(grants: Map<string, Set<number>>, voter: number, campaign: Campaign): void {
  const name = nameOf(campaign);
  let voters = grants.get(name);
  if (voters === undefined) {
    voters = new Set();
    grants.set(name, voters);
  }
  voters.add(voter);
}

export class ElectedByQuorum {
  readonly #report: Report;
  readonly #votes = new Map<string, Set<number>>();
  readonly #preVotes = new Map<string, Set<number>>();

  constructor(report: Report) {
    this.#report = report;
  }

  /** A granted vote of `voter` left it. */
  voted(voter: number, campaign: Campaign): void {
    grant(this.#votes, voter, campaign);
  }

  /** `voter` said that it would vote. */
  encouraged(voter: number, campaign: Campaign): void {
    grant(this.#preVotes, voter, campaign);
  }

  /** The candidate has entered its term without having been told to. */
  campaigned(campaign: Campaign, inForce: VotersInForce): void {
    const { candidate, term } = campaign;
    const asked = [nameOf(campaign), nameOf({ candidate, term: term - 1 })];
    const isGranted = (voter: number): boolean =>
      asked.some((name) => this.#preVotes.get(name)?.has(voter) === true);
    const what = "campaigns without having asked";
    this.#check(campaign, inForce, { checker: "asks-first", what, isGranted });
  }

  led(campaign: Campaign, inForce: VotersInForce): void {
    const granted = this.#votes.get(nameOf(campaign));
    const isGranted = (voter: number): boolean => granted?.has(voter) === true;
    const what = "leads without a quorum's votes";
    this.#check(campaign, inForce, { checker: "elected-by-quorum", what, isGranted });
  }

  #check(campaign: Campaign, inForce: VotersInForce, wanting: Wanting): void {
    const { candidate, term } = campaign;
    for (const half of [inForce.voters, inForce.votersOutgoing]) {
      const willing = half.filter((voter) => voter === candidate || wanting.isGranted(voter));
      if (2 * willing.length > half.length || half.length === 0) continue;
      const detail = `${candidate} ${wanting.what} in term ${term}: ${willing.join(",")} of ${half.join(",")}`;
      this.#report({ checker: wanting.checker, detail });
    }
  }
}
