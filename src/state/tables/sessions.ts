import type { SessionId } from "../../base/numbers.ts";
import {
  bytes,
  count,
  oneOf,
  revisionNumber,
  sessionNumber,
  struct,
  text,
} from "../codec/codec.ts";
import { GroupIndex } from "../group-index.ts";
import type { SessionRow } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";
import { numberKey } from "./keys.ts";

const keyOf = (row: SessionRow): string => numberKey(row.session);

const spec: TableSpec<string, SessionRow> = {
  name: "sessions",
  number: 2,
  keyOf,
  ...struct<SessionRow>({
    session: sessionNumber,
    serverId: text,
    leaseMs: count,
    key: bytes,
    capacity: count,
    state: oneOf(["active", "ended"]),
    endReason: text,
    createdRevision: revisionNumber,
    createdAtMs: count,
  }),
};

export class SessionTable extends Table<string, SessionRow> {
  readonly #active = this.follow(
    new GroupIndex<string, SessionRow>({
      keyOf,
      groupsOf: (row) => (row.state === "active" ? [row.serverId] : []),
    }),
  );
  readonly #byState = this.follow(
    new GroupIndex<string, SessionRow>({ keyOf, groupsOf: (row) => [row.state] }),
  );

  constructor() {
    super(spec);
  }

  of(session: SessionId): SessionRow | undefined {
    return this.get(numberKey(session));
  }

  isActive(session: SessionId): boolean {
    return this.of(session)?.state === "active";
  }

  /** The active session of `serverId` with the highest number. */
  newest(serverId: string): SessionRow | undefined {
    const key = this.#active.last(serverId);
    return key === undefined ? undefined : this.get(key);
  }

  activeCount(): number {
    return this.#byState.keys("active").size;
  }

  /** Forgets the oldest ended sessions above the limit: an unknown session is treated like an ended one. */
  forgetEnded(endedMax: number): void {
    const ended = this.#byState.keys("ended");
    if (ended.size <= endedMax) return;
    const oldest = this.#byState.sorted("ended").slice(0, ended.size - endedMax);
    for (const key of oldest) this.delete(key);
  }
}
