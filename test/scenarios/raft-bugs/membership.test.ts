// Bugs of other implementations around changes of membership: numbers 32 to 38 of README.md.
import { describe, expect, test } from "vitest";
import { index, peerId } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { MemoryLog } from "../../../src/raft/memory-log.ts";
import { RaftCore } from "../../../src/raft/raft-core.ts";
import { change, ledNetwork, membershipOf, messagesOf, Network } from "../../unit/raft/network.ts";
import { accepted, append, coded, entriesAfter, giveLog, Solo } from "../../unit/raft/solo.ts";

const noPreVote = { preVote: false };

describe("membership", () => {
  test("32 Ongaro 2015, copycat #23, braft #182: a new leader changes nothing before the tail it inherited is applied", () => {
    const solo = new Solo({ voters: [1, 2, 3, 4], log: [1, 1], config: noPreVote });
    const appends = messagesOf(solo.campaign(), "append");
    expect(solo.status.role).toBe("leader");
    const add = change([["add-voter", 5]]);
    expect(() => solo.server.core.proposeMembership(add)).toThrow(coded("MEMBERSHIP_PENDING"));
    for (const request of appends) solo.step(accepted(request));
    expect(solo.status.commit).toBe(13);
    expect(solo.server.core.proposeMembership(add).index).toBe(14);
  });

  test("33 redpanda #17675: learners are promoted one after the other, each once the one before is in force", () => {
    const network = ledNetwork({ voters: [1], learners: [2, 3, 4] });
    const { core } = network.server(1);
    core.proposeMembership(change([["add-voter", 2]]));
    for (const peer of [3, 4]) {
      const promote = change([["add-voter", peer]]);
      expect(() => core.proposeMembership(promote)).toThrow(coded("MEMBERSHIP_PENDING"));
    }
    network.settle();
    core.proposeMembership(change([["add-voter", 3]]));
    network.settle();
    expect(core.status().membership.voters).toEqual([1, 2, 3]);
  });

  test("34 etcd #7625: a membership entry in the log means that the one before it is known to be committed", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4, 5] });
    // 3 hears nothing, and 2 gets entries, but no word of what is committed beyond what comes with them.
    network.lose = (message) =>
      message.to === 3 ||
      (message.to === 2 &&
        (message.kind === "heartbeat" ||
          (message.kind === "append" && message.entries.length === 0)));
    const { core } = network.server(1);
    const add = (peer: number): unknown => core.proposeMembership(change([["add-voter", peer]]));
    add(4);
    let pending: unknown;
    try {
      add(5);
    } catch (thrown) {
      pending = thrown;
    }
    network.settle();
    if (pending !== undefined) add(5);
    network.settle();
    expect(core.status().membership.voters).toEqual([1, 2, 3, 4, 5]);
    // The majority 1, 4, 5 goes on. 2 and 3 would be one in the oldest membership, which 2 knows to be over.
    network.heal();
    network.isolate(2, 3);
    network.tick(100, [2, 3]);
    expect(network.server(2).role).not.toBe("leader");
    expect(network.server(3).role).not.toBe("leader");
    network.propose(1, "x");
    network.settle();
    expect(network.server(5).copy.commands).toEqual(["x"]);
    expect(network.violations()).toEqual([]);
    expect(pending).toEqual(coded("MEMBERSHIP_PENDING"));
  });

  test("35 NuRaft #67, openraft 6c0ccaf3: a membership that was applied is in force after a restart, and on a new leader", () => {
    const network = ledNetwork({ voters: [1, 2, 3], strangers: [4] });
    network.core(1).proposeMembership(change([["add-voter", 4]]));
    network.tick(2);
    for (const number of [1, 2, 3, 4]) network.server(number).restart();
    network.tick(60);
    for (const number of [1, 2, 3, 4]) {
      expect(network.core(number).status().membership.voters).toEqual([1, 2, 3, 4]);
    }
    // A state machine that is ahead of the snapshot brings its membership along.
    const membership = membershipOf([1, 2, 3]);
    const log = MemoryLog.startingAt({
      index: index(10),
      term: entriesAfter(10, [1])[0]!.term,
      membership,
    });
    log.append(entriesAfter(10, [1, 1]), undefined);
    const core = new RaftCore(
      {
        id: peerId(1),
        electionTicks: 10,
        heartbeatTicks: 1,
        maxMessageBytes: 1024,
        maxInflightMessages: 8,
        maxInflightBytes: 8192,
        maxUncommittedBytes: 1024,
        applyBatchBytesMax: 1024,
        applied: index(12),
        membership: membershipOf([1, 2], [3]),
      },
      { log, random: seededRandom(1) },
    );
    expect(core.status().membership).toMatchObject({ voters: [1, 2], learners: [3] });
  });

  test("36 etcd doc.go and #3477: one of two cannot take the dead other out alone, and nobody takes the last voter out", () => {
    const network = ledNetwork({ voters: [1, 2] });
    network.isolate(2);
    network.core(1).proposeMembership(change([["remove", 2]]));
    network.settle();
    expect(network.core(1).status()).toMatchObject({ commit: 11 });
    expect(network.core(1).status().membership.voters).toEqual([1, 2]);
    const single = ledNetwork({ voters: [1] });
    expect(() => single.core(1).proposeMembership(change([["remove", 1]]))).toThrow(
      coded("MEMBERSHIP_INVALID"),
    );
  });

  test("37 etcd confchange_v1_remove_leader, raft #79: a removed leader stops leading", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).proposeMembership(change([["remove", 1]]));
    network.settle();
    expect(network.server(1).role).toBe("follower");
    network.tick(60);
    expect([2, 3]).toContain(network.leader().id);
    expect(network.server(1).role).toBe("follower");
  });

  test("37 etcd TestLeaderTransferRemoveNode, raft #83: removing the target ends the transfer", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.core(1).proposeMembership(change([["remove", 3]]));
    network.lose = ({ to, kind }) => to === 3 || kind === "timeout-now";
    network.core(1).transferLeadership(peerId(3));
    expect(network.core(1).status().transferee).toBe(3);
    network.settle();
    expect(network.core(1).status()).toMatchObject({ role: "leader", transferee: 0 });
    expect(() => network.propose(1, "x")).not.toThrow();
  });

  test("38 openraft #2002: with an empty log nobody forms a quorum of his own", () => {
    const network = new Network({ voters: [2, 3], strangers: [1] });
    network.tick(200, [1]);
    expect(network.core(1).status()).toMatchObject({ role: "follower", term: 0 });
    network.core(1).campaign();
    expect(network.server(1).role).toBe("follower");
    // And what it hears of a log in which it never was a voter does not make it one.
    giveLog(network.server(2), { log: [1, 1] });
    network.elect(2);
    network.deliver({ ...append(2, 2), from: peerId(2), to: peerId(1) });
    network.tick(100, [1]);
    expect(network.server(1).role).toBe("follower");
  });
});
