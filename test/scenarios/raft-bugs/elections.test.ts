// Bugs of other implementations around elections and terms: numbers 1 to 14 of README.md.
import { describe, expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import { change, ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  append,
  entriesAfter,
  giveLog,
  heartbeat,
  preVoteAnswer,
  preVoteRequest,
  Solo,
  voteAnswer,
  voteRequest,
} from "../../unit/raft/solo.ts";

const noPreVote = { preVote: false };
const bare = { preVote: false, checkQuorum: false };

describe("elections and terms", () => {
  test("1 openraft io_ordering, liferaft: no vote leaves before it is durable, so a restart cannot vote twice", () => {
    const solo = new Solo({ config: bare });
    solo.server.core.step(voteRequest(2, 2));
    expect(messagesOf(solo.sent(), "vote-response")).toEqual([]);
    solo.server.restart();
    // The first vote was never given, so this one may be.
    expect(messagesOf(solo.step(voteRequest(3, 2)), "vote-response")).toMatchObject([
      { to: 3, reject: false },
    ]);
    solo.server.restart();
    expect(messagesOf(solo.step(voteRequest(2, 2)), "vote-response")).toMatchObject([
      { to: 2, reject: true },
    ]);
  });

  test("2 camunda #5356: the vote of a term outlives hearing from its leader", () => {
    const candidate = new Solo({ config: bare });
    candidate.campaign([]);
    candidate.step(heartbeat(2, 2));
    expect(candidate.status).toMatchObject({ role: "follower", term: 2, vote: 1 });
    candidate.server.core.leaderLostHint(50);
    expect(messagesOf(candidate.step(voteRequest(3, 2)), "vote-response")).toMatchObject([
      { reject: true },
    ]);
    const follower = new Solo({ config: bare });
    follower.step(voteRequest(2, 2), append(2, 2));
    follower.server.core.leaderLostHint(50);
    expect(messagesOf(follower.step(voteRequest(3, 2)), "vote-response")).toMatchObject([
      { reject: true },
    ]);
  });

  test("3 xraft #27, liferaft: a vote that arrives twice counts once", () => {
    const solo = new Solo({ voters: [1, 2, 3, 4, 5], config: noPreVote });
    solo.campaign([]);
    solo.step(voteAnswer(2, 2), voteAnswer(2, 2), voteAnswer(2, 2));
    expect(solo.status.role).toBe("candidate");
    // Nor does a second answer change the first.
    solo.step(voteAnswer(3, 2, true), voteAnswer(3, 2));
    expect(solo.status.role).toBe("candidate");
    solo.step(voteAnswer(4, 2));
    expect(solo.status.role).toBe("leader");
  });

  test("4 canonical/raft #196: a granted pre-vote is no vote, though both speak of the same term", () => {
    const solo = new Solo({ voters: [1, 2, 3, 4, 5] });
    solo.server.core.campaign();
    solo.work();
    solo.step(preVoteAnswer(2, 2), preVoteAnswer(3, 2));
    expect(solo.status).toMatchObject({ role: "candidate", term: 2 });
    solo.step(preVoteAnswer(4, 2), preVoteAnswer(5, 2));
    expect(solo.status.role).toBe("candidate");
    solo.step(voteAnswer(2, 2), voteAnswer(3, 2));
    expect(solo.status.role).toBe("leader");
  });

  test("5 etcd #8243 and #8501, canonical #279, openraft #1796: a higher term with a shorter log and a lower term with a longer one do not block each other", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const network = new Network({ voters: [1, 2, 3], seed });
      giveLog(network.server(1), { term: 9 });
      giveLog(network.server(2), { log: [2, 3], term: 3 });
      network.isolate(3);
      network.tick(100, [1, 2]);
      expect(network.server(2).role).toBe("leader");
      expect(network.core(2).status().term).toBeGreaterThan(9);
    }
  });

  test("6 hashicorp #605, raft-rs #84: peers that still name the former leader do not keep it from being elected", () => {
    const solo = new Solo();
    solo.step(heartbeat(2, 2));
    solo.tick(20);
    expect(solo.status).toMatchObject({ role: "pre-candidate", leader: 0 });
    // The former leader of this very server asks: nothing is owed to it, and nothing held against it.
    expect(messagesOf(solo.step(preVoteRequest(2, 3)), "pre-vote-response")).toMatchObject([
      { reject: false },
    ]);
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.server(1).restart();
    network.isolate(3);
    network.tick(15, [2]);
    network.messages = [];
    network.tick(60, [1, 2]);
    expect(["leader", "follower"]).toContain(network.server(1).role);
    expect(network.leader().core.status().term).toBe(3);
  });

  test("7 etcd TestFreeStuckCandidateWithCheckQuorum: a server stuck in a higher term is freed by the leader's next message", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: noPreVote });
    network.isolate(3);
    for (let i = 0; i < 5; i += 1) {
      network.core(3).campaign();
      network.settle();
    }
    network.heal();
    network.tick(60);
    const terms = [1, 2, 3].map((number) => network.core(number).status().term);
    expect(new Set(terms).size).toBe(1);
    network.propose(network.leader().id, "x");
    network.settle();
    expect(network.server(3).copy.commands).toEqual(["x"]);
  });

  test("8 etcd #8499 and #14893: a removed server that does not know it cannot disturb with its inflated term", () => {
    const network = ledNetwork({ voters: [1, 2, 3, 4], config: noPreVote });
    network.isolate(4);
    network.core(1).proposeMembership(change([["remove", 4]]));
    network.settle();
    for (let i = 0; i < 9; i += 1) {
      network.core(4).campaign();
      network.settle();
    }
    network.heal();
    for (let i = 0; i < 30; i += 1) {
      network.core(4).campaign();
      network.tick(1);
    }
    expect(network.leader().id).toBe(1);
    expect(network.core(1).status().term).toBe(2);
  });

  test("9 Cloudflare 2020: a leader that is not answered gives up, and a partial partition does not change leaders for ever", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    // 1 can send, but hears nobody: its heartbeats keep the others from electing until it gives up.
    network.cut(2, 1);
    network.cut(3, 1);
    network.tick(80);
    expect(network.server(1).role).not.toBe("leader");
    expect([2, 3]).toContain(network.leader().id);
    const partial = ledNetwork({ voters: [1, 2, 3] });
    // 2 and the leader do not see each other, 3 sees both.
    partial.cut(1, 2);
    partial.cut(2, 1);
    partial.tick(200);
    expect(partial.leader().id).toBe(1);
    expect(partial.core(3).status().term).toBe(2);
  });

  test("10 etcd #10998: a promoted learner that does not know it yet votes", () => {
    const solo = new Solo({ voters: [2, 3], learners: [1], config: noPreVote });
    expect(messagesOf(solo.step(voteRequest(2, 2)), "vote-response")).toMatchObject([
      { reject: false },
    ]);
  });

  test("11 etcd TestConfChangeCheckBeforeCampaign, raft #456: no campaign with a committed membership change that is not applied", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4] });
    network.core(1).proposeMembership(change([["add-voter", 4]]));
    network.pump(1);
    const [toTwo] = messagesOf(network.messages, "append").filter(({ to }) => to === 2);
    const two = network.server(2);
    two.core.step({ ...toTwo!, commit: index(12) });
    while (two.core.hasReady() || two.writes.length > 0) {
      two.pump();
      two.persist();
    }
    expect(two.committed).toHaveLength(1);
    two.core.campaign();
    expect(two.role).toBe("follower");
    while (two.apply());
    two.core.campaign();
    expect(two.role).toBe("pre-candidate");
    expect(messagesOf(two.pump(), "pre-vote").map(({ to }) => to)).toEqual([1, 3, 4]);
  });

  test("12 openraft a48a3282, liferaft: logs are compared by their last terms first, not by length nor by the current term", () => {
    const longer = new Solo({ log: [1, 1, 1, 1], term: 5, config: bare });
    expect(messagesOf(longer.step(voteRequest(2, 6, [11, 2])), "vote-response")).toMatchObject([
      { reject: false },
    ]);
    const newer = new Solo({ log: [1, 3], config: bare });
    expect(messagesOf(newer.step(voteRequest(2, 9, [90, 2])), "vote-response")).toMatchObject([
      { reject: true },
    ]);
  });

  test("13 NuRaft #185: entries that were rolled back do not count in the candidate's claim", () => {
    const solo = new Solo({ log: [2, 2, 2, 2, 2], config: bare });
    // The rollback is known, though its write is still under way.
    solo.server.core.step(append(3, 3, { after: [11, 2], entries: entriesAfter(11, [3]) }));
    solo.sent();
    solo.server.core.campaign();
    expect(messagesOf(solo.sent(), "vote")).toMatchObject([
      { lastIndex: 12, lastTerm: 3 },
      { lastIndex: 12, lastTerm: 3 },
    ]);
  });

  test("14 cowsql #150: a voter on its way out, still needed, campaigns until the new membership is in force", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4] });
    network.core(1).proposeMembership(
      change(
        [
          ["remove", 2],
          ["add-voter", 4],
        ],
        "joint-explicit",
      ),
    );
    network.settle();
    expect(network.core(2).status().membership.votersOutgoing).toContain(2);
    // Only 2 and 4 have the newest committed entry besides the leader, who dies.
    network.isolate(3);
    network.propose(1, "x");
    network.settle();
    network.heal();
    network.isolate(1);
    for (const number of [2, 3, 4]) network.core(number).leaderLostHint(50);
    network.elect(2);
    expect(network.server(2).role).toBe("leader");
    expect(network.server(3).copy.commands).toEqual(["x"]);
  });
});
