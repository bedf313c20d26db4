// Sections 5.5 and 5.6 of the Raft paper (extended version): crashes of followers and candidates, and timing.
import { describe, expect, test } from "vitest";
import { between, seededRandom } from "../../../src/base/random.ts";
import { ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import { append, coded, entriesAfter, Solo, voteRequest } from "../../unit/raft/solo.ts";

const electionTicks = 10;

describe("§5.5 Follower and candidate crashes", () => {
  test("requests to a crashed follower are repeated until it is back, and then succeed", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    for (const text of ["a", "b", "c"]) network.propose(1, text);
    network.tick(50, [1, 2]);
    network.server(3).restart();
    network.heal();
    network.tick(3);
    expect(network.server(3).copy.commands).toEqual(["a", "b", "c"]);
    expect(network.server(1).role).toBe("leader");
  });

  test("a crashed candidate changes nothing for the others: one of them is elected", () => {
    const network = new Network({ voters: [1, 2, 3], config: { preVote: false } });
    network.core(1).campaign();
    network.pump(1);
    network.server(1).restart();
    network.isolate(1);
    network.settle([2, 3]);
    network.tick(4 * electionTicks, [2, 3]);
    expect([2, 3]).toContain(network.leader().id);
  });

  test("a server that crashed after the work but before the answer gets the same request again, to the same end", () => {
    const solo = new Solo();
    const entries = entriesAfter(10, [2, 2]);
    solo.server.core.step(append(2, 2, { entries }));
    solo.sent();
    solo.server.persist();
    solo.server.restart();
    const answers = solo.step(append(2, 2, { entries }));
    expect(answers).toMatchObject([{ kind: "append-response", index: 12, reject: false }]);
    expect(solo.terms).toEqual([2, 2]);
  });

  test("a vote asked for once more after the crash is given to the same candidate, and to no other", () => {
    const solo = new Solo({ config: { preVote: false } });
    solo.server.core.step(voteRequest(2, 2));
    solo.sent();
    solo.server.persist();
    solo.server.restart();
    expect(solo.step(voteRequest(3, 2))).toMatchObject([{ to: 3, reject: true }]);
    expect(solo.step(voteRequest(2, 2))).toMatchObject([{ to: 2, reject: false }]);
  });

  test("entries that are there already are not written again", () => {
    const solo = new Solo();
    const entries = entriesAfter(10, [2, 2, 2]);
    solo.step(append(2, 2, { entries }));
    solo.server.core.step(append(2, 2, { entries: entries.slice(0, 2) }));
    expect(messagesOf(solo.sent(), "append-response")).toMatchObject([
      { index: 12, reject: false },
    ]);
    expect(solo.server.writes).toEqual([]);
    expect(solo.terms).toEqual([2, 2, 2]);
  });
});

describe("§5.6 Timing and availability", () => {
  test("safety does not depend on timing: however the clocks of the servers run, nothing goes wrong", () => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const random = seededRandom(seed);
      const network = new Network({
        voters: [1, 2, 3],
        seed,
        trace: false,
        config: { preVote: false },
      });
      const leaders = new Map<number, number>();
      for (let i = 0; i < 300; i += 1) {
        // One clock may be many times faster than another, and messages take as long as they like.
        const number = between(random, 1, 4);
        for (let tick = between(random, 0, 8); tick > 0; tick -= 1) network.core(number).tick();
        if (between(random, 0, 3) === 0) network.settle();
        else network.pump(number);
        for (const { id, role, core } of network.servers.values()) {
          if (role !== "leader") continue;
          const { term } = core.status();
          expect(leaders.get(term) ?? id).toBe(id);
          leaders.set(term, id);
        }
        expect(network.violations()).toEqual([]);
      }
    }
  });

  test("heartbeats much more often than election timeouts: the leader stays for as long as they arrive", () => {
    const network = ledNetwork({ voters: [1, 2, 3, 4, 5] });
    network.tick(50 * electionTicks);
    expect(network.leader()).toMatchObject({ id: 1 });
    expect(network.core(5).status().term).toBe(2);
  });

  test("an election timeout that is not above the heartbeat interval is refused", () => {
    const config = { electionTicks: 5, heartbeatTicks: 5 };
    expect(() => new Network({ voters: [1, 2, 3], config })).toThrow(coded("BAD_CONFIG"));
  });

  test("when the leader crashes, the cluster is without one for about the election timeout", () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const network = ledNetwork({ voters: [1, 2, 3, 4, 5], seed });
      network.isolate(1);
      const rest = [2, 3, 4, 5];
      let ticks = 0;
      while (!rest.some((number) => network.server(number).role === "leader")) {
        network.tick(1, rest);
        ticks += 1;
        expect(ticks).toBeLessThan(4 * electionTicks);
      }
      expect(ticks).toBeGreaterThanOrEqual(electionTicks);
    }
  });
});
