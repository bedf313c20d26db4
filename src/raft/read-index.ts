// Serving linearizable reads: see reads.ts for the rounds.
import { noIndex, noPeer } from "../base/numbers.ts";
import { hasCommittedInTerm } from "./commit.ts";
import type { Core } from "./core.ts";
import { isSingleton, isVoter } from "./membership/configuration.ts";
import type { Read } from "./reads.ts";
import { broadcastHeartbeat } from "./send-append.ts";
import type { ReadIndexRequest, ReadIndexResponse } from "./types.ts";

/** A read on this server: joins a round on the leader, is forwarded on a follower, is refused otherwise. */
export function startRead(core: Core, readId: number): void {
  if (core.role === "leader") {
    joinRound(core, { readId, from: core.id });
  } else if (core.leader !== noPeer) {
    core.reads.forward(readId);
    core.send({ kind: "read-index", from: core.id, to: core.leader, term: core.term, readId });
  } else {
    core.readsRefused.push(readId);
  }
}

function joinRound(core: Core, read: Read): void {
  // Before the first commit of its term a leader may not know yet what its predecessors committed (§6.4).
  if (!hasCommittedInTerm(core)) refuse(core, read);
  else if (isSingleton(core.tracker.configuration) && isOwnVoter(core)) {
    answer(core, read, core.log.commit);
  } else if (holdsLease(core)) {
    answer(core, read, core.log.commit);
  } else core.reads.join(read);
}

/**
 * A quorum was heard from since the last check of the quorum, so recently that its loyalty (`leaseTicks`) still
 * lasts; one heartbeat interval is left as a margin for delay and for clocks of different pace.
 */
function holdsLease(core: Core): boolean {
  const { leaseReads, heartbeatTicks, electionTicks } = core.config;
  if (!leaseReads || core.leaseVoid) return false;
  return core.electionElapsed + heartbeatTicks < electionTicks && core.tracker.quorumActive();
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
  const round = core.reads.send(core.log.commit);
  const own = core.tracker.get(core.id);
  if (own !== undefined) own.readRound = round.id;
  broadcastHeartbeat(core, round.id);
  confirmRounds(core);
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
  if (core.role === "leader") joinRound(core, read);
  else refuse(core, read);
}

/** The leader answered a forwarded read; index 0 = refused. */
export function handleReadIndexResponse(core: Core, message: ReadIndexResponse): void {
  const { readId, index, from } = message;
  if (from !== core.leader || !core.reads.answered(readId)) return;
  if (index === noIndex) core.readsRefused.push(readId);
  else core.readStates.push({ readId, index });
}

/** The newest unconfirmed round rides along with the regular heartbeats, in case its own were lost. */
export function pendingRound(core: Core): number {
  return core.reads.pendingRound;
}
