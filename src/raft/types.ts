// The vocabulary of the consensus core. Semantics follow etcd-io/raft (README, doc.go, raft.proto) and the
// Raft dissertation (Ongaro 2014); what differs is said where it differs.
import type { Index, PeerId, Term } from "../base/numbers.ts";

/** `normal` entries carry a command (bytes to the core); `membership` entries a `MembershipChange`. */
export type EntryType = "normal" | "membership";

/** One record of the log. An entry with empty `data` is the one a new leader appends for its term. */
export interface Entry {
  readonly index: Index;
  readonly term: Term;
  readonly type: EntryType;
  readonly data: Uint8Array;
}

/** What must be durable before any message that depends on it leaves the server. */
export interface HardState {
  readonly term: Term;
  /** The peer voted for in `term`; 0 = none. */
  readonly vote: PeerId;
  readonly commit: Index;
}

/**
 * The membership in force, as stored in snapshots. `votersOutgoing` is non-empty only in a joint
 * configuration; `learnersNext` are outgoing voters that become learners when it is left.
 */
export interface MembershipState {
  readonly voters: readonly PeerId[];
  readonly learners: readonly PeerId[];
  readonly votersOutgoing: readonly PeerId[];
  readonly learnersNext: readonly PeerId[];
  readonly autoLeave: boolean;
}

export type MembershipStep =
  | { readonly kind: "add-voter"; readonly peer: PeerId }
  | { readonly kind: "add-learner"; readonly peer: PeerId }
  | { readonly kind: "remove"; readonly peer: PeerId };

/** How a change with more than one step goes through the joint configuration (etcd's ConfChangeTransition). */
export type MembershipTransition = "auto" | "joint-implicit" | "joint-explicit";

/**
 * One membership change. No steps = leave the joint configuration. `context` is opaque to the core: the
 * shell puts the server's record there, so that membership and record change in one entry.
 */
export interface MembershipChange {
  readonly transition: MembershipTransition;
  readonly steps: readonly MembershipStep[];
  readonly context: Uint8Array;
}

/** Describes a snapshot; its bytes never pass through the core. `index` 0 = none. */
export interface SnapshotMeta {
  readonly index: Index;
  readonly term: Term;
  readonly membership: MembershipState;
}

interface Envelope {
  readonly from: PeerId;
  readonly to: PeerId;
  /** The sender's term; for pre-vote requests and granted pre-votes the term that would be campaigned in. */
  readonly term: Term;
}

/**
 * Append entries (§5.3). `progressId` identifies one stay of `to` in the membership (a counter of the leader,
 * echoed in the response): an answer from before a removal and re-addition is not taken for one from after
 * it. 0 = switched off.
 */
export interface AppendRequest extends Envelope {
  readonly kind: "append";
  readonly prevIndex: Index;
  readonly prevTerm: Term;
  readonly entries: readonly Entry[];
  readonly commit: Index;
  readonly progressId: number;
}

export interface AppendResponse extends Envelope {
  readonly kind: "append-response";
  /** Accepted: last index now equal to the leader's log. Rejected: the `prevIndex` that did not match. */
  readonly index: Index;
  readonly reject: boolean;
  /** Fast conflict search: where the follower's log might match (index and its term); 0 unless rejected. */
  readonly rejectHint: Index;
  readonly rejectHintTerm: Term;
  readonly progressId: number;
}

export interface HeartbeatRequest extends Envelope {
  readonly kind: "heartbeat";
  readonly commit: Index;
  /** Identity of the read-index round this heartbeat confirms; 0 = none. Unique per leader and term. */
  readonly readRound: number;
}

export interface HeartbeatResponse extends Envelope {
  readonly kind: "heartbeat-response";
  readonly readRound: number;
  /**
   * For so long the sender helps nobody else to lead, whatever happens, in milliseconds: a lease may rest on it. 0 = it
   * promises nothing.
   */
  readonly loyalMs: number;
}

export interface VoteRequest extends Envelope {
  readonly kind: "vote" | "pre-vote";
  readonly lastIndex: Index;
  readonly lastTerm: Term;
  /** The campaign was asked for by the leader (leadership transfer): stickiness does not apply. */
  readonly transfer: boolean;
}

export interface VoteResponse extends Envelope {
  readonly kind: "vote-response" | "pre-vote-response";
  readonly reject: boolean;
}

/** Announces a snapshot; the receiver pulls its bytes and steps this message only once they are durable. */
export interface SnapshotRequest extends Envelope {
  readonly kind: "snapshot";
  readonly snapshot: SnapshotMeta;
  readonly progressId: number;
}

/** A follower asks the leader to transfer leadership to `transferee`, or to campaign at once. */
export interface TransferRequest extends Envelope {
  readonly kind: "transfer";
  readonly transferee: PeerId;
}
export interface TimeoutNow extends Envelope {
  readonly kind: "timeout-now";
}

/** Forwarded read index (§6.4 of the dissertation). `readId` is unique per sender's boot. */
export interface ReadIndexRequest extends Envelope {
  readonly kind: "read-index";
  readonly readId: number;
}
export interface ReadIndexResponse extends Envelope {
  readonly kind: "read-index-response";
  readonly readId: number;
  /** 0 = refused: not the leader, or nothing committed in its term yet. */
  readonly index: Index;
}

/** What travels between peers. */
export type Message =
  | AppendRequest
  | AppendResponse
  | HeartbeatRequest
  | HeartbeatResponse
  | VoteRequest
  | VoteResponse
  | SnapshotRequest
  | TransferRequest
  | TimeoutNow
  | ReadIndexRequest
  | ReadIndexResponse;

export type MessageKind = Message["kind"];

/** The shape of the messages of one kind. */
export type MessageOf<K extends MessageKind, M extends Message = Message> = M extends unknown
  ? K extends M["kind"]
    ? M
    : never
  : never;

export type Role = "follower" | "pre-candidate" | "candidate" | "leader";

/** State that need not be durable; changes are shown in `Ready` for the shell and for logs. */
export interface SoftState {
  readonly role: Role;
  /** The leader of the current term as far as known; 0 = none. */
  readonly leader: PeerId;
}

/** A linearizable read may be answered once `index` is applied. */
export interface ReadState {
  readonly readId: number;
  readonly index: Index;
}
