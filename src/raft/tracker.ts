// Everybody the leader replicates to, under the configuration in force, and the votes of a campaign.
import { type Index, noIndex, type PeerId, plus } from "../base/numbers.ts";
import type { InflightLimits } from "./inflights.ts";
import type { ChangeResult } from "./membership/changer.ts";
import { allPeers, type Configuration, emptyConfiguration } from "./membership/configuration.ts";
import { Progress } from "./progress.ts";
import { jointIndex, jointVote } from "./quorum/joint.ts";
import type { VoteOutcome } from "./quorum/majority.ts";

export interface TrackerOptions {
  readonly limits: InflightLimits;
  readonly progressIds: boolean;
}

export interface Tally {
  readonly granted: number;
  readonly rejected: number;
  readonly outcome: VoteOutcome;
}

export class Tracker {
  configuration: Configuration = emptyConfiguration;
  /** In ascending order of peer ids: that is the order in which messages go out. */
  #progress = new Map<PeerId, Progress>();
  readonly #votes = new Map<PeerId, boolean>();
  readonly #options: TrackerOptions;
  #lastProgressId = 0;

  constructor(options: TrackerOptions) {
    this.#options = options;
  }

  get progress(): ReadonlyMap<PeerId, Progress> {
    return this.#progress;
  }

  get(peer: PeerId): Progress | undefined {
    return this.#progress.get(peer);
  }

  /** A peer that votes or learns; false for strangers. */
  has(peer: PeerId): boolean {
    return this.#progress.has(peer);
  }

  /** A new term: what was known about the peers' logs is void. */
  reset(next: Index): void {
    for (const [peer, old] of this.#progress) {
      this.#progress.set(peer, this.#begin(next, old.learner));
    }
    this.#votes.clear();
  }

  /** Puts a changed configuration in force; peers whose stay continues keep their progress. */
  change(result: ChangeResult, lastIndex: Index): void {
    const { configuration, ended } = result;
    const before = this.#progress;
    this.configuration = configuration;
    this.#progress = new Map();
    for (const peer of allPeers(configuration)) {
      const learner = configuration.learners.includes(peer);
      let progress = ended.has(peer) ? undefined : before.get(peer);
      if (progress === undefined) {
        // The first probe is the last entry, most likely refused with a hint at what the peer has. Counted as
        // active, or a check of the quorum could fall before the peer had a chance to answer.
        progress = this.#begin(lastIndex > 0 ? lastIndex : plus(noIndex, 1), learner);
        progress.recentActive = true;
      }
      progress.learner = learner;
      this.#progress.set(peer, progress);
    }
  }

  /** Forgets everything and begins with `configuration`, from a snapshot or at boot. */
  restore(configuration: Configuration, lastIndex: Index): void {
    this.#progress = new Map();
    this.change({ configuration, ended: new Set() }, lastIndex);
  }

  /** The highest index on a quorum's logs, as far as the leader knows. */
  committed(): Index {
    return jointIndex(this.configuration, this.#matches) as Index;
  }

  /** The highest read round that a quorum has confirmed. */
  confirmedRound(): number {
    return jointIndex(this.configuration, this.#readRounds);
  }

  /** The highest round that a quorum has confirmed with a promise of loyalty. */
  loyalRound(): number {
    return jointIndex(this.configuration, this.#loyalRounds);
  }

  /** Was a quorum heard from since the last `clearActive`? */
  quorumActive(): boolean {
    const active = { get: (peer: PeerId) => this.#progress.get(peer)?.recentActive ?? false };
    return jointVote(this.configuration, active) === "won";
  }

  clearActive(except: PeerId): void {
    for (const [peer, progress] of this.#progress) {
      if (peer !== except) progress.recentActive = false;
    }
  }

  clearVotes(): void {
    this.#votes.clear();
  }

  /** The first answer of a voter counts; a repeated one changes nothing. */
  recordVote(peer: PeerId, granted: boolean): void {
    if (!this.#votes.has(peer)) this.#votes.set(peer, granted);
  }

  hasVoted(peer: PeerId): boolean {
    return this.#votes.has(peer);
  }

  tally(): Tally {
    let granted = 0;
    let rejected = 0;
    for (const [peer, progress] of this.#progress) {
      const vote = this.#votes.get(peer);
      if (vote === undefined || progress.learner) continue;
      if (vote) granted += 1;
      else rejected += 1;
    }
    return { granted, rejected, outcome: jointVote(this.configuration, this.#votes) };
  }

  readonly #matches = {
    acknowledged: (peer: PeerId): number => this.#progress.get(peer)?.match ?? 0,
  };

  readonly #readRounds = {
    acknowledged: (peer: PeerId): number => this.#progress.get(peer)?.readRound ?? 0,
  };

  readonly #loyalRounds = {
    acknowledged: (peer: PeerId): number => this.#progress.get(peer)?.loyalRound ?? 0,
  };

  #begin(next: Index, learner: boolean): Progress {
    this.#lastProgressId += 1;
    const progressId = this.#options.progressIds ? this.#lastProgressId : 0;
    return new Progress({ next, learner, progressId, limits: this.#options.limits });
  }
}
