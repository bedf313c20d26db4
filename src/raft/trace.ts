// What happened, as data. The first group carries the events of etcd's state_trace.go (the ones trace
// validation needs); the second says why something was refused or ignored. Nothing here is wording: logs,
// transcripts and metrics make their own from it.
import type { Index, PeerId, Term } from "../base/numbers.ts";
import type { MembershipChange, MembershipState, Message, Role, SnapshotMeta } from "./types.ts";

/** Position and term of an entry. */
export interface EntryId {
  readonly index: Index;
  readonly term: Term;
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
  | {
      readonly kind: "vote-requested";
      readonly to: PeerId;
      readonly preVote: boolean;
      readonly last: EntryId;
    }
  | {
      readonly kind: "vote-decided";
      readonly decision: "granted" | "rejected" | "ignored-in-lease";
      readonly message: Message;
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
  | { readonly kind: "quorum-lost" | "auto-leave" }
  | { readonly kind: "leader-forgotten"; readonly leader: PeerId }
  // Terms and strangers
  | { readonly kind: "higher-term" | "lower-term-ignored"; readonly message: Message }
  | { readonly kind: "stranger-ignored" | "stale-progress-ignored"; readonly message: Message }
  // Replication
  | { readonly kind: "append-rejected"; readonly message: Message; readonly ourTerm: Term }
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
    }
  | { readonly kind: "probe-moved-back"; readonly peer: PeerId; readonly next: Index }
  | {
      readonly kind:
        | "snapshot-sent"
        | "snapshot-succeeded"
        | "snapshot-failed"
        | "snapshot-recovered";
      readonly peer: PeerId;
    }
  | { readonly kind: "snapshot-sending"; readonly peer: PeerId; readonly snapshot: SnapshotMeta }
  | { readonly kind: "unreachable"; readonly peer: PeerId }
  | { readonly kind: "snapshot-restoring" | "snapshot-restored"; readonly snapshot: SnapshotMeta }
  | {
      readonly kind: "snapshot-ignored";
      readonly snapshot: SnapshotMeta;
      readonly reason: "old" | "not-follower" | "log-matches";
    }
  // Transfer
  | {
      readonly kind: "transfer-started" | "transfer-aborted" | "timeout-now-sent";
      readonly to: PeerId;
    }
  | {
      readonly kind: "transfer-ignored";
      readonly to: PeerId;
      readonly reason: "in-progress" | "self" | "learner" | "no-leader";
    }
  | { readonly kind: "timeout-now-received"; readonly from: PeerId };

/** Who and when, as of the event. */
export interface TraceContext {
  readonly id: PeerId;
  readonly term: Term;
  readonly role: Role;
  readonly commit: Index;
}

/** Receives every event synchronously, in order. Must not call back into the core. */
export interface TraceSink {
  record(event: TraceEvent, context: TraceContext): void;
}
