// Putting a committed membership change in force (when it is applied, as etcd does, not when it is appended),
// and proposing one.
import { type Index, noPeer } from "../../base/numbers.ts";
import { appendProposals } from "../append.ts";
import { advanceCommit } from "../commit.ts";
import type { Core } from "../core.ts";
import { raftErrors } from "../errors.ts";
import { becomeFollower } from "../roles.ts";
import { broadcastAppend, sendEntries } from "../send-append.ts";
import { abortTransfer } from "../transfer.ts";
import type { MembershipChange, MembershipState } from "../types.ts";
import { changeConfiguration, checkConfiguration } from "./changer.ts";
import { leaveChange, membershipEncode } from "./codec.ts";
import { isJoint, isVoter, normalized } from "./configuration.ts";

/** Applies a committed change; throws MEMBERSHIP_INVALID when the log holds one that cannot be. */
export function applyChange(core: Core, change: MembershipChange): MembershipState {
  const result = changeConfiguration(core.tracker.configuration, change);
  core.tracker.change(result, core.log.lastIndex());
  adopt(core);
  return core.tracker.configuration;
}

/** Begins with the membership of a snapshot, or of the boot. */
export function restoreMembership(core: Core, membership: MembershipState): void {
  const configuration = normalized(membership);
  checkConfiguration(configuration);
  core.tracker.restore(configuration, core.log.lastIndex());
  adopt(core);
}

function adopt(core: Core): void {
  const { configuration } = core.tracker;
  core.record({ kind: "apply-conf-change", membership: configuration });
  if (core.role !== "leader") return;
  // The quorum that confirmed the lease may not be one any more.
  core.lease.suspend();
  const own = core.tracker.get(core.id);
  if (own === undefined || own.learner) {
    if (core.config.stepDownOnRemoval) {
      becomeFollower(core, core.term, noPeer);
      return;
    }
  }
  if (configuration.voters.length === 0) return;
  // A smaller quorum may have been reached already.
  if (advanceCommit(core)) broadcastAppend(core);
  else probeNewPeers(core);
  if (core.transferee !== noPeer && !isVoter(configuration, core.transferee)) {
    abortTransfer(core, "not-voter");
  }
}

/** New peers need not wait for a heartbeat or the next proposal. */
function probeNewPeers(core: Core): void {
  for (const peer of core.tracker.progress.keys()) {
    if (peer !== core.id) sendEntries(core, peer);
  }
}

/**
 * Appends a membership change on the leader. One at a time, and only if it can be applied to the membership
 * in force: what etcd turns into an empty entry is refused here with a reason.
 */
export function proposeChange(core: Core, change: MembershipChange): Index | undefined {
  if (core.config.validateMembership) validate(core, change);
  return append(core, change);
}

function validate(core: Core, change: MembershipChange): void {
  const { pendingMembershipIndex: pending, log } = core;
  if (pending > log.applied) {
    throw raftErrors.MEMBERSHIP_PENDING(
      `the membership may change up to index ${String(pending)}, applied is ${String(log.applied)}`,
      { fields: { reason: "unapplied", pending, applied: log.applied } },
    );
  }
  const { configuration } = core.tracker;
  const leaves = change.steps.length === 0;
  if (isJoint(configuration) && !leaves) {
    throw raftErrors.MEMBERSHIP_PENDING(
      "the joint membership of the change before has to be left first",
      { fields: { reason: "joint" } },
    );
  }
  if (!isJoint(configuration) && leaves) {
    throw raftErrors.MEMBERSHIP_INVALID("a change without steps leaves a joint membership", {
      fields: { reason: "not-joint" },
    });
  }
  // The membership in force is the one that the change will find: nothing else is on its way.
  changeConfiguration(configuration, change);
}

function append(core: Core, change: MembershipChange): Index | undefined {
  const data = membershipEncode(change);
  const index = appendProposals(core, [{ type: "membership", data }]);
  if (index === undefined) return undefined;
  core.pendingMembershipIndex = index;
  core.record({ kind: "change-conf", change, index });
  broadcastAppend(core);
  return index;
}

/** A joint membership that leaves itself is left by the leader, as soon as entering it is applied. */
export function leaveAutomatically(core: Core): void {
  const { configuration } = core.tracker;
  if (core.role !== "leader" || !configuration.autoLeave) return;
  if (core.log.applied < core.pendingMembershipIndex) return;
  const { transferee } = core;
  if (transferee !== noPeer || !core.tracker.has(core.id)) {
    core.record({ kind: "auto-leave-refused", membership: configuration, transferee });
    return;
  }
  if (append(core, leaveChange) === undefined) return;
  core.record({ kind: "auto-leave", membership: configuration });
}
