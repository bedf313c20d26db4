// A server whose data directory was lost or put aside comes back with an empty one. Its old Raft peer id stands for what
// it has forgotten: if that id went on, it could vote a second time, and acknowledgements would count that nothing stands
// behind. So the old id leaves and the new one comes in **one** change: there is no moment in which both belong to the
// cluster, and none in which neither does. The change is committed without the old id, which nobody speaks for any more.
import type { PeerId } from "../base/numbers.ts";
import type { MembershipStep } from "../replica/contract.ts";

/** To be proposed as one change. As a learner the new peer cannot weaken any majority; it is promoted when it has caught up. */
export function readmissionSteps(oldPeer: PeerId, newPeer: PeerId): readonly MembershipStep[] {
  return [
    { kind: "remove", peer: oldPeer },
    { kind: "add-learner", peer: newPeer },
  ];
}
