// The read side of the replicated state. Every other room looks at the tables through this interface only.
import type { PeerId, Revision, SessionId } from "../base/numbers.ts";
import type {
  AssignmentRow,
  ClientSessionRow,
  EventRow,
  JobRow,
  KvRow,
  ResourceVersionRow,
  ServerRow,
  SessionRow,
  UploadRow,
} from "./rows.ts";

/** The membership of the last applied membership entry. `votersOutgoing` is non-empty only while joint. */
export interface MembershipInForce {
  readonly voters: readonly PeerId[];
  readonly learners: readonly PeerId[];
  readonly votersOutgoing: readonly PeerId[];
}

/** Who needs a chunk: `live` counts its places in committed versions, `pinned` the uploads that reserved it. */
export interface ChunkUse {
  readonly sizeBytes: number;
  readonly live: number;
  readonly pinned: number;
}

/** For metrics; constant time. */
export interface StateStats {
  readonly servers: number;
  readonly sessions: number;
  readonly kvRows: number;
  readonly kvBytes: number;
  readonly jobs: number;
  readonly resourceVersions: number;
  readonly uploads: number;
  readonly clientSessions: number;
  readonly events: number;
  /** Distinct chunks that are live or pinned, and their bytes. */
  readonly chunks: number;
  readonly chunkBytes: number;
}

/**
 * The state at `revision`. All reads are synchronous and see whole entries only. Rows are immutable and may be
 * kept; arrays are fresh, sorted by the table's key, and belong to the caller. Lists cost O(rows); single
 * rows and the lists "of" something are index look-ups.
 */
export interface StateReader {
  /** Index of the last applied entry; 0 = none. */
  readonly revision: Revision;
  readonly membership: MembershipInForce;
  stats(): StateStats;

  server(serverId: string): ServerRow | undefined;
  /** The server that has this peer id now (removed ones included). */
  serverOfPeer(peerId: PeerId): ServerRow | undefined;
  /** Was `peerId` allotted to a server that was removed since, even if that server was added again under another id? */
  isFormerPeer(peerId: PeerId): boolean;
  /** Removed servers included: look at `role`. */
  servers(): readonly ServerRow[];

  session(session: SessionId): SessionRow | undefined;
  /** Active and recently ended ones, oldest first. */
  sessions(): readonly SessionRow[];
  /** The newest active session of a server: the only one that is given jobs. */
  activeSession(serverId: string): SessionRow | undefined;
  clientSession(clientSession: number): ClientSessionRow | undefined;

  kv(key: string): KvRow | undefined;
  /** Rows whose key begins with `prefix`, by key; "" = all. */
  kvList(prefix: string): readonly KvRow[];

  job(jobId: string): JobRow | undefined;
  /** Jobs that are being deleted do not count: their name is free. */
  jobByName(namespace: string, name: string): JobRow | undefined;
  jobs(): readonly JobRow[];
  /** Jobs whose spec refers to this version, by id. */
  jobsUsing(namespace: string, name: string, version: number): readonly JobRow[];

  assignment(jobId: string): AssignmentRow | undefined;
  assignments(): readonly AssignmentRow[];
  /** Rows that name this server as owner or as next owner. */
  assignmentsOf(serverId: string): readonly AssignmentRow[];
  /** Rows that this session owns (assigned or revoking). */
  assignmentsOfSession(session: SessionId): readonly AssignmentRow[];

  resource(
    namespace: string,
    name: string,
    version: number | "latest",
  ): ResourceVersionRow | undefined;
  /** All versions of one resource, oldest first. */
  resourceVersions(namespace: string, name: string): readonly ResourceVersionRow[];
  /** All versions of all resources, by namespace, name and version. */
  resources(): readonly ResourceVersionRow[];

  upload(uploadId: string): UploadRow | undefined;
  uploads(): readonly UploadRow[];

  /** Undefined when no version and no upload needs the chunk. */
  chunk(digest: string): ChunkUse | undefined;
  /** Live or pinned: only a digest that is neither may be deleted from a server's disk. */
  isNeeded(digest: string): boolean;
  /** Digests of all committed versions, sorted. */
  liveDigests(): readonly string[];
  /** Live and pinned digests, sorted: what every server should hold. */
  neededDigests(): readonly string[];

  /** Oldest first; without a subject, of everything. */
  events(subject?: string): readonly EventRow[];
}
