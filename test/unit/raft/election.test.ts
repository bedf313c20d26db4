import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { ledNetwork, messagesOf, Network } from "./network.ts";

const roles = (network: Network): string[] =>
  [...network.servers.values()].map((server) => server.role);

describe("election", () => {
  test("a timeout leads to one leader, whose first entry is committed everywhere", () => {
    const network = new Network({ voters: [1, 2, 3] });
    network.tick(20);
    const leader = network.leader();
    expect(roles(network).filter((role) => role === "leader")).toHaveLength(1);
    for (const server of network.servers.values()) {
      const status = server.core.status();
      expect(status.leader).toBe(leader.id);
      expect(status.commit).toBe(11);
      expect(server.copy.applied).toBe(11);
    }
  });

  test("a single voter elects itself and commits alone, once its disk has everything", () => {
    const network = new Network({ voters: [1] });
    const server = network.server(1);
    server.core.campaign();
    network.pump(1);
    expect(server.role).toBe("candidate");
    network.settle();
    expect(server.role).toBe("leader");
    network.propose(1, "a");
    network.pump(1);
    expect(server.core.status().commit).toBe(11);
    network.settle();
    expect(server.copy.commands).toEqual(["a"]);
  });

  test("§5.2: one vote per term, first come first served, also after a restart", () => {
    const network = new Network({ voters: [1, 2, 3], config: { preVote: false } });
    network.core(1).campaign();
    network.core(2).campaign();
    network.settle([1]);
    network.settle([2]);
    // 3 hears 1 first, persists its vote and dies before it hears 2.
    const [first, second] = messagesOf(network.messages, "vote").filter(({ to }) => to === 3);
    if (first === undefined || second === undefined) throw new Error("two requests expected");
    network.deliver(first);
    network.settle([3]);
    network.server(3).restart();
    network.messages = [];
    network.deliver(second);
    network.pump(3);
    while (network.server(3).persist());
    network.pump(3);
    expect(messagesOf(network.messages, "vote-response")).toMatchObject([
      { to: second.from, reject: true },
    ]);
  });

  test("§5.4.1: a candidate whose log ends earlier is refused", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { checkQuorum: false } });
    network.isolate(3);
    network.propose(1, "a");
    network.settle();
    network.heal();
    network.elect(3);
    expect(network.server(3).role).not.toBe("leader");
    network.elect(2);
    expect(network.server(2).role).toBe("leader");
    expect(network.server(3).copy.commands).toEqual(["a"]);
  });

  test("a repeated vote response counts once", () => {
    const network = new Network({ voters: [1, 2, 3, 4, 5], config: { preVote: false } });
    network.core(1).campaign();
    network.settle([1]);
    network.settle([2]);
    const granted = messagesOf(network.messages, "vote-response").find(({ to }) => to === 1);
    if (granted === undefined) throw new Error("a vote expected");
    network.deliver(granted);
    network.deliver(granted);
    network.deliver(granted);
    expect(network.server(1).role).toBe("candidate");
    // Nor does a later answer take it back: with the third vote the election is won.
    network.deliver({ ...granted, reject: true });
    network.deliver({ ...granted, from: peerId(3) });
    expect(network.server(1).role).toBe("leader");
  });

  test("an answer to the pre-vote does not count as a vote", () => {
    const network = new Network({ voters: [1, 2, 3] });
    network.core(1).campaign();
    network.settle([1]);
    network.settle([2, 3]);
    const answers = messagesOf(network.messages, "pre-vote-response");
    expect(answers).toHaveLength(2);
    for (const answer of answers) network.deliver(answer);
    expect(network.server(1).role).toBe("candidate");
    for (const answer of answers) network.deliver(answer);
    expect(network.server(1).role).toBe("candidate");
  });

  test("votes leave only when the vote is durable", () => {
    const network = new Network({ voters: [1, 2, 3], config: { preVote: false } });
    network.core(1).campaign();
    network.settle([1]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    network.pump(2);
    expect(network.messages).toEqual([]);
    expect(network.server(2).writes[0]?.hardState).toMatchObject({ vote: 1, term: 2 });
    network.server(2).persist();
    network.pump(2);
    expect(network.messages).toMatchObject([{ kind: "vote-response", from: 2, reject: false }]);
  });
});

