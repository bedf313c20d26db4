// What is left of a cluster after a removal must not need the removed server again, which may be switched off for
// good. (The commit index on the disk lagged behind the removal: a restart brought the old membership back.)
import { afterEach, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { Cluster } from "./cluster.ts";

let cluster: Cluster;
afterEach(() => cluster.stop());

test("the last one of two leads again after a restart, with nothing written since the removal", async () => {
  cluster = await new Cluster({ size: 2 }).found();
  const leader = await cluster.leader();
  const [other] = cluster.followers();
  await cluster.change([{ kind: "remove", peer: peerId(other!.id) }]);
  await cluster.clock.until("the removed server is told", () => other!.removed === 1);
  await cluster.crash(other!);
  await cluster.clock.until("the commit of the removal is durable", () => {
    const { commit } = leader.data.log.view.initialHardState();
    return commit === leader.replica.status().commit;
  });
  await cluster.crash(leader);
  await cluster.restart(leader);
  const again = await cluster.leader();
  expect(again.replica.state.membership.voters).toEqual([leader.id]);
});
