// Elections (§5.2, §5.4.1 of the paper; pre-vote §9.6 of the dissertation).
import { assert } from "../base/assert.ts";
import { noIndex, noPeer, noTerm, plus } from "../base/numbers.ts";
import { appendProposals } from "./append.ts";
import type { Core } from "./core.ts";
import { allVoters } from "./membership/configuration.ts";
import { becomeCandidate, becomeFollower, becomeLeader, becomePreCandidate } from "./roles.ts";
import { broadcastAppend } from "./send-append.ts";
import type { CampaignKind } from "./trace.ts";
import type { TimeoutNow, VoteRequest, VoteResponse } from "./types.ts";

/** May this server become leader: a voter, with no snapshot on its way into the log? */
export function isPromotable(core: Core): boolean {
  const own = core.tracker.get(core.id);
  return own !== undefined && !own.learner && !core.log.hasPendingSnapshot();
}

/** The membership in force may lag behind the log; with a change still to be applied it must not be voted by. */
function hasUnappliedMembership(core: Core): boolean {
  const { log } = core;
  let found = false;
  log.scan(plus(log.applied, 1), plus(log.commit, 1), (entry) => {
    found = entry.type === "membership";
    return !found;
  });
  return found;
}

/** Starts a campaign unless this server leads, may not lead, or has a membership change to apply first. */
export function startCampaign(core: Core, kind: CampaignKind): void {
  if (core.role === "leader") {
    core.record({ kind: "campaign-refused", reason: "already-leader" });
  } else if (!isPromotable(core)) {
    core.record({ kind: "campaign-refused", reason: "unpromotable" });
  } else if (hasUnappliedMembership(core)) {
    core.record({ kind: "campaign-refused", reason: "membership-unapplied" });
  } else {
    core.record({ kind: "campaign", campaign: kind });
    campaign(core, kind);
  }
}

/** The kind of campaign that a timeout starts. */
export function ordinaryCampaign(core: Core): CampaignKind {
  return core.config.preVote ? "pre-vote" : "vote";
}

/**
 * Leaves this campaign to servers of higher priority, if that has not been done often enough already. Nothing
 * else changes; above all the time since the leader was heard runs on, so that nobody's loyalty is prolonged.
 */
export function leavesToOthers(core: Core): boolean {
  if (core.deference === 0) return false;
  core.deference -= 1;
  core.record({ kind: "campaign-left-to-others", left: core.deference });
  return true;
}

function campaign(core: Core, kind: CampaignKind): void {
  const preVote = kind === "pre-vote";
  if (preVote) becomePreCandidate(core);
  else becomeCandidate(core);
  core.hintTicks = -1;
  const { id: from } = core;
  const term = preVote ? plus(core.term, 1) : core.term;
  const last = core.log.last();
  for (const to of allVoters(core.tracker.configuration)) {
    if (to === from) {
      // The own vote counts once it is durable, like everybody else's.
      const response = preVote ? "pre-vote-response" : "vote-response";
      core.sendAfterPersist({ kind: response, from, to, term, reject: false });
      continue;
    }
    core.record({ kind: "vote-requested", to, preVote, last });
    core.send({
      kind: preVote ? "pre-vote" : "vote",
      from,
      to,
      term,
      lastIndex: last.index,
      lastTerm: last.term,
      transfer: kind === "transfer",
    });
  }
}

/** Ticks for which this server stays loyal to its leader, or to one before its start; 0 = it may vote for another. */
export function leaseTicks(core: Core): number {
  const quietTicks = Math.max(0, core.quietTicks);
  if (!core.config.checkQuorum || core.leader === noPeer) return quietTicks;
  return Math.max(quietTicks, core.config.electionTicks - core.electionElapsed);
}

/**
 * Decides on a vote. A learner votes too: whoever asks it believes it to be a voter, and it may be one
 * already without knowing (otherwise a promotion could leave no quorum able to elect).
 */
