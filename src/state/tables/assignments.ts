import { noSession, type SessionId } from "../../base/numbers.ts";
import {
  count,
  epochNumber,
  optional,
  revisionNumber,
  struct,
  text,
  union,
} from "../codec/codec.ts";
import { owner, runReport } from "../codec/values.ts";
import { GroupIndex } from "../group-index.ts";
import type { Assignment, AssignmentRow, Owner } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";

const keyOf = (row: AssignmentRow): string => row.jobId;

const assignment = union<Assignment, "state">("state", {
  pending: [0, struct({ reason: text })],
  assigned: [1, struct({ owner })],
  revoking: [2, struct({ owner, next: optional(owner) })],
  stopped: [3, struct({ reason: text })],
  quarantined: [4, struct({ reason: text })],
});

const spec: TableSpec<string, AssignmentRow> = {
  name: "assignments",
  number: 5,
  keyOf,
  ...struct<AssignmentRow>({
    jobId: text,
    assignment,
    epoch: epochNumber,
    run: runReport,
    modifiedRevision: revisionNumber,
    modifiedAtMs: count,
  }),
};

/** Who may run the job now; undefined when nobody may. */
export function ownerOf(row: AssignmentRow): Owner | undefined {
  const { assignment: now } = row;
  return now.state === "assigned" || now.state === "revoking" ? now.owner : undefined;
}

/** What a move compares: the owner's session, 0 for a row without owner. */
export function sessionOf(row: AssignmentRow): SessionId {
  return ownerOf(row)?.session ?? noSession;
}

/** Ids of the servers that a row names as owner or next owner. */
export function serversOf(row: AssignmentRow): readonly string[] {
  const { assignment: now } = row;
  if (now.state === "assigned") return [now.owner.serverId];
  if (now.state !== "revoking") return [];
  const { owner: from, next } = now;
  if (next === undefined || next.serverId === from.serverId) return [from.serverId];
  return [from.serverId, next.serverId];
}

export class AssignmentTable extends Table<string, AssignmentRow> {
  readonly byServer: GroupIndex<string, AssignmentRow> = this.follow(
    new GroupIndex({ keyOf, groupsOf: serversOf }),
  );
  /** By the owner's session; rows without owner are in no group. */
  readonly bySession: GroupIndex<string, AssignmentRow> = this.follow(
    new GroupIndex({
      keyOf,
      groupsOf: (row) => {
        const session = sessionOf(row);
        return session === noSession ? [] : [String(session)];
      },
    }),
  );

  constructor() {
    super(spec);
  }

  rowsOf(keys: readonly string[]): AssignmentRow[] {
    const rows: AssignmentRow[] = [];
    for (const key of keys) {
      const row = this.get(key);
      if (row !== undefined) rows.push(row);
    }
    return rows;
  }
}