describe("pre-vote and check quorum", () => {
  test("a server that was cut off neither raises the term nor deposes the leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.tick(60);
    expect(network.server(3).role).toBe("pre-candidate");
    expect(network.core(3).status().term).toBe(2);
    network.heal();
    network.tick(20);
    expect(network.leader().id).toBe(1);
    expect(network.core(1).status().term).toBe(2);
    expect(network.core(3).status().leader).toBe(1);
  });

  test("followers are loyal to a leader they hear, but not to one that says goodbye", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.elect(3);
    expect(network.leader().id).toBe(1);
    network.core(2).leaderLostHint(5);
    network.core(3).leaderLostHint(0);
    network.settle();
    expect(network.leader().id).toBe(3);
  });

  test("a leader without contact to a quorum steps down; the others elect", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(1);
    network.tick(20, [1]);
    expect(network.server(1).role).toBe("follower");
    network.tick(30, [2, 3]);
    expect([2, 3]).toContain(network.leader().id);
  });

  test("a leader with a quorum stays", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.tick(60, [1, 2]);
    expect(network.leader().id).toBe(1);
  });

  test("a candidate stuck in a higher term is freed by its answer to the leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { preVote: false } });
    network.isolate(3);
    network.tick(40, [3]);
    const ahead = network.core(3).status().term;
    expect(ahead).toBeGreaterThan(2);
    network.heal();
    network.tick(60);
    expect(network.leader().core.status().term).toBeGreaterThan(ahead);
    expect(network.core(3).status().leader).toBe(network.leader().id);
  });

  test("one-way partition: a leader that is not answered stops leading", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.cut(2, 1);
    network.cut(3, 1);
    network.tick(60);
    expect(network.server(1).role).not.toBe("leader");
    expect([2, 3]).toContain(network.leader().id);
  });
});

describe("hint that the leader is lost", () => {
  test("hearing the leader again cancels the campaign", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(2).leaderLostHint(3);
    expect(network.core(2).status().leader).toBe(0);
    network.tick(1, [1]);
    network.settle();
    network.tick(5);
    expect(network.leader().id).toBe(1);
    expect(network.core(1).status().term).toBe(2);
  });

  test("on a candidate it campaigns anew after the delay", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(2).leaderLostHint(0);
    network.settle([2]);
    network.messages = [];
    expect(network.server(2).role).toBe("pre-candidate");
    network.core(3).leaderLostHint(8);
    network.core(2).leaderLostHint(2);
    network.isolate(1);
    network.tick(2, [2, 3]);
    expect(network.server(2).role).toBe("leader");
  });

  test("does nothing on the leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).leaderLostHint(0);
    network.settle();
    expect(network.server(1).role).toBe("leader");
  });
});

describe("restart", () => {
  test("term, vote and log survive; the state machine is rebuilt", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a", "b");
    network.settle();
    const before = network.core(2).status();
    network.server(2).restart();
    expect(network.core(2).status()).toMatchObject({
      term: before.term,
      vote: before.vote,
      role: "follower",
      leader: 0,
    });
    network.tick(2);
    expect(network.server(2).copy.commands).toEqual(["a", "b"]);
  });

  test("what was not durable is gone, and comes again from the leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.settle([1]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    network.pump(2);
    expect(network.server(2).writes).toHaveLength(1);
    network.server(2).restart();
    expect(network.core(2).status().lastIndex).toBe(11);
    network.tick(3);
    expect(network.server(2).copy.commands).toEqual(["a"]);
  });

  test("a whole cluster that restarts commits what it had", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.settle();
    for (const server of network.servers.values()) server.restart();
    network.tick(25);
    for (const server of network.servers.values()) expect(server.copy.commands).toEqual(["a"]);
  });
});
