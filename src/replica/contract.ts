// What the centres (registry, resources, distribution) and the doors see of one server's copy: they propose,
// read, watch, forward and do leader's duties; they never see Raft, disks or streams.
//
// Errors of a proposal are of two kinds, and callers must keep them apart: *definite* ones (nothing was
// appended, or the state machine refused it: any kind but `unknown`) and *indeterminate* ones (kind `unknown`:
// the entry may still commit). Only a client session makes the retry of an indeterminate one safe.
import type { Index, PeerId, Revision, Term } from "../base/numbers.ts";
import type { MembershipStep, MembershipTransition, Role } from "../raft/types.ts";
import type { ClientRequest, Command, MembershipContext } from "../state/commands.ts";
import type { StateReader } from "../state/reader.ts";
import type { CommandDetail, Topic } from "../state/result.ts";

export type { MembershipStep } from "../raft/types.ts";

export interface ProposeOptions {
  /** For history and audit, e.g. `cli:root@host`. */
  readonly actor: string;
  readonly request?: ClientRequest;
  readonly deadlineMs?: number;
  /**
   * Only in this leadership: refused with NOT_LEADER in any other term. A duty passes the term of its `start`,
   * so that a continuation of a stopped duty cannot propose even if this server leads again.
   */
  readonly term?: Term;
}

export interface Committed {
  readonly revision: Revision;
  readonly detail: CommandDetail;
}

/** Appends commands. `propose` only works on the leader; `submit` works anywhere (forwards to the leader). */
export interface Proposer {
  /**
   * Resolves when the command was applied here; rejects with the state machine's refusal, NOT_LEADER,
   * EXHAUSTED (too many proposals in flight: count or bytes) or OUTCOME_UNKNOWN (leadership lost, deadline).
   */
  propose(command: Command, options: ProposeOptions): Promise<Committed>;
  /** As `propose`, from any server; resolves once the leader has applied it. */
  submit(command: Command, options: ProposeOptions): Promise<Committed>;
  /** Leader only. `ifRevision` 0 = whatever the membership is, else its revision must be this. */
  proposeMembership(request: MembershipRequest, options: ProposeOptions): Promise<Committed>;
  /** Hands leadership to `to` (0 = the most caught-up voter); resolves once this server is not the leader any more. */
  transferLeadership(to: PeerId, deadlineMs: number): Promise<void>;
}

export interface MembershipRequest {
  readonly transition: MembershipTransition;
  readonly steps: readonly MembershipStep[];
  readonly context: MembershipContext;
  readonly ifRevision: Revision;
}

export interface Reader {
  /**
   * Tables as of `revision`, whatever the rest of the cluster knows (stale reads). Ask for it each time and do not
   * keep it: a snapshot from the leader puts another one in its place.
   */
  readonly state: StateReader;
  readonly revision: Revision;
  /**
   * Linearizable: resolves once this server has applied everything that was committed anywhere when it was
   * called (read index). Works on every server. Rejects with NO_LEADER (unavailable).
   */
  barrier(deadlineMs: number): Promise<Revision>;
  /** Leader only: resolves after a heartbeat round that started after this call was acknowledged by a majority (L1 of the lease protocol). */
  confirmLeadership(deadlineMs: number): Promise<void>;
}

/** Watches by revision. A wait that names a revision already passed resolves at once. */
export interface WatchHub {
  /**
   * Resolves with the current revision as soon as one of `topics` changed after `since`, or after `timeoutMs`
   * (then with the current revision too: the caller looks at the state anyway). A topic ending in `/` stands for
   * everything below it. Rejects with EXHAUSTED over `watchersMax`.
   */
  wait(topics: readonly Topic[], since: Revision, timeoutMs: number): Promise<Revision>;
  /** Calls `listener` synchronously after each batch of applied entries that touched `topics`; returns the unsubscriber. */
  subscribe(topics: readonly Topic[], listener: (revision: Revision) => void): () => void;
}

export interface CallContext {
  /** The server that forwarded it; 0 = this one. */
  readonly from: PeerId;
}
export type CallHandler = (request: Uint8Array, context: CallContext) => Promise<Uint8Array>;

/** Carries a whole call to the leader (or to one named peer), in one place. */
export interface LeaderLink {
  /** `call` is `<room>.<verb>`; registering a name twice is a programmer error. Runs on the leader only. */
  register(call: string, handler: CallHandler): void;
  /** A call that is meant for one server, whatever its role (e.g. the log of a job that runs there). */
  registerPeerCall(call: string, handler: CallHandler): void;
  /** Runs the handler of a peer call on `to` (also on this server itself). Errors as `call`. */
  callPeer(to: PeerId, call: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array>;
  /**
   * Runs the handler on the leader: here when this server leads. Waits for a leader up to the deadline. Rejects
   * with the handler's coded error, NO_LEADER (definite) or OUTCOME_UNKNOWN (the stream broke after sending).
   */
  call(call: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array>;
}

/**
 * Work that only the leader does. `start` is called once the first entry of its term is applied; `stop` at once
 * when leadership ends or is doubted. A stopped duty cannot propose: proposals that carry the term of its
 * `start` (`ProposeOptions.term`) fail with NOT_LEADER.
 */
export interface LeaderDuty {
  readonly name: string;
  start(term: Term): void;
  stop(): void;
}

export interface ReplicaStatus {
  readonly peerId: PeerId;
  readonly role: Role;
  readonly term: Term;
  readonly leader: PeerId;
  readonly commit: Index;
  readonly applied: Index;
  readonly lastIndex: Index;
  readonly snapshotIndex: Index;
  /** Revision of the last applied membership change (of the snapshot, when that is newer): for `ifRevision`. */
  readonly membershipRevision: Revision;
  /** On the leader: per peer, how far it is and whether it answered within the last election timeout. */
  readonly peers: readonly {
    readonly peerId: PeerId;
    readonly match: Index;
    readonly active: boolean;
  }[];
}

/** One server's copy. */
export interface Replica extends Proposer, Reader {
  readonly watch: WatchHub;
  readonly leaderLink: LeaderLink;
  /** Duties must be added before `start`. */
  addDuty(duty: LeaderDuty): void;
  /**
   * Fetches chunks that this server lacks, asking `peers` one after the other; at most `chunkWindowBytes` are in
   * memory. Resolves with the digests that none of them could deliver; what arrived is durable. Rejects only
   * when this server's own store fails.
   */
  fetchChunks(digests: readonly string[], peers: readonly PeerId[]): Promise<readonly string[]>;
  status(): ReplicaStatus;
  /** The leader's peer id as far as known; 0 = none. Changes are told to the listener. */
  onLeaderChange(listener: (leader: PeerId, term: Term) => void): () => void;
  /** Resolves when the log is open and the loop runs; not when there is a leader. */
  start(): Promise<void>;
  /** Refuses new proposals, lets those under way end as OUTCOME_UNKNOWN, waits for the write in flight; idempotent. */
  stop(): Promise<void>;
}
