import type { Index, PeerId, Term } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import type { ProgressState } from "./progress.ts";
import type { MembershipState, Role } from "./types.ts";

export interface PeerProgress {
  readonly peer: PeerId;
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
  /** Index of the snapshot under way; 0 = none. */
  readonly pendingSnapshot: Index;
}

export interface RaftStatus {
  readonly id: PeerId;
  readonly role: Role;
  readonly term: Term;
  readonly vote: PeerId;
  readonly leader: PeerId;
  readonly commit: Index;
  readonly applied: Index;
  readonly lastIndex: Index;
  readonly membership: MembershipState;
  /** To whom leadership is being transferred; 0 = nobody. */
  readonly transferee: PeerId;
  readonly uncommittedBytes: number;
  /** In ascending order of peers; empty unless leader. */
  readonly progress: readonly PeerProgress[];
}

export function statusOf(core: Core): RaftStatus {
  const { id, role, term, vote, leader, log, tracker, transferee, uncommittedBytes } = core;
  return {
    id,
    role,
    term,
    vote,
    leader,
    commit: log.commit,
    applied: log.applied,
    lastIndex: log.lastIndex(),
    membership: tracker.configuration,
    transferee,
    uncommittedBytes,
    progress: role === "leader" ? progressOf(core) : [],
  };
}

function progressOf(core: Core): readonly PeerProgress[] {
  return [...core.tracker.progress].map(([peer, progress]) => ({
    peer,
    match: progress.match,
    next: progress.next,
    state: progress.state,
    learner: progress.learner,
    recentActive: progress.recentActive,
    paused: progress.paused,
    inflight: progress.inflights.count,
    inflightBytes: progress.inflights.bytes,
    pendingSnapshot: progress.pendingSnapshot,
  }));
}
