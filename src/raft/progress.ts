// What the leader knows about one peer's log, and how it may send to it. This class owns all transitions:
//
//   probe      the match is unknown: one append at a time, until one is accepted
//   replicate  appends are streamed optimistically: `next` runs ahead of `match` by the in-flight window
//   snapshot   what the peer needs is compacted: nothing is sent until the snapshot arrived or failed
//
// (etcd-io/raft tracker/progress.go has the same three.)
import { assert } from "../base/assert.ts";
import { type Index, noIndex, plus } from "../base/numbers.ts";
import { type InflightLimits, Inflights } from "./inflights.ts";

export type ProgressState = "probe" | "replicate" | "snapshot";

/** A copy of what is known, for status and trace. */
export interface ProgressView {
  /** The peer's log equals the leader's up to here. */
  readonly match: Index;
  readonly next: Index;
  readonly state: ProgressState;
  readonly learner: boolean;
  /** Heard from since the last check of the quorum; always true for the leader itself. */
  readonly recentActive: boolean;
  readonly paused: boolean;
  /** Appends under way, in messages and bytes. */
  readonly inflight: number;
  readonly inflightBytes: number;
  readonly inflightFull: boolean;
  /** Index of the snapshot under way; 0 = none. */
  readonly pendingSnapshot: Index;
}

export interface ProgressStart {
  /** First index to try; ≥ 1. */
  readonly next: Index;
  readonly learner: boolean;
  /** Identity of this stay of the peer in the membership; 0 = not told apart. */
  readonly progressId: number;
  readonly limits: InflightLimits;
}

export class Progress {
  /** Invariant: match < next. */
  match: Index = noIndex;
  next: Index;
  state: ProgressState = "probe";
  learner: boolean;
  /** Anything was heard from the peer since the last check of the quorum. */
  recentActive = false;
  readonly progressId: number;
  readonly inflights: Inflights;
  /** Index of the snapshot under way; 0 unless in state `snapshot`. */
  pendingSnapshot: Index = noIndex;
  /** Highest read round that the peer has confirmed in this term. */
  readRound = 0;
  /** The same, of the rounds that it confirmed with a promise of loyalty (`LeaderLease`). */
  loyalRound = 0;
  #paused = false;
  /** Highest commit index that was sent, as far as it could have arrived. */
  #sentCommit = 0;

  constructor(start: ProgressStart) {
    this.next = start.next;
    this.learner = start.learner;
    this.progressId = start.progressId;
    this.inflights = new Inflights(start.limits);
  }

  /** No append may be sent now. */
  get paused(): boolean {
    return this.state === "snapshot" || this.#paused;
  }

  view(): ProgressView {
    const { match, next, state, learner, recentActive, paused, inflights, pendingSnapshot } = this;
    return {
      match,
      next,
      state,
      learner,
      recentActive,
      paused,
      inflight: inflights.count,
      inflightBytes: inflights.bytes,
      inflightFull: inflights.full,
      pendingSnapshot,
    };
  }

  becomeProbe(): void {
    // From `snapshot` the peer has the snapshot unless it was reported lost: the probe starts behind it.
    const base =
      this.state === "snapshot" ? Math.max(this.match, this.pendingSnapshot) : this.match;
    this.#enter("probe");
    this.next = plus(base as Index, 1);
    this.#sentCommit = Math.min(this.#sentCommit, base);
  }

  becomeReplicate(): void {
    this.#enter("replicate");
    this.next = plus(this.match, 1);
  }

  becomeSnapshot(index: Index): void {
    this.#enter("snapshot");
    this.pendingSnapshot = index;
    this.next = plus(index, 1);
    this.#sentCommit = index;
  }

  /** The snapshot did not arrive: probe from what was known before it. */
  snapshotFailed(): void {
    this.pendingSnapshot = noIndex;
    this.becomeProbe();
  }

  /** Nothing more until a response or a heartbeat's answer. */
  pause(): void {
    this.#paused = true;
  }

  /** The peer answers: it may be tried once more. */
  resume(): void {
    this.#paused = false;
  }

  /** An append with `count` entries of `bytes` went out, telling the peer `commit`. */
  sent(count: number, bytes: number, commit: Index): void {
    assert(this.state !== "snapshot", "an append was sent to a peer that waits for a snapshot");
    if (this.state === "replicate") {
      if (count > 0) {
        this.next = plus(this.next, count);
        this.inflights.add(plus(this.next, -1), bytes);
      }
      // A message that fills the window, or goes into a full one, is the last until something comes back.
      this.#paused = this.inflights.full;
    } else if (count > 0) {
      this.#paused = true;
    }
    this.#sentCommit = commit;
  }

  /** A heartbeat told the peer `commit`. */
  sentCommit(commit: Index): void {
    this.#sentCommit = commit;
  }

  /** Would telling `commit` now let the peer commit more than what was sent before? */
  canBumpCommit(commit: Index): boolean {
    return commit > this.#sentCommit && this.#sentCommit < this.next - 1;
  }

  /** The peer's log equals ours up to `index`; false when that was known. */
  advance(index: Index): boolean {
    if (index <= this.match) return false;
    this.match = index;
    if (this.next <= index) this.next = plus(index, 1);
    this.#paused = false;
    return true;
  }

  /** The peer refused the append after `rejected` and might match at `hint`; false when the answer is stale. */
  retreat(rejected: Index, hint: Index): boolean {
    if (this.state === "replicate") {
      if (rejected <= this.match) return false;
      this.next = plus(this.match, 1);
    } else {
      // Probes go one at a time, so an answer to anything but the last one is old.
      if (this.next - 1 !== rejected) return false;
      this.next = Math.max(Math.min(rejected, hint + 1), this.match + 1) as Index;
      this.#paused = false;
    }
    this.#sentCommit = Math.min(this.#sentCommit, this.next - 1);
    return true;
  }

  #enter(state: ProgressState): void {
    this.#paused = false;
    this.pendingSnapshot = noIndex;
    this.state = state;
    this.inflights.reset();
  }
}
