// What happened, as data. The first group carries the events of etcd's state_trace.go (the ones trace
// validation needs); the second says why something was refused or ignored. Nothing here is wording: logs,
// transcripts and metrics make their own from it.
//
//   state_trace.go (19)                   here
//   InitState                             init-state
//   BecomeFollower                        become-follower
//   BecomeCandidate                       become-candidate (become-pre-candidate is ours: no term changes)
//   BecomeLeader                          become-leader
//   Commit                                commit, on the leader by counting, on a follower by being told
//   Replicate                             replicate, once for all entries of a call
//   ChangeConf                            change-conf
//   ApplyConfChange                       apply-conf-change
//   Ready                                 ready
//   Send-, ReceiveAppendEntriesRequest    send, receive with kind append, heartbeat
//   Send-, ReceiveAppendEntriesResponse   send, receive with kind append-response, heartbeat-response
//   Send-, ReceiveRequestVoteRequest      send, receive with kind vote
//   Send-, ReceiveRequestVoteResponse     send, receive with kind vote-response
//   Send-, ReceiveSnapshot                send, receive with kind snapshot
//
// The state that goes with each is the TraceContext; the configuration is the last apply-conf-change. A message
// of a server to itself (its own vote, its own disk) is received, not sent.
import type { Index, PeerId, Term } from "../base/numbers.ts";
import type { ProgressView } from "./progress.ts";
import type {
  AppendRequest,
  AppendResponse,
  MembershipChange,
  MembershipState,
  Message,
  Role,
  SnapshotMeta,
  VoteRequest,
} from "./types.ts";

/** Position and term of an entry. */
export interface EntryId {
  readonly index: Index;
  readonly term: Term;
}

/** The marks on the log, as `RaftLog` and `Unstable` name them. */
export interface LogMarks {
  readonly commit: Index;
  readonly applied: Index;
  readonly applying: Index;
  readonly unstableStart: Index;
  readonly unstableInProgress: Index;
  readonly unstableCount: number;
}

export type CampaignKind = "pre-vote" | "vote" | "transfer";

