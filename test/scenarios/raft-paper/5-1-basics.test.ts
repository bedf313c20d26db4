// Section 5.1 of the Raft paper (extended version): the states of a server, and terms.
import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import type { Message } from "../../../src/raft/types.ts";
import { ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  accepted,
  append,
  coded,
  heartbeat,
  preVoteRequest,
  Solo,
  snapshotFrom,
  voteAnswer,
  voteRequest,
} from "../../unit/raft/solo.ts";

const noPreVote = { preVote: false };

describe("§5.1 Raft basics", () => {
  test("at any time each server is leader, follower or candidate; in normal operation one leads, all others follow", () => {
    const network = new Network({ voters: [1, 2, 3, 4, 5] });
    const seen = new Set<string>();
    network.observe = () => {
      for (const server of network.servers.values()) seen.add(server.role);
    };
    network.elect(3);
    const roles = [...network.servers.values()].map((server) => server.role);
    expect(roles).toEqual(["follower", "follower", "leader", "follower", "follower"]);
    // The pre-candidate is the candidate that has not entered its term yet (§9.6 of the dissertation).
    for (const role of seen) {
      expect(["leader", "follower", "candidate", "pre-candidate"]).toContain(role);
    }
  });

  test("followers are passive: they send nothing of their own accord, they only answer", () => {
    const solo = new Solo();
    expect(solo.step(heartbeat(2, 2)).map(({ kind }) => kind)).toEqual(["heartbeat-response"]);
    expect(solo.tick(5)).toEqual([]);
    expect(solo.step(append(2, 2)).map(({ kind, to }) => [kind, to])).toEqual([
      ["append-response", 2],
    ]);
  });

  test("a client that comes to a follower is sent to the leader", () => {
    const solo = new Solo();
    solo.step(append(2, 2));
    expect(() => solo.propose("x")).toThrow(coded("NOT_LEADER"));
    let fields: unknown;
    try {
      solo.propose("x");
    } catch (thrown) {
      ({ fields } = thrown as { readonly fields: unknown });
    }
    expect(fields).toEqual({ leader: 2, term: 2 });
  });

  test("terms are numbered with consecutive integers, and each begins with an election", () => {
    const solo = new Solo({ config: noPreVote });
    const terms: number[] = [];
    for (let i = 0; i < 4; i += 1) {
      solo.server.core.campaign();
      const requests = messagesOf(solo.work(), "vote");
      terms.push(...new Set(requests.map(({ term }) => term)));
    }
    expect(terms).toEqual([2, 3, 4, 5]);
  });

  test("a split vote ends the term without a leader, and a new term begins soon", () => {
    const network = new Network({ voters: [1, 2, 3, 4], config: noPreVote });
    network.core(1).campaign();
    network.core(2).campaign();
    network.pump(1);
    network.pump(2);
    // 3 votes for 1, 4 votes for 2.
    network.messages = network.messages.filter(({ from, to }) => to === from + 2);
    network.settle();
    expect([...network.servers.values()].some(({ role }) => role === "leader")).toBe(false);
    const { term } = network.core(1).status();
    network.tick(20);
    expect(network.leader().core.status().term).toBeGreaterThan(term);
  });

  test("there is at most one leader in a term", () => {
    const network = new Network({ voters: [1, 2, 3, 4, 5], config: noPreVote });
    const leaders = new Map<number, number>();
    network.observe = () => {
      for (const { role, id, core } of network.servers.values()) {
        if (role !== "leader") continue;
        const { term } = core.status();
        expect(leaders.get(term) ?? id).toBe(id);
        leaders.set(term, id);
      }
    };
    for (let round = 0; round < 10; round += 1) {
      for (const number of [1 + (round % 5), 1 + ((round + 2) % 5)])
        network.core(number).campaign();
      network.settle();
    }
    expect(leaders.size).toBeGreaterThan(0);
  });

  test("each server stores its current term, which only grows", () => {
    const solo = new Solo({ term: 4 });
    const terms = [solo.status.term];
    for (const inTerm of [6, 3, 6, 9, 5]) {
      solo.step(heartbeat(2, inTerm));
      terms.push(solo.status.term);
    }
    solo.server.restart();
    terms.push(solo.status.term);
    expect(terms).toEqual([4, 6, 6, 6, 9, 9, 9]);
  });

  test("terms are exchanged whenever servers talk: every message carries the sender's", () => {
    const solo = new Solo({ config: noPreVote });
    const sent: Message[] = [...solo.campaign(), ...solo.tick(2), ...solo.propose("x")];
    expect(new Set(sent.map(({ kind }) => kind))).toEqual(new Set(["append", "heartbeat"]));
    for (const message of sent) expect(message.term).toBe(2);
    const follower = new Solo({ term: 2 });
    const answers = follower.step(append(2, 2), heartbeat(2, 2), voteRequest(3, 2));
    expect(answers.map(({ term }) => term)).toEqual([2, 2, 2]);
  });

  const higher: readonly (readonly [string, Message])[] = [
    ["append", append(2, 7)],
    ["heartbeat", heartbeat(2, 7)],
    ["vote request", { ...voteRequest(2, 7), transfer: true }],
    ["vote answer", voteAnswer(2, 7, true)],
    ["append answer", { ...accepted(append(2, 7)), from: peerId(2), to: peerId(1) }],
  ];

  test.each(higher)(
    "a server with the smaller term takes the larger one over: %s",
    (_, message) => {
      const solo = new Solo({ term: 3 });
      solo.step(message);
      expect(solo.status.term).toBe(7);
      expect(solo.server.log.initialHardState().term).toBe(7);
    },
  );

  test.each(higher)(
    "a candidate or leader whose term is out of date becomes follower at once: %s",
    (_, message) => {
      const leader = new Solo({ config: noPreVote });
      leader.campaign();
      expect(leader.status.role).toBe("leader");
      leader.step(message);
      expect(leader.status.role).toBe("follower");
      const candidate = new Solo({ config: noPreVote });
      candidate.campaign([]);
      expect(candidate.status.role).toBe("candidate");
      candidate.step(message);
      expect(candidate.status.role).toBe("follower");
    },
  );

  test("a request with an old term is refused", () => {
    const solo = new Solo({ term: 5, log: [1, 1] });
    const before = solo.status;
    const { membership } = before;
    const old: readonly Message[] = [
      append(2, 4, { entries: [] }),
      heartbeat(2, 4),
      preVoteRequest(2, 4, [99, 4]),
    ];
    for (const message of old) {
      const answers = solo.step(message);
      // The answer's term is what makes the sender give up.
      expect(answers.map(({ term }) => term)).toEqual([5]);
    }
    expect(solo.step(voteRequest(2, 4, [99, 4]))).toEqual([]);
    solo.step(snapshotFrom(2, 4, { index: solo.status.lastIndex, term: before.term, membership }));
    expect(solo.status).toEqual(before);
  });

  test("requests are sent again when no answer comes in time", () => {
    const candidate = new Solo({ config: noPreVote });
    candidate.campaign([]);
    expect(messagesOf(candidate.tick(20), "vote").length).toBeGreaterThan(0);
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.lose = ({ kind }) => kind === "append";
    network.propose(1, "x");
    network.settle();
    expect(network.core(2).status().lastIndex).toBe(11);
    network.lose = () => false;
    network.tick(2);
    expect(network.server(2).copy.commands).toEqual(["x"]);
  });

  test("requests to all peers go out at once, without waiting for an answer from any", () => {
    const solo = new Solo({ voters: [1, 2, 3, 4, 5], config: noPreVote });
    solo.server.core.campaign();
    expect(messagesOf(solo.sent(), "vote").map(({ to }) => to)).toEqual([2, 3, 4, 5]);
    solo.work();
    const appends = solo.step(voteAnswer(2, 2), voteAnswer(3, 2));
    expect(messagesOf(appends, "append").map(({ to }) => to)).toEqual([2, 3, 4, 5]);
  });
});
