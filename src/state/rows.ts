// What the replicated tables hold. Rows are plain, immutable values: a change makes a new row. Wall-clock
// times in them were carried by the command that wrote them and are for people only; no rule reads them.
import type { Epoch, PeerId, Revision, SessionId } from "../base/numbers.ts";

export type Labels = Readonly<Record<string, string>>;

/** What a server tells about itself; changes by `UpdateServer` or with a membership entry. */
export interface ServerProfile {
  /** Chosen by the operator or generated; stable. */
  readonly serverId: string;
  /** Identity of its data directory. */
  readonly incarnation: string;
  readonly peerAddress: string;
  readonly grpcAddress: string;
  readonly httpAddress: string;
  readonly zone: string;
  readonly labels: Labels;
  /** Slots it offers to jobs; 0 = runs no jobs (`--no-runner`). */
  readonly capacity: number;
  readonly version: string;
}

/** Voter or learner is derived from the membership in force, never set. */
export type MemberRole = "voter" | "learner" | "removed";

/** Set by operators; liveness (`up`, `suspect`, `down`) is the leader's observation and not stored. */
export type AdminState = "active" | "cordoned" | "draining" | "leaving";

export interface ServerRow {
  readonly profile: ServerProfile;
  readonly peerId: PeerId;
  readonly role: MemberRole;
  /** A learner that was a voter until it lost its data, and is to be one again. */
  readonly wasVoter: boolean;
  readonly admin: AdminState;
  /** Why `admin` or `role` is what it is, in words. */
  readonly reason: string;
  readonly createdRevision: Revision;
  readonly modifiedRevision: Revision;
  readonly modifiedAtMs: number;
}

/** The latest `sessionsEndedMax` ended rows stay, for people; a renewal of an unknown session is refused like one of an ended. */
export type SessionState = "active" | "ended";

/** One life of a sentinel. Its number is the Raft index of its registration. */
export interface SessionRow {
  readonly session: SessionId;
  readonly serverId: string;
  /** L of the lease protocol, fixed for the life of the session. */
  readonly leaseMs: number;
  /** HMAC key of the sentinel's renewals and proofs, 32 bytes. */
  readonly key: Uint8Array;
  readonly capacity: number;
  readonly state: SessionState;
  /** `expired`, the reason that `EndSession` gave, or empty while active. */
  readonly endReason: string;
  readonly createdRevision: Revision;
  readonly createdAtMs: number;
}

export interface KvRow {
  readonly key: string;
  readonly value: Uint8Array;
  readonly createdRevision: Revision;
  readonly modifiedRevision: Revision;
  /** Counts the writes since creation, from 1. */
  readonly version: number;
}

/** A version of a resource, by name and pinned digest. */
export interface ResourceRef {
  readonly namespace: string;
  readonly name: string;
  readonly version: number;
  /** SHA-256 of the whole file, 64 hexadecimal digits. */
  readonly digest: string;
}

export type RunSpec =
  /** Any command of the machine; `command[0]` is looked up in PATH. `{resource}` in an item stands for the file's path. */
  | {
      readonly kind: "command";
      readonly command: readonly string[];
      readonly resource: ResourceRef | undefined;
    }
  | {
      readonly kind: "java";
      readonly resource: ResourceRef;
      /** Empty = `java -jar`. */
      readonly mainClass: string;
      readonly jvmOptions: readonly string[];
    }
  | { readonly kind: "node"; readonly resource: ResourceRef };

export type RestartPolicy = "always" | "on-failure" | "never";

export interface JobSpec {
  readonly run: RunSpec;
  readonly args: readonly string[];
  readonly env: Labels;
  /** Slots taken, ≥ 1. */
  readonly slots: number;
  /** 0–100; higher goes first. */
  readonly priority: number;
  readonly restart: RestartPolicy;
  readonly stopSignal: "SIGTERM" | "SIGINT" | "SIGKILL";
  readonly stopGraceMs: number;
  /** When only the server process dies: `continue` keeps the job (the sentinel holds the lease). */
  readonly onServerDeath: "continue" | "stop";
  readonly onLeaseLoss: "stop" | "keep";
}

