// Joint consensus (§4.3 of the dissertation): while two configurations are in force, every decision needs a
// majority of each. An ordinary configuration is a joint one with an empty outgoing half.
import type { PeerId } from "../../base/numbers.ts";
import {
  type Acknowledged,
  type Answers,
  majorityIndex,
  majorityVote,
  type VoteOutcome,
} from "./majority.ts";

export interface JointVoters {
  readonly voters: readonly PeerId[];
  readonly votersOutgoing: readonly PeerId[];
}

/** The highest number that a majority of both halves has acknowledged. */
export function jointIndex(halves: JointVoters, source: Acknowledged): number {
  const incoming = majorityIndex(halves.voters, source);
  if (halves.votersOutgoing.length === 0) return incoming;
  return Math.min(incoming, majorityIndex(halves.votersOutgoing, source));
}

/** Won when both halves are won, lost when either is lost. */
export function jointVote(halves: JointVoters, answers: Answers): VoteOutcome {
  const incoming = majorityVote(halves.voters, answers);
  const outgoing = majorityVote(halves.votersOutgoing, answers);
  if (incoming === outgoing) return incoming;
  return incoming === "lost" || outgoing === "lost" ? "lost" : "pending";
}