export function handleVoteRequest(core: Core, message: VoteRequest): void {
  const { from: to, term } = message;
  const real = message.kind === "vote";
  const response = real ? "vote-response" : "pre-vote-response";
  const mayVote =
    core.vote === to ||
    (core.vote === noPeer && core.leader === noPeer) ||
    (!real && term > core.term);
  if (!mayVote || !core.log.isUpToDate({ index: message.lastIndex, term: message.lastTerm })) {
    recordDecision(core, message, "rejected");
    core.sendAfterPersist({ kind: response, from: core.id, to, term: core.term, reject: true });
    return;
  }
  recordDecision(core, message, "granted");
  // The answer carries the term asked about: a pre-candidate's is ahead of ours, and ours would look stale to it.
  core.sendAfterPersist({ kind: response, from: core.id, to, term, reject: false });
  if (!real) return;
  core.electionElapsed = 0;
  core.hintTicks = -1;
  core.vote = to;
}

export function recordDecision(
  core: Core,
  message: VoteRequest,
  decision: "granted" | "rejected" | "ignored-in-lease",
): void {
  if (core.trace === undefined) return;
  const last = core.log.last();
  const { vote } = core;
  const ticks = leaseTicks(core);
  core.record({ kind: "vote-decided", decision, message, last, vote, leaseTicks: ticks });
}

/** An answer to our campaign; answers to an earlier pre-vote round do not count in the real one. */
export function handleVoteResponse(core: Core, message: VoteResponse): void {
  const preVote = message.kind === "pre-vote-response";
  if (core.role !== (preVote ? "pre-candidate" : "candidate")) return;
  const granted = !message.reject;
  core.record({ kind: "vote-counted", from: message.from, preVote, granted });
  core.tracker.recordVote(message.from, granted);
  const tally = core.tracker.tally();
  core.record({
    kind: "votes-tallied",
    preVote,
    granted: tally.granted,
    rejected: tally.rejected,
  });
  if (tally.outcome === "lost") becomeFollower(core, core.term, noPeer);
  else if (tally.outcome === "won") {
    if (preVote) campaign(core, "vote");
    else if (!core.config.ownVoteFirst || core.tracker.hasVoted(core.id)) lead(core);
  }
}

/** Begins the term with an empty entry: with it everything before becomes committable (§5.4.2, §8). */
function lead(core: Core): void {
  becomeLeader(core);
  const { log } = core;
  // What earlier terms left unapplied is charged too, or every change of leader would double the limit.
  log.scan(plus(log.applied, 1), plus(log.lastIndex(), 1), (entry) => {
    core.uncommittedBytes += entry.data.length;
    return true;
  });
  const index = appendProposals(core, [{ type: "normal", data: new Uint8Array(0) }]);
  assert(index !== undefined, "an empty entry always fits");
  broadcastAppend(core);
}

/** The leader hands over: campaign at once, without asking first; there is no partition to be wary of. */
export function handleTimeoutNow(core: Core, message: TimeoutNow): void {
  const { from } = message;
  if (core.role === "leader") return;
  if (core.role !== "follower") {
    core.record({ kind: "timeout-now-ignored", from });
    return;
  }
  core.record({ kind: "timeout-now-received", from });
  startCampaign(core, "transfer");
}

/** §9.6: tells a pre-candidate of an older term which term it is, so that it can catch up. */
export function rejectOldPreVote(core: Core, message: VoteRequest): void {
  recordDecision(core, message, "rejected");
  const { id: from, term } = core;
  core.sendAfterPersist({ kind: "pre-vote-response", from, to: message.from, term, reject: true });
}

/**
 * A leader of an older term still sends. When nobody may depose it by campaigning (pre-vote) or be deposed
 * while it is heard (check quorum), this answer is what tells it the newer term and frees whoever is stuck there.
 */
export function answerOldLeader(core: Core, to: TimeoutNow["from"]): void {
  core.sendAfterPersist({
    kind: "append-response",
    from: core.id,
    to,
    term: core.term,
    index: noIndex,
    reject: false,
    rejectHint: noIndex,
    rejectHintTerm: noTerm,
    progressId: 0,
  });
}
