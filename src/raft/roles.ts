// Changes of role (Figure 4 of the paper, with the pre-candidate of §9.6 of the dissertation).
import { assert } from "../base/assert.ts";
import { noIndex, noPeer, type PeerId, plus, type Term } from "../base/numbers.ts";
import type { Core } from "./core.ts";

/** Everything that does not survive a change of role or term. */
function reset(core: Core, term: Term): void {
  assert(term >= core.term, "a term never goes back");
  if (core.term !== term) {
    core.term = term;
    core.vote = noPeer;
    // Somebody's campaign, perhaps in vain: priorities count for less (`electionPriority`).
    core.deference = Math.max(0, core.deference - 1);
  }
  core.leader = noPeer;
  core.electionElapsed = 0;
  core.heartbeatElapsed = 0;
  core.hintTicks = -1;
  core.drawElectionTimeout();
  core.transferee = noPeer;
  core.lease.reset();
  core.pendingMembershipIndex = noIndex;
  core.uncommittedBytes = 0;
  core.appendDue = false;
  const lastIndex = core.log.lastIndex();
  core.tracker.reset(plus(lastIndex, 1));
  const own = core.tracker.get(core.id);
  // Some of this may not be durable yet. That is harmless: only entries of the new term are committed by
  // counting, and for those `match` waits for the disk, which writes in order.
  if (own !== undefined) own.match = lastIndex;
  abandonReads(core);
}

/** Refuses every read that still waits: there is nobody (else) to confirm it. */
export function abandonReads(core: Core): void {
  for (const readId of core.reads.abandon(core.id)) core.readsRefused.push(readId);
}

/** Follows `leader` (0 = not known yet) in `term`. */
export function becomeFollower(core: Core, term: Term, leader: PeerId): void {
  reset(core, term);
  core.role = "follower";
  core.leader = leader;
  if (leader !== noPeer) core.renewDeference();
  core.record({ kind: "become-follower", leader });
}

/** Asks whether a campaign would succeed; neither the term nor the vote changes. */
export function becomePreCandidate(core: Core): void {
  assert(core.role !== "leader", "a leader does not campaign");
  core.tracker.clearVotes();
  core.role = "pre-candidate";
  core.leader = noPeer;
  abandonReads(core);
  core.record({ kind: "become-pre-candidate" });
}

/** Enters a new term and votes for itself. */
export function becomeCandidate(core: Core): void {
  assert(core.role !== "leader", "a leader does not campaign");
  reset(core, plus(core.term, 1));
  core.vote = core.id;
  core.role = "candidate";
  core.record({ kind: "become-candidate" });
}

/** Takes over the term; the caller appends the term's first entry. */
export function becomeLeader(core: Core): void {
  assert(core.role === "candidate", "only a candidate becomes leader");
  reset(core, core.term);
  core.role = "leader";
  core.leader = core.id;
  core.renewDeference();
  const own = core.tracker.get(core.id);
  assert(own !== undefined, "a leader is in its own membership");
  own.becomeReplicate();
  own.recentActive = true;
  // There may be a membership change in the unapplied tail: rather than look for it, wait until the tail is applied.
  core.pendingMembershipIndex = core.log.lastIndex();
  core.record({ kind: "become-leader" });
}
