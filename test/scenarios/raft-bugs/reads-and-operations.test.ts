// Bugs of other implementations around reads, durability and operation: numbers 44 to 52 of README.md.
import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  accepted,
  append,
  coded,
  entriesAfter,
  heartbeat,
  heartbeatAnswer,
  Solo,
  voteRequest,
} from "../../unit/raft/solo.ts";

const noPreVote = { preVote: false };

describe("reads", () => {
  test("44 etcd #7331, TiKV #9239, redisraft #22: no read before the leader has committed in its term", () => {
    const solo = new Solo({ log: [1, 1], config: noPreVote });
    const appends = messagesOf(solo.campaign(), "append");
    solo.server.core.readIndex(1);
    const beats = messagesOf(solo.work(), "heartbeat");
    solo.step(...beats.map(heartbeatAnswer));
    expect(solo.server.reads).toEqual([]);
    expect(solo.server.refused).toEqual([1]);
    solo.step(...appends.map(accepted));
    solo.server.core.readIndex(2);
    solo.step(...messagesOf(solo.work(), "heartbeat").map(heartbeatAnswer));
    expect(solo.server.reads).toEqual([{ readId: 2, index: 13 }]);
  });

  test("45 etcd #20418: answers to an earlier round confirm no later read, even one with the same id", () => {
    const solo = new Solo({ config: noPreVote });
    solo.step(...messagesOf(solo.campaign(), "append").map(accepted));
    solo.server.core.readIndex(7);
    const earlier = messagesOf(solo.work(), "heartbeat");
    // The process stands still, the caller gives up and asks again with the same id.
    solo.server.core.readIndex(7);
    const later = messagesOf(solo.work(), "heartbeat");
    solo.step(...earlier.map(heartbeatAnswer));
    expect(solo.server.reads).toHaveLength(1);
    solo.step(...later.map(heartbeatAnswer));
    expect(solo.server.reads).toHaveLength(2);
  });

  test("46 yugabyte #16, etcd #6005: a lease counts from before the heartbeats were sent, and ends before loyalty may", () => {
    const solo = new Solo({ config: { ...noPreVote, leaseReads: true } });
    solo.step(...messagesOf(solo.campaign(), "append").map(accepted));
    const first = messagesOf(solo.tick(), "heartbeat");
    solo.step(...first.map(heartbeatAnswer));
    solo.server.core.readIndex(1);
    solo.work();
    expect(solo.server.reads).toHaveLength(1);
    // No answer since: one tick before the loyalty given at the start may be over, the lease is.
    solo.tick(9);
    solo.server.core.readIndex(2);
    solo.work();
    expect(solo.server.reads).toHaveLength(1);
  });
});

describe("durability", () => {
  test("47 etcd #14370: a single server commits nothing that is not on its disk", () => {
    const solo = new Solo({ voters: [1], config: noPreVote });
    solo.campaign();
    solo.server.core.propose([new Uint8Array(1)]);
    solo.sent();
    expect(solo.status).toMatchObject({ lastIndex: 12, commit: 11 });
    solo.server.persist();
    expect(solo.status.commit).toBe(12);
  });

  test("47 etcd #14143, NATS 2.12.1: nothing that rests on the disk is said before the disk has it", () => {
    const solo = new Solo({ config: noPreVote });
    solo.server.core.step(append(2, 2, { entries: entriesAfter(10, [2]) }));
    solo.server.core.step({ ...voteRequest(3, 3, [11, 2]), transfer: true });
    expect(solo.sent().map(({ kind }) => kind)).toEqual([]);
    solo.server.persist();
    expect(solo.sent().map(({ kind }) => kind)).toEqual(["append-response", "vote-response"]);
  });

  test("49 matrixone #1285, etcd 'tocommit is out of range': a server whose acknowledged log is gone stops with a code", () => {
    const solo = new Solo({ log: [2, 2] });
    expect(() => solo.step(heartbeat(2, 2, 40))).toThrow(coded("LOG_LOST"));
  });
});

describe("operation", () => {
  test("51 hashicorp #696 and #708, redpanda #24404: a transfer that comes to nothing ends, and the leader takes writes again", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.core(1).transferLeadership(peerId(3));
    expect(() => network.propose(1, "x")).toThrow(coded("TRANSFERRING"));
    network.tick(11);
    expect(network.core(1).status()).toMatchObject({ role: "leader", transferee: 0 });
    network.propose(1, "x");
    network.settle();
    expect(network.server(2).copy.commands).toEqual(["x"]);
  });

  test("52 openraft #1246: a single voter that restarts commits and applies its log again", () => {
    const network = new Network({ voters: [1] });
    network.elect(1);
    for (const text of ["a", "b", "c"]) network.propose(1, text);
    network.settle();
    network.server(1).restart();
    network.tick(30);
    expect(network.server(1).role).toBe("leader");
    expect(network.server(1).copy.commands).toEqual(["a", "b", "c"]);
    expect(network.core(1).status()).toMatchObject({ commit: 15, applied: 15 });
  });
});
