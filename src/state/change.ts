// The write access of one log entry: every write goes through here, so that topics, revisions and history
// cannot be forgotten by a handler.
import type { Revision } from "../base/numbers.ts";
import { reasonCharsMax, type StateLimits } from "./limits.ts";
import { clip } from "./names.ts";
import type { Topic } from "./result.ts";
import type {
  Assignment,
  AssignmentRow,
  ClientSessionRow,
  JobRow,
  KvRow,
  ResourceVersionRow,
  ServerRow,
  SessionRow,
  UploadRow,
} from "./rows.ts";
import type { Store } from "./store.ts";
import { serversOf } from "./tables/assignments.ts";
import { versionKey } from "./tables/resource-versions.ts";

/** What a log entry tells beside its command. */
export interface EntryInfo {
  readonly index: Revision;
  readonly atMs: number;
  readonly actor: string;
}

export interface Note {
  readonly subject: string;
  readonly kind: string;
  readonly detail: string;
}

export class Change implements EntryInfo {
  readonly store: Store;
  readonly limits: StateLimits;
  readonly index: Revision;
  readonly atMs: number;
  readonly actor: string;
  readonly #topics = new Set<Topic>();
  #events = 0;
  #written = false;

  constructor(entry: EntryInfo, modules: { readonly store: Store; readonly limits: StateLimits }) {
    this.store = modules.store;
    this.limits = modules.limits;
    this.index = entry.index;
    this.atMs = entry.atMs;
    this.actor = clip(entry.actor, reasonCharsMax);
  }

  /** In order of first touch. */
  topics(): readonly Topic[] {
    return [...this.#topics];
  }

  /** Nothing was written: a refusal may only come now. */
  isUntouched(): boolean {
    return !this.#written;
  }

  /** Adds a line to the history. */
  note(note: Note): void {
    const { limits, index: revision, atMs, actor } = this;
    const detail = clip(note.detail, reasonCharsMax);
    this.store.events.append(
      {
        revision,
        ordinal: this.#events,
        atMs,
        actor,
        subject: note.subject,
        kind: note.kind,
        detail,
      },
      limits,
    );
    this.#events += 1;
    this.#touch("events", `events/${note.subject}`);
  }

  putServer(row: Omit<ServerRow, "modifiedRevision" | "modifiedAtMs">): void {
    this.store.servers.put({
      ...row,
      reason: clip(row.reason, reasonCharsMax),
      modifiedRevision: this.index,
      modifiedAtMs: this.atMs,
    });
    this.#touch("servers", `servers/${row.profile.serverId}`);
  }

  putSession(row: SessionRow): void {
    this.store.sessions.put(row);
    if (row.state === "ended") this.store.sessions.forgetEnded(this.limits.sessionsEndedMax);
    this.#touch("sessions");
  }

  putKv(row: KvRow): void {
    this.store.kv.put(row);
    this.#touch("kv", `kv/${row.key}`);
  }

  deleteKv(key: string): void {
    this.store.kv.delete(key);
    this.#touch("kv", `kv/${key}`);
  }

  putJob(row: JobRow): void {
    this.store.jobs.put(row);
    this.#touch("jobs", `jobs/${row.jobId}`);
  }

  /** The job and its assignment vanish together. */
  removeJob(jobId: string): void {
    const assignment = this.store.assignments.delete(jobId);
    this.store.jobs.delete(jobId);
    this.#touch("jobs", `jobs/${jobId}`);
    this.#touchAssignment(assignment);
  }

  /** Writes the row's next assignment and returns the new row. */
  putAssignment(
    row: AssignmentRow,
    assignment: Assignment,
    fields?: Partial<Pick<AssignmentRow, "epoch" | "run">>,
  ): AssignmentRow {
    const before = this.store.assignments.get(row.jobId);
    const after: AssignmentRow = {
      ...row,
      ...fields,
      assignment,
      modifiedRevision: this.index,
      modifiedAtMs: this.atMs,
    };
    this.store.assignments.put(after);
    this.#touchAssignment(before);
    this.#touchAssignment(after);
    return after;
  }

  putVersion(row: ResourceVersionRow): void {
    const { namespace, name, version } = row;
    this.store.resourceVersions.put(row);
    this.store.resources.put({ namespace, name, lastVersion: version });
    this.#touch("resources", `resources/${namespace}/${name}`);
  }

  deleteVersion(row: ResourceVersionRow): void {
    this.store.resourceVersions.delete(versionKey(row));
    this.#touch("resources", `resources/${row.namespace}/${row.name}`);
  }

  putUpload(row: UploadRow): void {
    this.store.uploads.put(row);
    this.#touch("uploads", `uploads/${row.uploadId}`);
  }

  deleteUpload(uploadId: string): void {
    this.store.uploads.delete(uploadId);
    this.#touch("uploads", `uploads/${uploadId}`);
  }

  /** Nobody watches client sessions: no topic. */
  putClientSession(row: ClientSessionRow): void {
    this.store.clientSessions.put(row);
    this.#touch();
  }

  evictClientSession(): void {
    this.store.clientSessions.evictOldest();
    this.#touch();
  }

  setMembership(membership: Store["membership"]): void {
    this.store.membership = membership;
    this.#touch("membership");
  }

  #touchAssignment(row: AssignmentRow | undefined): void {
    if (row === undefined) return;
    this.#touch("assignments", ...serversOf(row).map((serverId) => `assignments/${serverId}`));
  }

  #touch(...topics: readonly Topic[]): void {
    this.#written = true;
    for (const topic of topics) this.#topics.add(topic);
  }
}
