// A configuration: who votes, who learns, and, while two are in force, who voted before. Always sorted, so
// that every server iterates in the same order.
import type { PeerId } from "../../base/numbers.ts";
import type { MembershipState } from "../types.ts";

export type Configuration = MembershipState;

export const emptyConfiguration: Configuration = {
  voters: [],
  learners: [],
  votersOutgoing: [],
  learnersNext: [],
  autoLeave: false,
};

export function isJoint(configuration: Configuration): boolean {
  return configuration.votersOutgoing.length > 0;
}

/** One voter, and no change under way. */
export function isSingleton(configuration: Configuration): boolean {
  return configuration.voters.length === 1 && !isJoint(configuration);
}

export function isVoter(configuration: Configuration, peer: PeerId): boolean {
  return configuration.voters.includes(peer) || configuration.votersOutgoing.includes(peer);
}

/** `peers` in ascending order, each once. */
export function sortedPeers(peers: Iterable<PeerId>): PeerId[] {
  return [...new Set(peers)].sort((a, b) => a - b);
}

/** All voters of both halves, ascending. */
export function allVoters(configuration: Configuration): PeerId[] {
  return sortedPeers([...configuration.voters, ...configuration.votersOutgoing]);
}

/** Everybody the leader replicates to, ascending. */
export function allPeers(configuration: Configuration): PeerId[] {
  const { voters, learners, votersOutgoing, learnersNext } = configuration;
  return sortedPeers([...voters, ...votersOutgoing, ...learners, ...learnersNext]);
}

/** Sorted copies: what goes out never changes afterwards, what comes in may be in any order. */
export function normalized(state: MembershipState): Configuration {
  return {
    voters: sortedPeers(state.voters),
    learners: sortedPeers(state.learners),
    votersOutgoing: sortedPeers(state.votersOutgoing),
    learnersNext: sortedPeers(state.learnersNext),
    autoLeave: state.autoLeave,
  };
}
