// Everything that can change the replicated state, as data. A command is what a proposal asks for; the log
// carries its encoded form (command-codec.ts). Commands never hold instructions to compute something that a
// later version might compute differently: plans travel as the moves they decided.
import type { Epoch, PeerId, Revision, SessionId } from "../base/numbers.ts";
import type {
  AdminState,
  ChunkRef,
  JobSpec,
  Manifest,
  Owner,
  RunReport,
  ServerProfile,
} from "./rows.ts";

export type KvCondition =
  | { readonly kind: "none" }
  | { readonly kind: "absent" }
  /** The row's `modifiedRevision` must be this. */
  | { readonly kind: "revision"; readonly revision: Revision }
  | { readonly kind: "value"; readonly value: Uint8Array };

export interface KvPut {
  readonly kind: "kv-put";
  readonly key: string;
  readonly value: Uint8Array;
  readonly condition: KvCondition;
}
export interface KvDelete {
  readonly kind: "kv-delete";
  readonly key: string;
  readonly condition: KvCondition;
}

/** A known server (same id and incarnation) tells new addresses, labels, capacity or version. */
export interface UpdateServer {
  readonly kind: "update-server";
  readonly profile: ServerProfile;
}
export interface SetAdminState {
  readonly kind: "set-admin-state";
  readonly serverId: string;
  readonly admin: AdminState;
  readonly reason: string;
}

/** Registers one life of a sentinel; the result's revision is the session's number. Ends no older session. */
export interface RegisterSession {
  readonly kind: "register-session";
  readonly serverId: string;
  readonly leaseMs: number;
  readonly key: Uint8Array;
  readonly capacity: number;
}
/** Proven by the sentinel (sealed, nothing runs): its rows become orphans at once. */
export interface EndSession {
  readonly kind: "end-session";
  readonly session: SessionId;
  readonly reason: string;
}

export interface SubmitJob {
  readonly kind: "submit-job";
  readonly namespace: string;
  readonly name: string;
  readonly spec: JobSpec;
}
/**
 * A new spec. An assigned job is revoked with its own owner as next, so that it restarts in place; one that is
 * being moved already loses its `next` (the move may no longer be cancelled) and is placed after the release.
 */
export interface UpdateJob {
  readonly kind: "update-job";
  readonly jobId: string;
  readonly spec: JobSpec;
}
/**
 * `stopped` and `deleted` revoke a running assignment; `running` makes a stopped or quarantined job pending. A
 * deleted job vanishes as soon as nobody holds it; until then it takes no other change, but its name is free.
 */
export interface SetDesired {
  readonly kind: "set-desired";
  readonly jobId: string;
  readonly desired: "running" | "stopped" | "deleted";
  readonly reason: string;
}

/**
 * One change of one row. It is skipped, alone, unless the row still has `prevSession` and `prevEpoch`; the
 * session of a row without owner (pending, stopped, quarantined) is 0. Only jobs that shall run are moved.
 * - `assign`: the row is pending, or its owner's session expired in or before this entry → ASSIGNED(to, epoch + 1)
 * - `revoke`: ASSIGNED → REVOKING with `to` as next (two-phase hand-off); `to` undefined leaves it pending after the release
 * - `cancel`: REVOKING with another session as next → ASSIGNED to the same owner and epoch (only while the owner
 *   has not released); a restart in place (`next` is the owner) is not cancelled
 */
export interface PlanMove {
  readonly action: "assign" | "revoke" | "cancel";
  readonly jobId: string;
  readonly prevSession: SessionId;
  readonly prevEpoch: Epoch;
  readonly to: Owner | undefined;
}

/** The rebalancer's decision and the detection behind it, one commit. `expire` is never skipped. */
export interface ApplyPlan {
  readonly kind: "apply-plan";
  readonly algorithmVersion: number;
  readonly expire: readonly SessionId[];
  readonly moves: readonly PlanMove[];
  readonly reason: string;
}

/** The owner reaped the exit of everything in the job's group. Level-triggered: repeats are ignored. */
export interface Released {
  readonly kind: "released";
  readonly session: SessionId;
  readonly items: readonly { readonly jobId: string; readonly epoch: Epoch }[];
}

/**
 * Runs changed phase. `finished`: the run ended by itself (never because of a revocation), everything in its
 * group was reaped, and the restart policy says that it is over; the job becomes stopped.
 */
export interface ReportRuns {
  readonly kind: "report-runs";
  readonly session: SessionId;
  readonly items: readonly {
    readonly jobId: string;
    readonly run: RunReport;
    readonly finished: boolean;
  }[];
}

/** Pins the digests on every server. Repeated with the same `uploadId` it adds chunks; "" opens an upload. */
export interface ReserveUpload {
  readonly kind: "reserve-upload";
  readonly uploadId: string;
  readonly namespace: string;
  readonly name: string;
  readonly chunks: readonly ChunkRef[];
}
/** Peer `peerId` has applied the upload's Reserves up to `revision` and holds every byte durably. */
export interface AddReceipt {
  readonly kind: "add-receipt";
  readonly uploadId: string;
  readonly peerId: PeerId;
  readonly chunkCount: number;
}
/** Makes the version visible; refused without receipts of a majority of the voters in force. */
export interface CommitVersion {
  readonly kind: "commit-version";
  readonly uploadId: string;
  readonly manifest: Manifest;
  readonly note: string;
}
export interface AbortUpload {
  readonly kind: "abort-upload";
  readonly uploadId: string;
  readonly reason: string;
}
export interface DeleteVersion {
  readonly kind: "delete-version";
  readonly namespace: string;
  readonly name: string;
  readonly version: number;
}

export interface OpenClientSession {
  readonly kind: "open-client-session";
}

export type Command =
  | KvPut
  | KvDelete
  | UpdateServer
  | SetAdminState
  | RegisterSession
  | EndSession
  | SubmitJob
  | UpdateJob
  | SetDesired
  | ApplyPlan
  | Released
  | ReportRuns
  | ReserveUpload
  | AddReceipt
  | CommitVersion
  | AbortUpload
  | DeleteVersion
  | OpenClientSession;

export type CommandKind = Command["kind"];

/** Exactly-once: the same (clientSession, sequence) is applied once; a repeat gets the first result. */
export interface ClientRequest {
  readonly clientSession: number;
  /** From 1, ascending per session. */
  readonly sequence: number;
  /** Results up to here are no longer needed. */
  readonly acknowledged: number;
}

/** What one log entry of type `normal` carries. */
export interface CommandEnvelope {
  /** Wall-clock time of the proposer, for people. */
  readonly atMs: number;
  /** Who asked, for history and audit, e.g. `cli:root@host`, `leader`, `sentinel:s2`. */
  readonly actor: string;
  readonly request: ClientRequest | undefined;
  readonly command: Command;
}

/** What a membership entry carries beside the raft steps: the record of the server it adds; undefined for a removal. */
export interface MembershipContext {
  readonly atMs: number;
  readonly actor: string;
  readonly reason: string;
  /** peer id → profile for every server that this change adds. */
  readonly added: readonly { readonly peerId: PeerId; readonly profile: ServerProfile }[];
}
