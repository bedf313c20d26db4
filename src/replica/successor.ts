import type { PeerId } from "../base/numbers.ts";
import type { RaftStatus } from "../raft/status.ts";

/**
 * The voter to hand leadership to: active, with the longest log; `complete` = only one that has all of this
 * leader's log, so that it can campaign without another append. Undefined = there is none.
 */
export function successor(status: RaftStatus, need: "any" | "complete"): PeerId | undefined {
  const { voters } = status.membership;
  const able = status.progress.filter(
    ({ peer, recentActive, match }) =>
      peer !== status.id &&
      voters.includes(peer) &&
      recentActive &&
      (need === "any" || match === status.lastIndex),
  );
  return able.toSorted((a, b) => b.match - a.match || a.peer - b.peer)[0]?.peer;
}
