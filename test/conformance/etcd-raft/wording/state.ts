// How etcd prints roles, configurations, snapshots and progress.
import type { ProgressView } from "../../../../src/raft/progress.ts";
import type { MembershipState, Role, SnapshotMeta } from "../../../../src/raft/types.ts";
import { slice } from "./go-format.ts";

export const roleNames: Readonly<Record<Role, string>> = {
  follower: "StateFollower",
  "pre-candidate": "StatePreCandidate",
  candidate: "StateCandidate",
  leader: "StateLeader",
};

const progressNames: Readonly<Record<ProgressView["state"], string>> = {
  probe: "StateProbe",
  replicate: "StateReplicate",
  snapshot: "StateSnapshot",
};

function group(ids: readonly number[]): string {
  return `(${ids.join(" ")})`;
}

export function configText(membership: MembershipState): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = membership;
  let text = `voters=${group(voters)}`;
  if (votersOutgoing.length > 0) text += `&&${group(votersOutgoing)}`;
  if (learners.length > 0) text += ` learners=${group(learners)}`;
  if (learnersNext.length > 0) text += ` learners_next=${group(learnersNext)}`;
  return autoLeave ? `${text} autoleave` : text;
}

export function confStateText(membership: MembershipState): string {
  const { voters, votersOutgoing, learners, learnersNext, autoLeave } = membership;
  return [
    `Voters:${slice(voters)}`,
    `VotersOutgoing:${slice(votersOutgoing)}`,
    `Learners:${slice(learners)}`,
    `LearnersNext:${slice(learnersNext)}`,
    `AutoLeave:${autoLeave}`,
  ].join(" ");
}

export function snapshotText(snapshot: SnapshotMeta): string {
  const { index, term, membership } = snapshot;
  return `Index:${index} Term:${term} ConfState:${confStateText(membership)}`;
}

export function progressText(progress: ProgressView): string {
  const { match, next, state, inflight, inflightFull, pendingSnapshot } = progress;
  let text = `${progressNames[state]} match=${match} next=${next}`;
  if (progress.learner) text += " learner";
  if (progress.paused) text += " paused";
  if (pendingSnapshot > 0) text += ` pendingSnap=${pendingSnapshot}`;
  if (!progress.recentActive) text += " inactive";
  if (inflight > 0) text += ` inflight=${inflight}${inflightFull ? "[full]" : ""}`;
  return text;
}

/** One line per peer. */
export function progressMapText(
  peers: Iterable<readonly [peer: number, progress: ProgressView]>,
): string {
  return [...peers].map(([peer, progress]) => `${peer}: ${progressText(progress)}\n`).join("");
}