export interface JobRow {
  /** Never reused: `j` + Raft index of the submit. */
  readonly jobId: string;
  readonly namespace: string;
  readonly name: string;
  /** Counts the changes of the spec, from 1. */
  readonly specRevision: number;
  readonly spec: JobSpec;
  readonly desired: "running" | "stopped" | "deleted";
  readonly createdRevision: Revision;
  readonly createdAtMs: number;
  readonly submittedBy: string;
}

export interface Owner {
  readonly serverId: string;
  readonly session: SessionId;
}

/** Rows of the assignment table (design: hand-off states). The epoch only grows, whatever happens to the row. */
export type Assignment =
  /** Wants an owner and has none. */
  | { readonly state: "pending"; readonly reason: string }
  | { readonly state: "assigned"; readonly owner: Owner }
  /** The owner must stop it and prove the exit; then `next`, or nobody, gets it. */
  | { readonly state: "revoking"; readonly owner: Owner; readonly next: Owner | undefined }
  | { readonly state: "stopped"; readonly reason: string }
  | { readonly state: "quarantined"; readonly reason: string };

export type RunPhase = "none" | "starting" | "running" | "backoff" | "exited" | "failed";

/** What the owner last reported of the run under `epoch`. */
export interface RunReport {
  readonly epoch: Epoch;
  readonly phase: RunPhase;
  /** 0 when there is none. */
  readonly pid: number;
  /** −1 when it has not exited or was killed by a signal. */
  readonly exitCode: number;
  /** Empty when it was not killed by a signal. */
  readonly signal: string;
  readonly restarts: number;
  readonly message: string;
  readonly atMs: number;
}

export interface AssignmentRow {
  readonly jobId: string;
  readonly assignment: Assignment;
  /** The epoch of the current or last assignment; 0 before the first. */
  readonly epoch: Epoch;
  /** The last report of any owner: compare `run.epoch` with `epoch` before calling it the present run. */
  readonly run: RunReport;
  readonly modifiedRevision: Revision;
  readonly modifiedAtMs: number;
}

export type ResourceKind = "jar" | "library" | "connector" | "udf" | "file" | "archive";

export interface ChunkRef {
  /** SHA-256, 64 hexadecimal digits. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** The description of one version: its chunks in order. */
export interface Manifest {
  readonly kind: ResourceKind;
  /** SHA-256 of the whole file. */
  readonly digest: string;
  readonly sizeBytes: number;
  readonly chunks: readonly ChunkRef[];
}

export interface ResourceVersionRow {
  readonly namespace: string;
  readonly name: string;
  /** 1, 2, 3 … per resource. */
  readonly version: number;
  readonly manifest: Manifest;
  readonly note: string;
  readonly createdRevision: Revision;
  readonly createdAtMs: number;
  readonly createdBy: string;
}

/** A resource's name, kept when all its versions are gone, so that no version number is used twice. */
export interface ResourceRow {
  readonly namespace: string;
  readonly name: string;
  readonly lastVersion: number;
}

/** An upload under way: its digests are pinned on every server until it is committed or ended. */
export interface UploadRow {
  /** `u` + Raft index of the first Reserve. */
  readonly uploadId: string;
  readonly namespace: string;
  readonly name: string;
  /** Distinct digests in order of their first Reserve. */
  readonly chunks: readonly ChunkRef[];
  /** Peers that hold every reserved byte durably and have applied the Reserve; a Reserve of more chunks empties it. */
  readonly receipts: readonly PeerId[];
  readonly createdRevision: Revision;
  readonly createdAtMs: number;
}

/** Exactly-once identity of one client: results of its latest commands by sequence number. */
export interface ClientSessionRow {
  /** Raft index of its opening. */
  readonly clientSession: number;
  /** Sequence number → encoded result, oldest first; bounded by `clientResultsMax`. */
  readonly results: ReadonlyMap<number, Uint8Array>;
  /** Everything up to here was acknowledged by the client or evicted: a retry of it is refused. */
  readonly floor: number;
  readonly lastRevision: Revision;
}

/** One line of a job's or server's history. */
export interface EventRow {
  readonly revision: Revision;
  /** Several events of one entry count from 0. */
  readonly ordinal: number;
  readonly atMs: number;
  /** `job/<id>`, `server/<id>`, `resource/<ns>/<name>`, `cluster`. */
  readonly subject: string;
  /** Past tense, e.g. `JobSubmitted`, `AssignmentMoved`, `SessionExpired`. */
  readonly kind: string;
  readonly actor: string;
  readonly detail: string;
}
