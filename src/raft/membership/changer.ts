// Membership changes as pure functions from one configuration to the next (rules: etcd-io/raft confchange;
// §4 of the dissertation). A simple change moves at most one voter and takes effect at once. Any other goes
// through a joint configuration: entering it keeps the old voters as `votersOutgoing`, leaving drops them. A
// voter that becomes a learner stays a voter of the old half until then and waits in `learnersNext`.
//
// A draft also notes who left the membership in between: somebody removed and added back in one change
// starts a new stay, with nothing known about its log.
import { noPeer, type PeerId } from "../../base/numbers.ts";
import { raftErrors } from "../errors.ts";
import type { MembershipChange, MembershipStep } from "../types.ts";
import { allPeers, type Configuration, isJoint, sortedPeers } from "./configuration.ts";

/** The next configuration, and the peers whose former stay has ended (they may have begun a new one). */
export interface ChangeResult {
  readonly configuration: Configuration;
  readonly ended: ReadonlySet<PeerId>;
}

class Draft {
  readonly voters: Set<PeerId>;
  readonly votersOutgoing: Set<PeerId>;
  readonly learners: Set<PeerId>;
  readonly learnersNext: Set<PeerId>;
  readonly ended = new Set<PeerId>();
  autoLeave: boolean;

  constructor(from: Configuration) {
    this.voters = new Set(from.voters);
    this.votersOutgoing = new Set(from.votersOutgoing);
    this.learners = new Set(from.learners);
    this.learnersNext = new Set(from.learnersNext);
    this.autoLeave = from.autoLeave;
  }

  addVoter(peer: PeerId): void {
    this.learners.delete(peer);
    this.learnersNext.delete(peer);
    this.voters.add(peer);
  }

  addLearner(peer: PeerId): void {
    if (this.learners.has(peer) || this.learnersNext.has(peer)) return;
    this.voters.delete(peer);
    (this.votersOutgoing.has(peer) ? this.learnersNext : this.learners).add(peer);
  }

  remove(peer: PeerId): void {
    const removed = this.voters.delete(peer) || this.learners.delete(peer);
    this.learnersNext.delete(peer);
    if (removed && !this.votersOutgoing.has(peer)) this.ended.add(peer);
  }

  finish(): ChangeResult {
    const configuration: Configuration = {
      voters: sortedPeers(this.voters),
      learners: sortedPeers(this.learners),
      votersOutgoing: sortedPeers(this.votersOutgoing),
      learnersNext: sortedPeers(this.learnersNext),
      autoLeave: this.autoLeave,
    };
    checkConfiguration(configuration);
    return { configuration, ended: this.ended };
  }
}

const stepHandlers: Readonly<Record<MembershipStep["kind"], (draft: Draft, peer: PeerId) => void>> =
  {
    "add-voter": (draft, peer) => {
      draft.addVoter(peer);
    },
    "add-learner": (draft, peer) => {
      draft.addLearner(peer);
    },
    remove: (draft, peer) => {
      draft.remove(peer);
    },
  };

function refuse(reason: string): never {
  throw raftErrors.MEMBERSHIP_INVALID(reason);
}

function applySteps(draft: Draft, steps: readonly MembershipStep[]): void {
  for (const step of steps) {
    // Peer 0 stands for a step that was crossed out after it had been proposed.
    if (step.peer !== noPeer) stepHandlers[step.kind](draft, step.peer);
  }
  if (draft.voters.size === 0) refuse("removed all voters");
}

/** Changes at most one voter; throws MEMBERSHIP_INVALID. */
export function simpleChange(from: Configuration, steps: readonly MembershipStep[]): ChangeResult {
  if (isJoint(from)) refuse("can't apply simple config change in joint config");
  const draft = new Draft(from);
  applySteps(draft, steps);
  let moved = 0;
  for (const peer of from.voters) if (!draft.voters.has(peer)) moved += 1;
  for (const peer of draft.voters) if (!from.voters.includes(peer)) moved += 1;
  if (moved > 1) refuse("more than one voter changed without entering joint config");
  return draft.finish();
}

export interface JointChange {
  readonly steps: readonly MembershipStep[];
  readonly autoLeave: boolean;
}

/** Puts the old and the new configuration in force together; throws MEMBERSHIP_INVALID. */
export function enterJoint(from: Configuration, change: JointChange): ChangeResult {
  if (isJoint(from)) refuse("config is already joint");
  if (from.voters.length === 0) refuse("can't make a zero-voter config joint");
  const draft = new Draft(from);
  for (const peer of from.voters) draft.votersOutgoing.add(peer);
  applySteps(draft, change.steps);
  draft.autoLeave = change.autoLeave;
  return draft.finish();
}

/** Drops the outgoing half; throws MEMBERSHIP_INVALID. */
export function leaveJoint(from: Configuration): ChangeResult {
  if (!isJoint(from)) refuse("can't leave a non-joint config");
  const draft = new Draft(from);
  for (const peer of from.learnersNext) draft.learners.add(peer);
  draft.learnersNext.clear();
  for (const peer of from.votersOutgoing) {
    if (!draft.voters.has(peer) && !draft.learners.has(peer)) draft.ended.add(peer);
  }
  draft.votersOutgoing.clear();
  draft.autoLeave = false;
  return draft.finish();
}

/** An empty change under `auto` leaves the joint configuration. */
function leavesJoint(change: MembershipChange): boolean {
  return change.transition === "auto" && change.steps.length === 0;
}

/** What `change` makes of `from`; throws MEMBERSHIP_INVALID. */
export function changeConfiguration(from: Configuration, change: MembershipChange): ChangeResult {
  if (leavesJoint(change)) return leaveJoint(from);
  if (change.transition !== "auto" || change.steps.length > 1) {
    const autoLeave = change.transition !== "joint-explicit";
    return enterJoint(from, { steps: change.steps, autoLeave });
  }
  return simpleChange(from, change.steps);
}

/** The rules every configuration obeys, whoever made it (a change, a snapshot, a configuration file). */
export function checkConfiguration(configuration: Configuration): void {
  const { voters, learners, votersOutgoing, learnersNext } = configuration;
  for (const peer of learnersNext) {
    if (!votersOutgoing.includes(peer))
      refuse(`${String(peer)} is to learn next, but not outgoing`);
    if (voters.includes(peer)) refuse(`${String(peer)} is to learn next, and stays a voter`);
  }
  for (const peer of learners) {
    if (votersOutgoing.includes(peer)) refuse(`${String(peer)} is a learner and an outgoing voter`);
    if (voters.includes(peer)) refuse(`${String(peer)} is a learner and a voter`);
  }
  if (isJoint(configuration)) return;
  if (configuration.autoLeave) refuse("only a joint config is left by itself");
  if (allPeers(configuration).includes(noPeer)) refuse("peer 0 stands for nobody");
}
