// What a core knows when it starts: what was durable, and what the state machine has applied.
import { plus } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { raftErrors } from "./errors.ts";
import { restoreMembership } from "./membership/apply.ts";
import { becomeFollower } from "./roles.ts";

/** Throws `QUORATE_RAFT_BAD_CONFIG` when log and state machine do not fit together. */
export function boot(core: Core): void {
  const { log, config } = core;
  const { applied } = config;
  const snapshot = log.stable.snapshot();
  const lastIndex = log.lastIndex();
  if (applied < snapshot.index || applied > lastIndex) {
    throw raftErrors.BAD_CONFIG(
      `applied = ${String(applied)} is not between the snapshot (${String(snapshot.index)}) and the log's end (${String(lastIndex)})`,
      { fields: { applied, snapshot: snapshot.index, lastIndex } },
    );
  }
  const { term, vote, commit } = log.stable.initialHardState();
  // The commit index on disk may lag behind (ready.ts); whatever was applied was committed.
  log.commit = plus(commit, Math.max(0, applied - commit));
  log.appliedTo(applied, 0);
  core.term = term;
  restoreMembership(core, config.membership ?? snapshot.membership);
  becomeFollower(core, term, core.leader);
  core.vote = vote;
  core.record({ kind: "init-state", commit: log.commit, applied, last: log.last() });
}