export type TraceEvent =
  | {
      readonly kind: "init-state";
      readonly commit: Index;
      readonly applied: Index;
      readonly last: EntryId;
    }
  | { readonly kind: "become-follower"; readonly leader: PeerId }
  | { readonly kind: "become-pre-candidate" | "become-candidate" | "become-leader" }
  | { readonly kind: "commit"; readonly index: Index }
  | { readonly kind: "replicate"; readonly first: Index; readonly last: Index }
  | { readonly kind: "change-conf"; readonly change: MembershipChange; readonly index: Index }
  | { readonly kind: "apply-conf-change"; readonly membership: MembershipState }
  | { readonly kind: "ready"; readonly sequence: number }
  | { readonly kind: "send" | "receive"; readonly message: Message }
  // Elections
  | { readonly kind: "campaign"; readonly campaign: CampaignKind }
  | {
      readonly kind: "campaign-refused";
      readonly reason: "already-leader" | "unpromotable" | "membership-unapplied";
    }
  /** A server of higher priority is given the chance; `left` more of them will be given. */
  | { readonly kind: "campaign-left-to-others"; readonly left: number }
  | {
      readonly kind: "vote-requested";
      readonly to: PeerId;
      readonly preVote: boolean;
      readonly last: EntryId;
    }
  | {
      readonly kind: "vote-decided";
      readonly decision: "granted" | "rejected" | "ignored-in-lease";
      readonly message: VoteRequest;
      readonly last: EntryId;
      readonly vote: PeerId;
      readonly leaseTicks: number;
    }
  | {
      readonly kind: "vote-counted";
      readonly from: PeerId;
      readonly preVote: boolean;
      readonly granted: boolean;
    }
  | {
      readonly kind: "votes-tallied";
      readonly preVote: boolean;
      readonly granted: number;
      readonly rejected: number;
    }
  | { readonly kind: "quorum-lost" }
  | { readonly kind: "leader-forgotten"; readonly leader: PeerId }
  /** Lease reads rest on loyalty to the leader: it is not given up. */
  | { readonly kind: "leader-kept" }
  // Membership
  | { readonly kind: "auto-leave"; readonly membership: MembershipState }
  | {
      readonly kind: "auto-leave-refused";
      readonly membership: MembershipState;
      /** Leadership goes to this peer; 0 = the leader is no member any more. */
      readonly transferee: PeerId;
    }
  // Terms and strangers
  | { readonly kind: "higher-term" | "lower-term-ignored"; readonly message: Message }
  | { readonly kind: "stranger-ignored" | "stale-progress-ignored"; readonly message: Message }
  | { readonly kind: "no-progress"; readonly peer: PeerId }
  // Replication
  | { readonly kind: "append-rejected"; readonly message: AppendRequest; readonly ourTerm: Term }
  | { readonly kind: "rejection-received"; readonly message: AppendResponse }
  | {
      readonly kind: "conflict";
      readonly index: Index;
      readonly existingTerm: Term;
      readonly conflictingTerm: Term;
    }
  | { readonly kind: "unstable-replaced" | "unstable-truncated"; readonly from: Index }
  | {
      readonly kind: "write-superseded";
      readonly reason: "missing" | "snapshot" | "other-term" | "older-term";
      readonly entry: EntryId;
      /** The term in which the write began. */
      readonly writeTerm: Term;
      /** Term of the entry that is not durable yet at that index; 0 = none. */
      readonly ourTerm: Term;
    }
  | {
      readonly kind:
        | "probe-moved-back"
        | "unreachable"
        | "snapshot-sent"
        | "snapshot-succeeded"
        | "snapshot-failed"
        | "snapshot-recovered";
      readonly peer: PeerId;
      readonly progress: ProgressView;
    }
  | {
      readonly kind: "snapshot-sending";
      readonly peer: PeerId;
      readonly snapshot: SnapshotMeta;
      readonly firstIndex: Index;
      /** Before the snapshot was decided on. */
      readonly progress: ProgressView;
    }
  /** A snapshot would be needed, but the peer is silent. */
  | { readonly kind: "snapshot-withheld"; readonly peer: PeerId }
  | {
      readonly kind: "snapshot-restoring";
      readonly snapshot: SnapshotMeta;
      readonly log: LogMarks;
    }
  | { readonly kind: "snapshot-restored"; readonly snapshot: SnapshotMeta }
  | {
      readonly kind: "snapshot-fast-forward";
      readonly snapshot: SnapshotMeta;
      readonly last: EntryId;
    }
  | {
      readonly kind: "snapshot-ignored";
      readonly snapshot: SnapshotMeta;
      readonly reason: "old" | "not-follower" | "not-named" | "log-matches";
    }
  // Transfer
  | { readonly kind: "transfer-started"; readonly to: PeerId }
  | {
      readonly kind: "transfer-aborted";
      readonly to: PeerId;
      readonly reason: "timeout" | "replaced" | "not-voter";
    }
  | {
      readonly kind: "timeout-now-sent";
      readonly to: PeerId;
      /** The target had everything when the transfer was asked for. */
      readonly atOnce: boolean;
    }
  | {
      readonly kind: "transfer-ignored";
      readonly to: PeerId;
      readonly reason: "in-progress" | "self" | "learner" | "no-leader";
    }
  | { readonly kind: "timeout-now-received" | "timeout-now-ignored"; readonly from: PeerId };

/** Who and when, as of the event. */
export interface TraceContext {
  readonly id: PeerId;
  readonly term: Term;
  readonly role: Role;
  readonly vote: PeerId;
  readonly commit: Index;
  readonly lastIndex: Index;
}

/** Receives every event synchronously, in order. Must not call back into the core. */
export interface TraceSink {
  record(event: TraceEvent, context: TraceContext): void;
}
