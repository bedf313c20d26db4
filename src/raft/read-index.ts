// Serving linearizable reads: see reads.ts for the rounds.
import { noIndex, noPeer } from "../base/numbers.ts";
import { hasCommittedInTerm } from "./commit.ts";
import type { Core } from "./core.ts";
import { isSingleton, isVoter } from "./membership/configuration.ts";
import type { Progress } from "./progress.ts";
import type { Read } from "./reads.ts";
import { broadcastHeartbeat } from "./send-append.ts";
import type { ReadIndexRequest, ReadIndexResponse } from "./types.ts";

/** A read on this server: joins a round on the leader, is forwarded on a follower, is refused otherwise. */
export function startRead(core: Core, readId: number, mayUseLease: boolean): void {
  if (core.role === "leader") {
    joinRound(core, { readId, from: core.id }, mayUseLease);
  } else if (core.leader !== noPeer) {
    core.reads.forward(readId);
    core.send({ kind: "read-index", from: core.id, to: core.leader, term: core.term, readId });
  } else {
    core.readsRefused.push(readId);
  }
}

function joinRound(core: Core, read: Read, mayUseLease: boolean): void {
  // Before the first commit of its term a leader may not know yet what its predecessors committed (§6.4).
  if (!hasCommittedInTerm(core)) refuse(core, read);
  else if (isSingleton(core.tracker.configuration) && isOwnVoter(core)) {
    answer(core, read, core.log.commit);
  } else if (mayUseLease && core.config.leaseReads && core.lease.holds) {
    answer(core, read, core.log.commit);
  } else core.reads.join(read);
}

function isOwnVoter(core: Core): boolean {
  return isVoter(core.tracker.configuration, core.id);
}

function answer(core: Core, read: Read, index: Core["log"]["commit"]): void {
  const { readId, from: to } = read;
  if (to === core.id) core.readStates.push({ readId, index });
  else
    core.send({ kind: "read-index-response", from: core.id, to, term: core.term, readId, index });
}

function refuse(core: Core, read: Read): void {
  if (read.from === core.id) core.readsRefused.push(read.readId);
  else answer(core, read, noIndex);
}

/** Sends the heartbeats of the round that is open, if reads wait in it. */
export function flushReads(core: Core): void {
  if (!core.reads.hasOpen) return;
  broadcastHeartbeat(core, beginRound(core));
  confirmRounds(core);
}

/** Closes the open round and answers it for this server itself. */
function beginRound(core: Core): number {
  const { id } = core.reads.send(core.log.commit);
  const own = core.tracker.get(core.id);
  if (own !== undefined) {
    own.readRound = id;
    own.loyalRound = id;
  }
  core.lease.sent(id);
  return id;
}

/** Answers the reads of every round that a quorum has confirmed. */
export function confirmRounds(core: Core): void {
  for (const round of core.reads.confirm(core.tracker.confirmedRound())) {
    for (const read of round.reads) answer(core, read, round.index);
  }
}

/** A follower forwarded a read. */
export function handleReadIndex(core: Core, message: ReadIndexRequest): void {
  const read = { readId: message.readId, from: message.from };
  if (core.role === "leader") joinRound(core, read, true);
  else refuse(core, read);
}

/** The leader answered a forwarded read; index 0 = refused. */
export function handleReadIndexResponse(core: Core, message: ReadIndexResponse): void {
  const { readId, index, from } = message;
  if (from !== core.leader || !core.reads.answered(readId)) return;
  if (index === noIndex) core.readsRefused.push(readId);
  else core.readStates.push({ readId, index });
}

/**
 * The regular heartbeat. The newest unconfirmed round rides along, in case its own heartbeats were lost. With lease reads it
 * is a new one each time, because a lease counts from when its round was sent.
 */
export function regularHeartbeat(core: Core): void {
  const round = core.config.leaseReads ? beginRound(core) : core.reads.pendingRound;
  broadcastHeartbeat(core, round);
  // A single voter is its own quorum: nobody's answer would end the round.
  confirmRounds(core);
}

/** A follower that is loyal until its election timeout has answered `round`. */
export function confirmLease(core: Core, progress: Progress, round: number): void {
  if (round <= progress.loyalRound) return;
  progress.loyalRound = round;
  core.lease.confirmed(core.tracker.loyalRound());
}
