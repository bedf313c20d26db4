// Which memberships may be in force somewhere, and who could decide under all of them.
import type { Index } from "../../src/base/numbers.ts";
import { changeConfiguration } from "../../src/raft/membership/changer.ts";
import { membershipDecode } from "../../src/raft/membership/codec.ts";
import { normalized } from "../../src/raft/membership/configuration.ts";
import type { MembershipState } from "../../src/raft/types.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

/** In force somewhere, now or as soon as a pending change is applied. */
export function possibleMemberships(world: World): MembershipState[] {
  const found = world.observer.newestMemberships(2);
  const newest = found.at(-1);
  if (newest === undefined) return [];
  for (const server of world.servers) {
    let membership = newest;
    for (const change of pendingChanges(world, server)) {
      try {
        membership = changeConfiguration(normalized(membership), change).configuration;
        found.push(membership);
      } catch (thrown) {
        // It follows another membership, or will be refused by everybody.
        server.note(`holds a change that does not follow: ${String(thrown)}`);
      }
    }
  }
  return found;
}

function pendingChanges(world: World, server: SimServer): ReturnType<typeof membershipDecode>[] {
  const { view } = server.data.log;
  const from = Math.max(world.observer.newestMembershipIndex + 1, view.firstIndex());
  if (from > view.lastIndex()) return [];
  const entries = server.data.sound(() =>
    view.entries(from as Index, (view.lastIndex() + 1) as Index, Number.MAX_SAFE_INTEGER),
  );
  return (entries ?? [])
    .filter(({ type }) => type === "membership")
    .map(({ data }) => membershipDecode(data));
}

/** `core` is a majority of each half of all of them. */
export function canDecide(
  core: readonly SimServer[],
  memberships: readonly MembershipState[],
): boolean {
  const peers = new Set<number>(core.map(({ peer }) => peer));
  return memberships.every(({ voters, votersOutgoing }) =>
    [voters, votersOutgoing].every(
      (half) =>
        half.length === 0 || 2 * half.filter((peer) => peers.has(peer)).length > half.length,
    ),
  );
}

/** Without `victim`'s data, and that of all that is damaged already, the others could still decide everything. */
export function mayLoseData(world: World, victim: SimServer): boolean {
  const others = world.servers.filter(
    (each) => each !== victim && !each.isRetired && !each.isDamaged,
  );
  return canDecide(others, possibleMemberships(world));
}
