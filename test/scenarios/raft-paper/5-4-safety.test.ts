// Section 5.4 of the Raft paper (extended version): safety.
import { describe, expect, test } from "vitest";
import { ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  accepted,
  giveLog,
  type Position,
  Solo,
  type SoloOptions,
  voteRequest,
} from "../../unit/raft/solo.ts";

const paper: SoloOptions = { config: { preVote: false, checkQuorum: false } };

describe("§5.4.1 Election restriction", () => {
  test("a candidate without all committed entries cannot win", () => {
    const network = ledNetwork({ voters: [1, 2, 3], ...paper });
    network.isolate(3);
    network.propose(1, "committed");
    network.settle();
    network.heal();
    network.isolate(1);
    network.elect(3);
    expect(network.server(3).role).not.toBe("leader");
    network.elect(2);
    expect(network.server(2).role).toBe("leader");
    network.tick(2);
    expect(network.server(3).copy.commands).toEqual(["committed"]);
  });

  test("the request for a vote says where the candidate's log ends", () => {
    const solo = new Solo({ ...paper, log: [2, 3, 3] });
    solo.server.core.campaign();
    expect(messagesOf(solo.sent(), "vote")).toMatchObject([
      { to: 2, lastIndex: 13, lastTerm: 3 },
      { to: 3, lastIndex: 13, lastTerm: 3 },
    ]);
  });

  const candidates: readonly (readonly [string, Position, boolean])[] = [
    ["the same last entry", [12, 3], true],
    ["a longer log of the same last term", [13, 3], true],
    ["a shorter log of the same last term", [11, 3], false],
    ["a later last term", [12, 4], true],
    ["a shorter log with a later last term", [11, 4], true],
    ["an earlier last term", [12, 2], false],
    ["a longer log with an earlier last term", [40, 2], false],
  ];
  test.each(candidates)(
    "the voter refuses whose log is less up to date, by last term first and then by length: %s",
    (_, last, granted) => {
      const solo = new Solo({ ...paper, log: [1, 3] });
      const answers = messagesOf(solo.step(voteRequest(2, 6, last)), "vote-response");
      expect(answers.map(({ reject }) => reject)).toEqual([!granted]);
      expect(solo.status.vote).toBe(granted ? 2 : 0);
    },
  );
});

/** Figure 8: 1 led term 2 and reached 2; 5 led term 3 and reached nobody; 1 is to lead term 4. */
function figure8(): Network {
  const network = new Network({ voters: [1, 2, 3, 4, 5], ...paper });
  giveLog(network.server(1), { log: [2], term: 3 });
  giveLog(network.server(2), { log: [2], term: 3 });
  giveLog(network.server(3), { term: 3 });
  giveLog(network.server(4), { term: 3 });
  giveLog(network.server(5), { log: [3], term: 3, vote: 5 });
  network.isolate(5);
  return network;
}

const terms = (network: Network, number: number): number[] =>
  network
    .server(number)
    .entries()
    .map(({ term }) => term);

describe("§5.4.2 Committing entries from previous terms", () => {
  test("Figure 8 (c): an entry of an earlier term on a majority is not committed", () => {
    const network = figure8();
    // 4's own first entry of term 4 does not get through; the old one is on 1, 2 and 3.
    network.lose = (message) =>
      message.kind === "append" && message.entries.some(({ term }) => term === 4);
    network.elect(1);
    const { term, lastIndex, commit } = network.core(1).status();
    expect([term, lastIndex, commit]).toEqual([4, 12, 10]);
    const solo = new Solo({ ...paper, voters: [1, 2, 3, 4, 5], log: [2], term: 3 });
    const appends = messagesOf(solo.campaign([2, 3, 4]), "append");
    for (const request of appends.slice(0, 3)) {
      solo.step({ ...accepted(request), index: request.prevIndex });
    }
    expect(solo.status).toMatchObject({ role: "leader", lastIndex: 12, commit: 10 });
  });

  test("Figure 8 (d): therefore another leader may still overwrite it", () => {
    const network = figure8();
    giveLog(network.server(3), { log: [2], term: 4 });
    giveLog(network.server(1), { log: [2, 4], term: 4, vote: 1 });
    network.heal();
    network.isolate(1);
    network.elect(5);
    network.elect(5);
    expect(network.server(5).role).toBe("leader");
    network.heal();
    network.tick(3);
    for (const number of [1, 2, 3, 4, 5]) expect(terms(network, number).slice(0, 1)).toEqual([3]);
    expect(network.violations()).toEqual([]);
  });

  test("Figure 8 (e): an entry of the leader's own term on a majority commits it with all before, and then it stays", () => {
    const network = figure8();
    network.isolate(4, 5);
    network.elect(1);
    expect(network.core(1).status().commit).toBe(12);
    network.heal();
    network.isolate(1);
    network.elect(5);
    expect(network.server(5).role).not.toBe("leader");
    network.elect(3);
    expect(network.server(3).role).toBe("leader");
    network.heal();
    network.tick(3);
    for (const number of [1, 2, 3, 4, 5]) {
      expect(terms(network, number).slice(0, 2)).toEqual([2, 4]);
    }
  });

  test("entries keep their term when a later leader replicates them", () => {
    const network = new Network({ voters: [1, 2, 3], ...paper });
    giveLog(network.server(1), { log: [2, 3, 5], term: 6 });
    network.elect(1);
    expect(terms(network, 2)).toEqual([2, 3, 5, 7]);
    expect(terms(network, 3)).toEqual([2, 3, 5, 7]);
  });
});

describe("§5.4.3 Safety argument", () => {
  test("an entry committed in a term is in the logs of the leaders of all later terms", () => {
    const network = ledNetwork({ voters: [1, 2, 3, 4, 5], ...paper });
    for (let round = 0; round < 10; round += 1) {
      const cut = 1 + (round % 5);
      network.heal();
      network.isolate(cut);
      for (const number of [2, 3, 4, 5, 1]) {
        if (number === cut) continue;
        network.elect(number);
        if (network.leader().id !== number) continue;
        network.propose(number, `r${round}`);
        network.settle();
        expect(network.server(number).copy.commands.at(-1)).toBe(`r${round}`);
        break;
      }
      expect(network.violations()).toEqual([]);
    }
    const longest = network.leader().copy.commands;
    expect(longest).toEqual(Array.from({ length: 10 }, (_, round) => `r${round}`));
  });

  test("once a server applied an entry, no other applies a different one at that index", () => {
    const network = new Network({ voters: [1, 2, 3], ...paper });
    const applied = new Map<number, string>();
    let count = 0;
    for (const server of network.servers.values()) {
      server.onCommitted = (entry) => {
        const what = `${entry.term} ${String(entry.data)}`;
        expect(applied.get(entry.index) ?? what).toBe(what);
        applied.set(entry.index, what);
        count += 1;
      };
    }
    network.elect(1);
    for (let round = 0; round < 6; round += 1) {
      const { id } = network.leader();
      network.isolate(id);
      network.propose(id, `lost with ${id} in round ${round}`);
      const rest = [1, 2, 3].filter((number) => number !== id);
      network.tick(40, rest);
      network.propose(network.leader().id, `kept in round ${round}`);
      network.settle(rest);
      network.heal();
      network.tick(3);
    }
    network.tick(30);
    expect(count).toBeGreaterThan(applied.size);
  });
});
