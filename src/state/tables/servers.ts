import { count, flag, oneOf, peerNumber, revisionNumber, struct, text } from "../codec/codec.ts";
import { adminState, serverProfile } from "../codec/values.ts";
import { GroupIndex } from "../group-index.ts";
import type { ServerRow } from "../rows.ts";
import { Table, type TableSpec } from "../table.ts";

const keyOf = (row: ServerRow): string => row.profile.serverId;

const spec: TableSpec<string, ServerRow> = {
  name: "servers",
  number: 1,
  keyOf,
  ...struct<ServerRow>({
    profile: serverProfile,
    peerId: peerNumber,
    role: oneOf(["voter", "learner", "removed"]),
    wasVoter: flag,
    admin: adminState,
    reason: text,
    createdRevision: revisionNumber,
    modifiedRevision: revisionNumber,
    modifiedAtMs: count,
  }),
};

export class ServerTable extends Table<string, ServerRow> {
  readonly byPeer: GroupIndex<string, ServerRow> = this.follow(
    new GroupIndex({ keyOf, groupsOf: (row) => [String(row.peerId)] }),
  );

  constructor() {
    super(spec);
  }
}
