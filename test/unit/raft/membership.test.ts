import { describe, expect, test } from "vitest";
import { index, peerId } from "../../../src/base/numbers.ts";
import type { MembershipState } from "../../../src/raft/types.ts";
import { change, ledNetwork, messagesOf, type Network } from "./network.ts";

const membership = (network: Network, number: number): MembershipState =>
  network.core(number).status().membership;

function propose(network: Network, ...args: Parameters<typeof change>): void {
  network.leader().core.proposeMembership(change(...args));
}

describe("membership change", () => {
  test("a learner is added, catches up, is promoted and counts; then it is removed", () => {
    const network = ledNetwork({ voters: [1, 2], strangers: [3] });
    propose(network, [["add-learner", 3]]);
    network.settle();
    network.propose(1, "a");
    network.tick(2);
    expect(membership(network, 3)).toMatchObject({ voters: [1, 2], learners: [3] });
    expect(network.server(3).copy.commands).toEqual(["a"]);
    propose(network, [["add-voter", 3]]);
    network.settle();
    expect(membership(network, 3)).toMatchObject({ voters: [1, 2, 3], learners: [] });
    network.isolate(2);
    network.propose(1, "b");
    network.settle();
    expect(network.server(3).copy.commands).toEqual(["a", "b"]);
    network.heal();
    network.tick(2);
    propose(network, [["remove", 3]]);
    network.settle();
    expect(membership(network, 1)).toMatchObject({ voters: [1, 2] });
    expect(
      network
        .core(1)
        .status()
        .progress.map(({ peer }) => peer),
    ).toEqual([1, 2]);
  });

  test("a learner does not count towards a quorum and does not campaign", () => {
    const network = ledNetwork({ voters: [1, 2], learners: [3] });
    network.isolate(2);
    network.propose(1, "a");
    network.settle();
    expect(network.core(1).status().commit).toBe(11);
    network.isolate(3);
    network.tick(60, [3]);
    expect(network.server(3).role).toBe("follower");
  });

  test("several changes at once go through a joint membership, which leaves itself", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4, 5] });
    propose(network, [
      ["add-voter", 4],
      ["add-voter", 5],
      ["remove", 2],
    ]);
    network.settle();
    network.tick(3);
    for (const number of [1, 3, 4, 5]) {
      expect(membership(network, number)).toEqual({
        voters: [1, 3, 4, 5],
        learners: [],
        votersOutgoing: [],
        learnersNext: [],
        autoLeave: false,
      });
    }
  });

  test("an explicit joint membership needs both majorities until it is left", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4, 5] });
    const steps = [
      ["add-voter", 4],
      ["add-voter", 5],
      ["remove", 2],
      ["remove", 3],
    ] as const;
    propose(network, steps, "joint-explicit");
    network.settle();
    network.tick(3);
    expect(membership(network, 1)).toMatchObject({ voters: [1, 4, 5], votersOutgoing: [1, 2, 3] });
    network.isolate(2, 3);
    network.propose(1, "a");
    network.settle();
    expect(network.server(4).copy.commands).toEqual([]);
    network.heal();
    network.tick(2);
    expect(network.server(4).copy.commands).toEqual(["a"]);
    propose(network, []);
    network.settle();
    network.isolate(2, 3);
    network.propose(1, "b");
    network.settle();
    expect(network.server(4).copy.commands).toEqual(["a", "b"]);
  });

  test("a voter that becomes a learner in a joint change waits in learnersNext", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4] });
    propose(
      network,
      [
        ["add-voter", 4],
        ["add-learner", 2],
      ],
      "joint-explicit",
    );
    network.settle();
    network.tick(2);
    expect(membership(network, 1)).toMatchObject({ learnersNext: [2], learners: [] });
    propose(network, []);
    network.settle();
    expect(membership(network, 2)).toMatchObject({ voters: [1, 3, 4], learners: [2] });
  });

  test("one change at a time; impossible ones are refused with a reason, and nothing is appended", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4] });
    const before = network.core(1).status().lastIndex;
    expect(() => {
      propose(network, [
        ["remove", 1],
        ["remove", 2],
        ["remove", 3],
      ]);
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_INVALID" }));
    expect(() => {
      propose(network, []);
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_INVALID" }));
    expect(network.core(1).status().lastIndex).toBe(before);
    propose(network, [["add-learner", 4]]);
    expect(() => {
      propose(network, [["remove", 2]]);
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_PENDING" }));
    network.settle();
    propose(network, [["remove", 2]], "joint-explicit");
    network.settle();
    expect(() => {
      propose(network, [["remove", 3]]);
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_PENDING" }));
  });

  test("a new leader accepts no change before the tail it inherited is applied", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { checkQuorum: false } });
    network.lose = (message) => message.kind === "append-response";
    network.propose(1, "a");
    network.settle();
    network.core(2).campaign();
    network.settle();
    expect(network.server(2).role).toBe("leader");
    expect(() => {
      network.core(2).proposeMembership(change([["remove", 3]]));
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_MEMBERSHIP_PENDING" }));
  });

  test("a leader that removes itself leads until the change is applied, then steps down", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    propose(network, [["remove", 1]]);
    network.propose(1, "after");
    network.settle();
    expect(network.server(1).role).toBe("follower");
    network.tick(40);
    expect([2, 3]).toContain(network.leader().id);
    expect(membership(network, 2)).toMatchObject({ voters: [2, 3] });
    expect(network.server(2).copy.commands).toEqual(["after"]);
    network.core(1).campaign();
    expect(network.server(1).role).toBe("follower");
  });

  test("without stepDownOnRemoval a removed leader replicates on, but does not count itself", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { stepDownOnRemoval: false } });
    propose(network, [["remove", 1]]);
    network.propose(1, "after");
    network.settle();
    expect(network.server(1).role).toBe("leader");
    expect(network.server(2).copy.commands).toEqual(["after"]);
    expect(() => network.propose(1, "more")).toThrow("does not lead");
  });

  test("a promoted learner that does not know it yet still votes", () => {
    const network = ledNetwork({ voters: [1, 2], learners: [3], config: { checkQuorum: false } });
    network.isolate(3);
    propose(network, [["add-voter", 3]]);
    network.settle();
    network.heal();
    network.isolate(1);
    expect(membership(network, 3)).toMatchObject({ learners: [3] });
    network.elect(2);
    expect(network.server(2).role).toBe("leader");
    network.tick(2, [2, 3]);
    expect(membership(network, 3)).toMatchObject({ voters: [1, 2, 3] });
  });

  test("no campaign while a committed membership change is not applied", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4] });
    propose(network, [["add-learner", 4]]);
    network.pump(1);
    network.server(1).persist();
    for (let i = 0; i < 4; i += 1) {
      for (const message of network.messages.splice(0)) network.deliver(message);
      for (const number of [1, 2, 3]) {
        network.pump(number);
        while (network.server(number).persist());
        network.pump(number);
      }
    }
    const server = network.server(2);
    expect(server.committed.map((entry) => entry.type)).toEqual(["membership"]);
    server.core.leaderLostHint(0);
    expect(server.events.at(-1)).toEqual({
      kind: "campaign-refused",
      reason: "membership-unapplied",
    });
    server.apply();
    server.core.leaderLostHint(0);
    expect(server.role).toBe("pre-candidate");
  });

  test("a removed server's answer does not depose the leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    propose(network, [["remove", 3]]);
    network.settle();
    network.heal();
    network.deliver({
      kind: "vote-response",
      from: peerId(3),
      to: peerId(1),
      term: (network.core(1).status().term + 5) as never,
      reject: true,
    });
    expect(network.server(1).role).toBe("leader");
  });

  test("an answer from before a removal and re-addition is ignored (progress ids)", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.pump(1);
    network.settle([3]);
    const late = messagesOf(network.messages, "append-response").find(({ from }) => from === 3);
    if (late === undefined) throw new Error("an answer expected");
    network.messages = network.messages.filter((message) => message !== late);
    network.settle();
    propose(network, [["remove", 3]]);
    network.settle();
    network.isolate(3);
    propose(network, [["add-voter", 3]]);
    network.settle();
    const match = (): number | undefined =>
      network
        .core(1)
        .status()
        .progress.find(({ peer }) => peer === 3)?.match;
    expect(match()).toBe(0);
    network.deliver({ ...late, index: index(12) });
    expect(match()).toBe(0);
    expect(network.server(1).events.at(-1)?.kind).toBe("stale-progress-ignored");
    network.heal();
    network.tick(3);
    expect(match()).toBe(network.core(1).status().lastIndex);
  });

  test("with progress ids switched off the late answer would be believed", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { progressIds: false } });
    network.propose(1, "a");
    network.pump(1);
    network.settle([3]);
    const late = messagesOf(network.messages, "append-response").find(({ from }) => from === 3);
    if (late === undefined) throw new Error("an answer expected");
    network.messages = network.messages.filter((message) => message !== late);
    network.settle();
    propose(network, [["remove", 3]]);
    network.settle();
    network.isolate(3);
    propose(network, [["add-voter", 3]]);
    network.settle();
    network.deliver(late);
    expect(
      network
        .core(1)
        .status()
        .progress.find(({ peer }) => peer === 3)?.match,
    ).toBe(12);
  });

  test("removed and added back in one change: a new stay, with nothing known about the log", () => {
    const network = ledNetwork({ voters: [1, 2], learners: [3] });
    network.isolate(3);
    const steps = [
      ["remove", 3],
      ["add-learner", 3],
    ] as const;
    propose(network, steps, "joint-implicit");
    network.settle();
    const found = network
      .core(1)
      .status()
      .progress.find(({ peer }) => peer === 3);
    expect(found).toMatchObject({ match: 0, learner: true });
  });

  test("removing the target ends a transfer", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    propose(network, [["remove", 3]]);
    network.core(1).transferLeadership(peerId(3));
    network.settle();
    expect(network.core(1).status().transferee).toBe(0);
  });
});
