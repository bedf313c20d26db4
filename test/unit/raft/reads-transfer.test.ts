import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { ledNetwork, messagesOf, Network } from "./network.ts";

describe("read index", () => {
  test("the leader answers at its commit index once a quorum confirmed it", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.settle();
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([]);
    network.settle();
    expect(network.server(1).reads).toEqual([{ readId: 7, index: 12 }]);
  });

  test("a follower's read is answered by the leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3], learners: [4] });
    network.core(2).readIndex(1);
    network.core(4).readIndex(2);
    network.settle();
    expect(network.server(2).reads).toEqual([{ readId: 1, index: 11 }]);
    expect(network.server(4).reads).toEqual([{ readId: 2, index: 11 }]);
  });

  test("reads of one turn share a round; a later one needs its own", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).readIndex(1);
    network.core(1).readIndex(2);
    network.pump(1);
    const first = messagesOf(network.messages, "heartbeat");
    expect(first).toHaveLength(2);
    network.core(1).readIndex(3);
    network.pump(1);
    const rounds = messagesOf(network.messages, "heartbeat").map(({ readRound }) => readRound);
    expect(new Set(rounds).size).toBe(2);
    // Answers to the first round say nothing about the second.
    for (const message of first) network.deliver(message);
    network.messages = [];
    network.settle();
    expect(network.server(1).reads.map(({ readId }) => readId)).toEqual([1, 2]);
  });

  test("an answer to a later round confirms the earlier ones", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).readIndex(1);
    network.pump(1);
    network.messages = [];
    network.core(1).readIndex(2);
    network.settle();
    expect(network.server(1).reads.map(({ readId }) => readId)).toEqual([1, 2]);
  });

  test("a round whose heartbeats were lost goes with the next regular ones", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).readIndex(1);
    network.pump(1);
    network.messages = [];
    network.tick(1);
    expect(network.server(1).reads).toEqual([{ readId: 1, index: 11 }]);
  });

  test("one answer repeated is not a quorum", () => {
    const network = ledNetwork({ voters: [1, 2, 3, 4, 5] });
    network.isolate(1, 2);
    network.core(1).readIndex(1);
    network.settle();
    const answer = {
      kind: "heartbeat-response",
      from: peerId(2),
      to: peerId(1),
      term: network.core(1).status().term,
      readRound: 1,
      loyalMs: 0,
    } as const;
    network.deliver(answer);
    network.deliver(answer);
    network.settle();
    expect(network.server(1).reads).toEqual([]);
  });

  test("refused before the first commit of the term", () => {
    const network = new Network({ voters: [1, 2, 3] });
    network.lose = (message) => message.kind === "append";
    network.elect(1);
    expect(network.server(1).role).toBe("leader");
    network.core(1).readIndex(1);
    network.core(2).leaderLostHint(50);
    network.tick(1);
    network.core(2).readIndex(2);
    network.settle();
    expect(network.server(1).refused).toEqual([1]);
    expect(network.server(2).refused).toEqual([2]);
  });

  test("refused without a leader, and when leadership is lost meanwhile", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(1);
    network.core(1).readIndex(1);
    network.settle();
    network.tick(25, [1]);
    expect(network.server(1).refused).toEqual([1]);
    network.core(2).leaderLostHint(100);
    network.core(2).readIndex(2);
    network.pump(2);
    expect(network.server(2).refused).toEqual([2]);
    expect(network.server(1).reads).toEqual([]);
  });

  test("a forwarded read whose message was lost is refused in the end", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.lose = (message) => message.kind === "read-index";
    network.core(2).readIndex(5);
    network.settle();
    network.tick(21);
    expect(network.server(2).refused).toEqual([5]);
    expect(network.leader().id).toBe(1);
  });

  test("a single voter answers at once", () => {
    const network = ledNetwork({ voters: [1] });
    network.core(1).readIndex(1);
    network.pump(1);
    expect(network.server(1).reads).toEqual([{ readId: 1, index: 11 }]);
  });
});

describe("leadership transfer", () => {
  test("an up-to-date voter takes over at once", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).transferLeadership(peerId(3));
    network.settle();
    expect(network.leader().id).toBe(3);
    expect(network.server(1).role).toBe("follower");
  });

  test("a follower passes the wish on", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(2).transferLeadership(peerId(3));
    network.settle();
    expect(network.leader().id).toBe(3);
  });

  test("a lagging voter is brought up to date first; proposals are refused meanwhile", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.propose(1, "a");
    network.settle();
    network.core(1).transferLeadership(peerId(3));
    network.settle();
    expect(() => network.propose(1, "b")).toThrow(
      expect.objectContaining({ code: "QUORATE_RAFT_TRANSFERRING" }),
    );
    network.heal();
    network.tick(3);
    expect(network.leader().id).toBe(3);
    expect(network.server(3).copy.commands).toEqual(["a"]);
  });

  test("given up after one election timeout", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.propose(1, "a");
    network.settle();
    network.core(1).transferLeadership(peerId(3));
    network.tick(10, [1, 2]);
    expect(network.core(1).status().transferee).toBe(0);
    network.propose(1, "b");
    network.settle();
    expect(network.server(2).copy.commands).toEqual(["a", "b"]);
  });

  test("refused to learners and strangers; to itself it changes nothing", () => {
    const network = ledNetwork({ voters: [1, 2], learners: [3] });
    for (const target of [3, 9]) {
      expect(() => {
        network.core(1).transferLeadership(peerId(target));
      }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_TRANSFER_REFUSED" }));
    }
    network.core(1).transferLeadership(peerId(1));
    network.settle();
    expect(network.leader().id).toBe(1);
    expect(network.core(1).status().transferee).toBe(0);
  });

  test("without a known leader it is refused", () => {
    const network = new Network({ voters: [1, 2] });
    expect(() => {
      network.core(1).transferLeadership(peerId(2));
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_NOT_LEADER" }));
  });
});
