import type { Core } from "./core.ts";

/** Commits what a quorum has, if it reaches an entry of this term (§5.4.2); true when the index moved. */
export function advanceCommit(core: Core): boolean {
  const index = core.tracker.committed();
  if (!core.log.commitByCounting(index, core.term)) return false;
  if (core.trace !== undefined) core.record({ kind: "commit", index });
  return true;
}

/** Has this leader committed an entry of its term? Only then is its commit index known to be the newest. */
export function hasCommittedInTerm(core: Core): boolean {
  return core.log.matches(core.log.commit, core.term);
}
