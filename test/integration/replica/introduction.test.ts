// A server that was away while another one joined does not know the newcomer's address. It must answer it all the
// same, with acknowledgements and with its vote: it may belong to the only majority that is left. (Found by the
// simulator: a lagging follower of a leader that it could not answer stayed behind for ever.)
import { afterEach, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { Cluster, put } from "./cluster.ts";

let cluster: Cluster;
afterEach(() => cluster.stop());

test("a lagging server answers a leader that joined while it was away", async () => {
  cluster = await new Cluster({ size: 3 }).found();
  const leader = await cluster.leader();
  const [away] = cluster.followers();
  await cluster.crash(away!);
  const joiner = await cluster.join(4);
  await cluster.change([{ kind: "add-voter", peer: peerId(4) }], 4);
  await cluster.converged();
  await cluster.clock.settled(leader.replica.transferLeadership(peerId(4), 5000));
  await cluster.clock.until("the newcomer leads", () => {
    return joiner.duty.at(-1)?.startsWith("+") === true;
  });
  const { term } = joiner.replica.status();
  await cluster.restart(away!);
  await cluster.converged();
  expect(joiner.replica.status()).toMatchObject({ role: "leader", term });
  // Of four voters three are needed: the one that was away counts.
  await cluster.crash(leader);
  await cluster.propose(joiner, put("k"));
  await cluster.converged();
  expect(away!.replica.state.kv("k")).toBeDefined();
});
