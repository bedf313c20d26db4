// Time, counted by the caller: one call per tick, whatever a tick is.
import { noPeer } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { isPromotable, leavesToOthers, ordinaryCampaign, startCampaign } from "./election.ts";
import { regularHeartbeat } from "./read-index.ts";
import { abandonReads, becomeFollower } from "./roles.ts";
import { repeatSnapshots } from "./send-append.ts";
import { abortTransfer } from "./transfer.ts";

export function tick(core: Core): void {
  if (core.role === "leader") tickLeader(core);
  else tickFollower(core);
}

function tickFollower(core: Core): void {
  core.electionElapsed += 1;
  core.quietTicks -= 1;
  expireReads(core);
  if (core.hintTicks > 0) {
    core.hintTicks -= 1;
    if (core.hintTicks === 0) {
      campaignOnHint(core);
      return;
    }
  }
  if (!isPromotable(core) || core.electionElapsed < core.electionTimeout) return;
  if (leavesToOthers(core)) {
    core.electionTimeout += core.config.electionTicks;
    return;
  }
  core.electionElapsed = 0;
  startCampaign(core, ordinaryCampaign(core));
}

/** Reads that were forwarded and never answered: the message or the answer was lost. */
function expireReads(core: Core): void {
  core.readExpiryTicks += 1;
  if (core.readExpiryTicks < core.config.electionTicks) return;
  core.readExpiryTicks = 0;
  for (const readId of core.reads.expire()) core.readsRefused.push(readId);
}

function tickLeader(core: Core): void {
  core.heartbeatElapsed += 1;
  core.lease.tick();
  core.electionElapsed += 1;
  if (core.electionElapsed >= core.config.electionTicks) {
    core.electionElapsed = 0;
    if (core.config.repeatSnapshots) repeatSnapshots(core);
    if (core.config.checkQuorum) checkQuorum(core);
    if (core.role !== "leader") return;
    abortTransfer(core, "timeout");
  }
  if (core.heartbeatElapsed < core.config.heartbeatTicks) return;
  core.heartbeatElapsed = 0;
  regularHeartbeat(core);
}

/** A leader that hears no quorum may have been replaced without knowing: it stops leading. */
function checkQuorum(core: Core): void {
  if (!core.tracker.quorumActive()) {
    core.record({ kind: "quorum-lost" });
    becomeFollower(core, core.term, noPeer);
  }
  core.tracker.clearActive(core.id);
}

/**
 * The stream to the leader broke, which is what the death of its process looks like: this server is loyal to
 * it no longer and campaigns after `delayTicks` unless it hears from a leader or votes for somebody. On a
 * candidate: campaigns anew after `delayTicks` (the vote was split, or came too early for the others).
 */
export function leaderLost(core: Core, delayTicks: number): void {
  // With lease reads loyalty is what makes the leader's answers right: the hint is not taken.
  if (core.role === "leader" || core.config.leaseReads) return;
  forgetLeader(core);
  core.hintTicks = delayTicks;
  if (delayTicks === 0) campaignOnHint(core);
}

/** Stays in the term, without a leader: may grant (pre-)votes at once. Refused with lease reads. */
export function forgetLeader(core: Core): void {
  if (core.role !== "follower") return;
  if (core.config.leaseReads) {
    core.record({ kind: "leader-kept" });
    return;
  }
  if (core.leader === noPeer) return;
  core.record({ kind: "leader-forgotten", leader: core.leader });
  core.leader = noPeer;
  abandonReads(core);
}

function campaignOnHint(core: Core): void {
  core.hintTicks = -1;
  if (isPromotable(core) && leavesToOthers(core)) return;
  core.electionElapsed = 0;
  startCampaign(core, ordinaryCampaign(core));
}
