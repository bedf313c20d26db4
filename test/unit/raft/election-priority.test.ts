// Election priority: a wish about who leads next, which never decides whether somebody does.
import { describe, expect, test } from "vitest";
import { electionPriorityMax } from "../../../src/raft/config.ts";
import { change, ledNetwork, messagesOf, Network, type NetworkOptions } from "./network.ts";
import { coded, giveLog, heartbeat, preVoteRequest, Solo, voteRequest } from "./solo.ts";

const electionTicks = 10;
const seeds: readonly number[] = Array.from({ length: 20 }, (_, i) => i + 1);

/** Server 1 has the highest priority, and each one after it one less. */
const graded = (preVote = true): NetworkOptions => ({
  voters: [1, 2, 3, 4],
  config: { preVote },
  configOf: (number) => ({ electionPriority: electionPriorityMax + 1 - number }),
});

function ticksUntilLed(network: Network, numbers: readonly number[]): number {
  for (let ticks = 1; ticks < 40 * electionTicks; ticks += 1) {
    network.tick(1, numbers);
    if (numbers.some((number) => network.server(number).role === "leader")) return ticks;
  }
  throw new Error("nobody leads");
}

describe("election priority", () => {
  test("is off by default: the highest one, given to all, changes nothing at all", () => {
    const run = (config: NetworkOptions["config"]): unknown => {
      const network = new Network({ voters: [1, 2, 3], config: config ?? {}, seed: 5 });
      network.tick(60);
      network.isolate(network.leader().id);
      network.tick(60);
      network.heal();
      network.tick(20);
      return [...network.servers.values()].map(({ events, core }) => [events, core.status()]);
    };
    const without = run({});
    expect(run({ electionPriority: electionPriorityMax })).toEqual(without);
    expect(run({ electionPriority: 0 })).not.toEqual(without);
  });

  test("of servers with equal logs the one of the highest priority is elected", () => {
    for (const seed of seeds) {
      const network = new Network({ ...graded(), seed });
      ticksUntilLed(network, [1, 2, 3, 4]);
      expect(network.leader().id).toBe(1);
      network.isolate(1);
      ticksUntilLed(network, [2, 3, 4]);
      expect(network.leader().id).toBe(2);
    }
  });

  test("a broken stream to the leader keeps the order", () => {
    const network = ledNetwork(graded());
    network.isolate(1);
    for (const number of [4, 3, 2]) network.core(number).leaderLostHint(0);
    network.settle();
    expect(network.leader().id).toBe(1);
    // Whoever was not heard by enough asks again; each time one election fewer is left to others.
    for (const number of [4, 3, 2]) network.core(number).leaderLostHint(0);
    network.settle();
    expect(network.server(2).role).toBe("leader");
  });

  test("a server whose betters are gone leads in the end, an election timeout later for each step", () => {
    for (const seed of seeds) {
      const network = ledNetwork({ ...graded(), voters: [1, 2, 3], seed });
      network.isolate(1);
      // Server 2 answers and is free to vote, but its own clock stands still.
      network.core(2).leaderLostHint(1);
      let ticks = 0;
      while (network.server(3).role !== "leader" && ticks < 1000) {
        network.core(3).tick();
        network.settle([2, 3]);
        ticks += 1;
      }
      expect(ticks).toBeGreaterThanOrEqual(3 * electionTicks);
      expect(ticks).toBeLessThan(4 * electionTicks);
    }
  });

  test("servers of higher priority that cannot win, without pre-vote, do not keep the one that can from it", () => {
    for (const seed of seeds) {
      const network = new Network({ ...graded(false), seed });
      giveLog(network.server(4), { log: [2, 2], term: 2 });
      giveLog(network.server(3), { log: [2], term: 2 });
      network.isolate(1);
      // 2 and 3 may not be elected without 4, whose log is the longest.
      const ticks = ticksUntilLed(network, [2, 3, 4]);
      expect(network.leader().id).toBe(4);
      expect(ticks).toBeLessThan(20 * electionTicks);
    }
  });

  test("leaving an election to others prolongs no loyalty: the vote is free at once", () => {
    const solo = new Solo({ config: { electionPriority: 0 } });
    solo.step(heartbeat(2, 2));
    solo.tick(2 * electionTicks - 1);
    expect(solo.server.events.at(-1)).not.toMatchObject({ kind: "campaign" });
    expect(solo.server.events.map(({ kind }) => kind)).toContain("campaign-left-to-others");
    expect(messagesOf(solo.step(preVoteRequest(3, 3)), "pre-vote-response")).toMatchObject([
      { reject: false },
    ]);
  });

  test("is used up by elections without a leader, and counts in full again once a leader is heard", () => {
    const solo = new Solo({ config: { electionPriority: 1, preVote: false, checkQuorum: false } });
    const left = (): number[] =>
      solo.server.events.flatMap((event) =>
        event.kind === "campaign-left-to-others" ? [event.left] : [],
      );
    solo.tick(2 * electionTicks - 1);
    expect(left()).toEqual([1]);
    // Somebody else's campaign, refused or not, is one.
    solo.step(voteRequest(2, 5, [0, 0]));
    solo.tick(2 * electionTicks);
    expect(left()).toEqual([1]);
    expect(solo.status.role).toBe("candidate");
    solo.step(heartbeat(2, 9));
    solo.tick(4 * electionTicks);
    expect(left()).toEqual([1, 1, 0]);
  });

  test("does not hold back a campaign that was asked for", () => {
    const network = ledNetwork({ ...graded(), voters: [1, 2, 3] });
    network.core(1).transferLeadership(network.server(3).id);
    network.settle();
    expect(network.leader().id).toBe(3);
    network.elect(2);
    const { core } = network.server(3);
    core.proposeMembership(change([["remove", 1]]));
    network.settle();
    expect(core.status().membership.voters).toEqual([2, 3]);
  });

  test("of an impossible value is refused by name", () => {
    for (const electionPriority of [-1, 0.5, electionPriorityMax + 1, Number.NaN]) {
      expect(() => new Solo({ config: { electionPriority } })).toThrow(coded("BAD_CONFIG"));
    }
  });
});
