// The follower's side of a snapshot (§7). Its bytes are durable before the message gets here; what is left
// is to replace log and membership by it, and to say so once that is durable too.
import { noPeer, plus } from "../base/numbers.ts";
import { acknowledge, commitTo, hearLeader } from "./append.ts";
import type { Core } from "./core.ts";
import { restoreMembership } from "./membership/apply.ts";
import { allPeers } from "./membership/configuration.ts";
import { becomeFollower } from "./roles.ts";
import type { SnapshotMeta, SnapshotRequest } from "./types.ts";

export function handleSnapshot(core: Core, message: SnapshotRequest): void {
  hearLeader(core, message.from);
  const { snapshot, from: to, progressId } = message;
  const restored = restore(core, snapshot);
  const index = restored ? core.log.lastIndex() : core.log.commit;
  acknowledge(core, { to, index, progressId });
}

/**
 * False when the snapshot is of no use here. One that does not name this server is of use (config
 * `unnamedSnapshots`): the leader's newest may be older than our addition, and the entries behind it tell the rest.
 */
function restore(core: Core, snapshot: SnapshotMeta): boolean {
  const { log } = core;
  const ignored = (reason: "old" | "not-follower" | "not-named" | "log-matches"): boolean => {
    core.record({ kind: "snapshot-ignored", snapshot, reason });
    return false;
  };
  if (snapshot.index <= log.commit) return ignored("old");
  if (core.role !== "follower") {
    // Cannot be: hearing from the leader of the term made this a follower. A snapshot on a leader would be the end.
    becomeFollower(core, plus(core.term, 1), noPeer);
    return ignored("not-follower");
  }
  if (!core.config.unnamedSnapshots && !allPeers(snapshot.membership).includes(core.id)) {
    return ignored("not-named");
  }
  if (log.matches(snapshot.index, snapshot.term)) {
    // The log has all of it: only the commit index was behind.
    core.record({ kind: "snapshot-fast-forward", snapshot, last: log.last() });
    commitTo(core, snapshot.index);
    return ignored("log-matches");
  }
  core.record({ kind: "snapshot-restoring", snapshot, log: log.marks() });
  log.restore(snapshot);
  restoreMembership(core, snapshot.membership);
  core.record({ kind: "snapshot-restored", snapshot });
  return true;
}
