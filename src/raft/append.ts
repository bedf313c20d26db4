// Appending to the own log: the leader's proposals, and the follower's side of replication (§5.3).
import { assert } from "../base/assert.ts";
import { type Index, noIndex, noTerm, plus } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { payloadBytes } from "./entry-size.ts";
import { becomeFollower } from "./roles.ts";
import type { AppendRequest, Entry, EntryType, HeartbeatRequest } from "./types.ts";

export interface NewEntry {
  readonly type: EntryType;
  readonly data: Uint8Array;
}

/**
 * Appends proposals on the leader; undefined when they would exceed `maxUncommittedBytes`. An empty tail
 * takes a proposal of any size, and empty entries always fit: a leader can always begin its term and leave a
 * joint configuration.
 */
export function appendProposals(core: Core, proposals: readonly NewEntry[]): Index | undefined {
  const first = plus(core.log.lastIndex(), 1);
  const { term } = core;
  const entries = proposals.map(
    ({ type, data }, i): Entry => ({ index: plus(first, i), term, type, data }),
  );
  const bytes = payloadBytes(entries);
  const { uncommittedBytes, config } = core;
  if (uncommittedBytes > 0 && bytes > 0 && uncommittedBytes + bytes > config.maxUncommittedBytes) {
    return undefined;
  }
  core.uncommittedBytes += bytes;
  appendToLog(core, entries);
  // The leader counts itself when its own disk has the entries, not before.
  acknowledge(core, {
    to: core.id,
    index: core.log.lastIndex(),
    progressId: core.tracker.get(core.id)?.progressId ?? 0,
  });
  return first;
}

function appendToLog(core: Core, entries: readonly Entry[]): void {
  const first = entries[0];
  if (first === undefined) return;
  const outcome = core.log.unstable.append(entries);
  if (core.trace === undefined) return;
  if (outcome === "replaced") core.record({ kind: "unstable-replaced", from: first.index });
  if (outcome === "truncated") core.record({ kind: "unstable-truncated", from: first.index });
  core.record({ kind: "replicate", first: first.index, last: core.log.lastIndex() });
}

/** Tells the leader (perhaps oneself) that the log matches up to `index`, once that is durable. */
export function acknowledge(
  core: Core,
  answer: Pick<AppendRequest, "to" | "progressId"> & { readonly index: Index },
): void {
  core.sendAfterPersist({
    kind: "append-response",
    from: core.id,
    to: answer.to,
    term: core.term,
    index: answer.index,
    reject: false,
    rejectHint: noIndex,
    rejectHintTerm: noTerm,
    progressId: answer.progressId,
  });
}

/** The leader of this term was heard from. */
export function hearLeader(core: Core, from: AppendRequest["from"]): void {
  assert(core.role !== "leader", "two leaders in one term");
  if (core.role !== "follower") {
    becomeFollower(core, core.term, from);
    return;
  }
  core.electionElapsed = 0;
  core.hintTicks = -1;
  core.leader = from;
  core.renewDeference();
}

/** Entries from the leader of this term. */
export function handleAppend(core: Core, message: AppendRequest): void {
  hearLeader(core, message.from);
  const { log } = core;
  const { from: to, progressId, entries } = message;
  if (message.prevIndex < log.commit) {
    // An old message: what is committed matches anyway.
    acknowledge(core, { to, index: log.commit, progressId });
    return;
  }
  if (!log.accepts(message)) {
    rejectAppend(core, message);
    return;
  }
  const conflict = log.conflict(entries);
  if (conflict !== undefined) {
    const { index, existingTerm } = conflict;
    if (existingTerm !== undefined && core.trace !== undefined) {
      const conflictingTerm = entries[index - message.prevIndex - 1]?.term ?? noTerm;
      core.record({ kind: "conflict", index, existingTerm, conflictingTerm });
    }
    // Only from the first entry that differs: an old append must not cut off what came after it.
    log.assertUncommitted(index);
    appendToLog(core, entries.slice(index - message.prevIndex - 1));
  }
  const last = plus(message.prevIndex, entries.length);
  commitTo(core, Math.min(message.commit, last) as Index);
  acknowledge(core, { to, index: last, progressId });
}

/** Says where the logs might match, so that the leader need not try one index after the other. */
function rejectAppend(core: Core, message: AppendRequest): void {
  const { log } = core;
  const { prevIndex, prevTerm, from: to, progressId } = message;
  if (core.trace !== undefined) {
    core.record({ kind: "append-rejected", message, ourTerm: log.term(prevIndex) ?? noTerm });
  }
  const from = Math.min(prevIndex, log.lastIndex()) as Index;
  const hint = log.conflictByTerm(from, prevTerm);
  core.sendAfterPersist({
    kind: "append-response",
    from: core.id,
    to,
    term: core.term,
    index: prevIndex,
    reject: true,
    rejectHint: hint.index,
    rejectHintTerm: hint.term,
    progressId,
  });
}

/** The leader of this term is alive and knows what is committed here. */
export function handleHeartbeat(core: Core, message: HeartbeatRequest): void {
  hearLeader(core, message.from);
  commitTo(core, message.commit);
  const { id: from, term } = core;
  core.send({
    kind: "heartbeat-response",
    from,
    to: message.from,
    term,
    readRound: message.readRound,
    loyalMs: core.config.leaseReads ? core.config.electionMs : 0,
  });
}

/** A follower learned from its leader what is committed. */
export function commitTo(core: Core, index: Index): void {
  if (index <= core.log.commit) return;
  core.log.commitTo(index);
  if (core.trace !== undefined) core.record({ kind: "commit", index });
}
