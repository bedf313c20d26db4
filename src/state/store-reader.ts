import type { PeerId, Revision, SessionId } from "../base/numbers.ts";
import type { ChunkUse, MembershipInForce, StateReader, StateStats } from "./reader.ts";
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
import type { Store } from "./store.ts";

export class StoreReader implements StateReader {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  get revision(): Revision {
    return this.#store.revision;
  }

  get membership(): MembershipInForce {
    return this.#store.membership;
  }

  stats(): StateStats {
    const store = this.#store;
    return {
      servers: store.servers.size,
      sessions: store.sessions.size,
      kvRows: store.kv.size,
      kvBytes: store.kv.usedBytes,
      jobs: store.jobs.size,
      resourceVersions: store.resourceVersions.size,
      uploads: store.uploads.size,
      clientSessions: store.clientSessions.size,
      events: store.events.size,
      chunks: store.chunks.size,
      chunkBytes: store.chunks.totalBytes,
    };
  }

  server(serverId: string): ServerRow | undefined {
    return this.#store.servers.get(serverId);
  }

  serverOfPeer(peerId: PeerId): ServerRow | undefined {
    const serverId = this.#store.servers.byPeer.first(String(peerId));
    return serverId === undefined ? undefined : this.#store.servers.get(serverId);
  }

  isFormerPeer(peerId: PeerId): boolean {
    const row = this.serverOfPeer(peerId);
    if (row !== undefined) return row.role === "removed";
    // Ids are allotted in ascending order, and the row with the highest one is never deleted.
    return this.servers().some((server) => server.peerId > peerId);
  }

  servers(): readonly ServerRow[] {
    return this.#store.servers.values();
  }

  session(session: SessionId): SessionRow | undefined {
    return this.#store.sessions.of(session);
  }

  sessions(): readonly SessionRow[] {
    return this.#store.sessions.values();
  }

  activeSession(serverId: string): SessionRow | undefined {
    return this.#store.sessions.newest(serverId);
  }

  clientSession(clientSession: number): ClientSessionRow | undefined {
    return this.#store.clientSessions.of(clientSession);
  }

  kv(key: string): KvRow | undefined {
    return this.#store.kv.get(key);
  }

  kvList(prefix: string): readonly KvRow[] {
    return this.#store.kv.withPrefix(prefix);
  }

  job(jobId: string): JobRow | undefined {
    return this.#store.jobs.get(jobId);
  }

  jobByName(namespace: string, name: string): JobRow | undefined {
    return this.#store.jobs.named(namespace, name);
  }

  jobs(): readonly JobRow[] {
    return this.#store.jobs.values();
  }

  jobsUsing(namespace: string, name: string, version: number): readonly JobRow[] {
    const ids = this.#store.jobs.using({ namespace, name, version });
    return ids.flatMap((jobId) => this.#store.jobs.get(jobId) ?? []);
  }

  assignment(jobId: string): AssignmentRow | undefined {
    return this.#store.assignments.get(jobId);
  }

  assignments(): readonly AssignmentRow[] {
    return this.#store.assignments.values();
  }

  assignmentsOf(serverId: string): readonly AssignmentRow[] {
    const { assignments } = this.#store;
    return assignments.rowsOf(assignments.byServer.sorted(serverId));
  }

  assignmentsOfSession(session: SessionId): readonly AssignmentRow[] {
    const { assignments } = this.#store;
    return assignments.rowsOf(assignments.bySession.sorted(String(session)));
  }

  resource(
    namespace: string,
    name: string,
    version: number | "latest",
  ): ResourceVersionRow | undefined {
    const { resourceVersions } = this.#store;
    if (version === "latest") return resourceVersions.latest(namespace, name);
    return resourceVersions.of(namespace, name, version);
  }

  resourceVersions(namespace: string, name: string): readonly ResourceVersionRow[] {
    return this.#store.resourceVersions.versions(namespace, name);
  }

  resources(): readonly ResourceVersionRow[] {
    return this.#store.resourceVersions.values();
  }

  upload(uploadId: string): UploadRow | undefined {
    return this.#store.uploads.get(uploadId);
  }

  uploads(): readonly UploadRow[] {
    return this.#store.uploads.values();
  }

  chunk(digest: string): ChunkUse | undefined {
    return this.#store.chunks.get(digest);
  }

  isNeeded(digest: string): boolean {
    return this.#store.chunks.get(digest) !== undefined;
  }

  liveDigests(): readonly string[] {
    return this.#store.chunks.digests((use) => use.live > 0);
  }

  neededDigests(): readonly string[] {
    return this.#store.chunks.digests(() => true);
  }

  events(subject?: string): readonly EventRow[] {
    const { events } = this.#store;
    return subject === undefined ? events.values() : events.of(subject);
  }
}
