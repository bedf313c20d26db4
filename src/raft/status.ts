import type { Index, PeerId, Term } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import type { ProgressView } from "./progress.ts";
import type { MembershipState, Role } from "./types.ts";

export interface PeerProgress extends ProgressView {
  readonly peer: PeerId;
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
  /** Rounds of heartbeats that a quorum has not answered yet. */
  readonly pendingRounds: number;
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
    pendingRounds: core.reads.pendingRounds,
    progress: role === "leader" ? progressOf(core) : [],
  };
}

function progressOf(core: Core): readonly PeerProgress[] {
  return [...core.tracker.progress].map(([peer, progress]) => ({ peer, ...progress.view() }));
}
