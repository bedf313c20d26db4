// The two questions a quorum answers: up to which number have enough voters come, and have enough of them
// said yes. A joint configuration asks both halves (joint.ts).
import type { PeerId } from "../../base/numbers.ts";

/** What a number of voters has agreed on. `lost` = can no longer be won. */
export type VoteOutcome = "won" | "lost" | "pending";

/** The number a voter has acknowledged; 0 when nothing is known. */
export interface Acknowledged {
  acknowledged(voter: PeerId): number;
}

/** A voter's answer; undefined while it is missing. */
export interface Answers {
  get(voter: PeerId): boolean | undefined;
}

/** What an empty half "agrees" on, so that it never limits the other half. */
export const unlimited: number = Number.MAX_SAFE_INTEGER;

/**
 * The highest number that a majority of `voters` has acknowledged. Runs for every append response, hence the
 * insertion sort on a reused buffer: memberships have a handful of voters.
 */
export function majorityIndex(voters: readonly PeerId[], source: Acknowledged): number {
  const count = voters.length;
  if (count === 0) return unlimited;
  for (let i = 0; i < count; i += 1) {
    const value = source.acknowledged(voters[i] as PeerId);
    let at = i;
    while (at > 0 && (scratch[at - 1] as number) > value) {
      scratch[at] = scratch[at - 1] as number;
      at -= 1;
    }
    scratch[at] = value;
  }
  return scratch[count - (count >> 1) - 1] as number;
}

const scratch: number[] = [];

/** Has the vote among `voters` been decided? An empty half always says yes. */
export function majorityVote(voters: readonly PeerId[], answers: Answers): VoteOutcome {
  if (voters.length === 0) return "won";
  let granted = 0;
  let missing = 0;
  for (const voter of voters) {
    const answer = answers.get(voter);
    if (answer === undefined) missing += 1;
    else if (answer) granted += 1;
  }
  const needed = (voters.length >> 1) + 1;
  if (granted >= needed) return "won";
  return granted + missing >= needed ? "pending" : "lost";
}
