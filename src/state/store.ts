// All tables of the replicated state and what they share. Only apply handlers and the snapshot code see it;
// everybody else reads through StateReader.
import { noIndex, type Revision } from "../base/numbers.ts";
import type { MembershipInForce } from "./reader.ts";
import type { FrozenRows, TableSpec } from "./table.ts";
import { AssignmentTable } from "./tables/assignments.ts";
import { ChunkIndex } from "./tables/chunk-index.ts";
import { ClientSessionTable } from "./tables/client-sessions.ts";
import { EventTable } from "./tables/events.ts";
import { JobTable } from "./tables/jobs.ts";
import { KvTable } from "./tables/kv.ts";
import { ResourceVersionTable } from "./tables/resource-versions.ts";
import { ResourceTable } from "./tables/resources.ts";
import { ServerTable } from "./tables/servers.ts";
import { SessionTable } from "./tables/sessions.ts";
import { UploadTable } from "./tables/uploads.ts";

/** A table of any row type, as the snapshot code handles it: rows go back only into the table they came from. */
export interface AnyTable {
  readonly spec: TableSpec<string, unknown>;
  readonly size: number;
  values(): Iterable<unknown>;
  contradiction(row: unknown): string | undefined;
  put(row: unknown): void;
  freeze(): FrozenRows<unknown>;
  thaw(): void;
}

export class Store {
  revision: Revision = noIndex;
  membership: MembershipInForce = { voters: [], learners: [], votersOutgoing: [] };

  readonly chunks: ChunkIndex = new ChunkIndex();
  readonly servers: ServerTable = new ServerTable();
  readonly sessions: SessionTable = new SessionTable();
  readonly kv: KvTable = new KvTable();
  readonly jobs: JobTable = new JobTable();
  readonly assignments: AssignmentTable = new AssignmentTable();
  readonly resourceVersions: ResourceVersionTable = new ResourceVersionTable(this.chunks);
  readonly resources: ResourceTable = new ResourceTable();
  readonly uploads: UploadTable = new UploadTable(this.chunks);
  readonly clientSessions: ClientSessionTable = new ClientSessionTable();
  readonly events: EventTable = new EventTable();

  /** In the order of snapshots: ascending by number. */
  readonly all: readonly AnyTable[] = [
    this.servers,
    this.sessions,
    this.kv,
    this.jobs,
    this.assignments,
    this.resourceVersions,
    this.resources,
    this.uploads,
    this.clientSessions,
    this.events,
  ];
}
