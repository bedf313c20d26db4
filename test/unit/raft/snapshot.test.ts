import { describe, expect, test } from "vitest";
import { index, peerId } from "../../../src/base/numbers.ts";
import type { SnapshotRequest } from "../../../src/raft/types.ts";
import { change, ledNetwork, messagesOf, type Network } from "./network.ts";

function lagging(): Network {
  const network = ledNetwork({ voters: [1, 2, 3] });
  network.isolate(3);
  network.propose(1, "a", "b", "c");
  network.settle();
  network.server(1).compact();
  network.heal();
  return network;
}

/** Lets the leader find out that 3 needs a snapshot; returns the announcement, not delivered. */
function announced(network: Network): SnapshotRequest {
  network.core(1).tick();
  for (let round = 0; round < 10; round += 1) {
    network.settle([1]);
    const [found] = messagesOf(network.messages, "snapshot");
    if (found !== undefined) {
      network.messages = [];
      return found;
    }
    network.settle([3]);
  }
  throw new Error("a snapshot expected");
}

const progress = (network: Network) =>
  network
    .core(1)
    .status()
    .progress.find(({ peer }) => peer === 3);

describe("snapshot", () => {
  test("a follower behind the log's beginning catches up by a snapshot, then by entries", () => {
    const network = lagging();
    network.propose(1, "d");
    network.tick(3);
    expect(network.server(3).copy.commands).toEqual(["a", "b", "c", "d"]);
    expect(network.core(3).view().firstIndex).toBe(15);
    expect(progress(network)).toMatchObject({ state: "replicate", match: 15 });
    expect(network.violations()).toEqual([]);
  });

  test("it is acknowledged only once it is durable", () => {
    const network = lagging();
    const snapshot = announced(network);
    expect(progress(network)).toMatchObject({ state: "snapshot", pendingSnapshot: 14 });
    network.deliver(snapshot);
    network.pump(3);
    expect(network.messages).toEqual([]);
    expect(network.server(3).writes[0]?.snapshot?.index).toBe(14);
    expect(network.server(3).core.hasReady()).toBe(false);
    network.server(3).persist();
    network.pump(3);
    expect(messagesOf(network.messages, "append-response")).toMatchObject([{ index: 14 }]);
  });

  test("a server dies between receiving and writing: nothing happened, and it gets another", () => {
    const network = lagging();
    network.deliver(announced(network));
    network.pump(3);
    network.server(3).restart();
    expect(network.core(3).status()).toMatchObject({ lastIndex: 11, applied: 10 });
    network.core(1).reportSnapshot(peerId(3), false);
    network.tick(3);
    expect(network.server(3).copy.commands).toEqual(["a", "b", "c"]);
  });

  test("no snapshot to a peer that is silent", () => {
    const network = lagging();
    network.isolate(3);
    network.tick(25, [1, 2]);
    network.server(1).events.length = 0;
    network.propose(1, "d");
    network.tick(5, [1, 2]);
    expect(network.server(1).events.filter(({ kind }) => kind === "snapshot-sent")).toEqual([]);
  });

  test("an old snapshot changes nothing", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.settle();
    const { membership } = network.core(1).status();
    network.core(2).step({
      kind: "snapshot",
      from: peerId(1),
      to: peerId(2),
      term: network.core(1).status().term,
      snapshot: { index: index(11), term: network.core(1).status().term, membership },
      progressId: 0,
    });
    network.settle();
    expect(network.server(2).copy.commands).toEqual(["a"]);
    expect(network.core(2).view().firstIndex).toBe(11);
  });

  test("a snapshot of what the log already has only moves the commit index", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    const { term, membership } = network.core(1).status();
    network.lose = (message) => message.kind === "append" && message.entries.length === 0;
    network.propose(1, "a");
    network.settle();
    expect(network.core(2).status()).toMatchObject({ commit: 11, lastIndex: 12 });
    network.core(2).step({
      kind: "snapshot",
      from: peerId(1),
      to: peerId(2),
      term,
      snapshot: { index: index(12), term, membership },
      progressId: 0,
    });
    network.settle();
    expect(network.core(2).status().commit).toBe(12);
    expect(network.server(2).copy.commands).toEqual(["a"]);
    expect(network.core(2).view().firstIndex).toBe(11);
  });

  test("entries still being applied when a snapshot overtakes them do not block what follows", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { applyBatchBytesMax: 16 } });
    network.propose(1, "a", "b");
    network.pump(1);
    network.settle([2, 3]);
    for (let i = 0; i < 3; i += 1) {
      network.settle([1]);
      for (const message of network.messages.splice(0)) network.deliver(message);
      network.pump(3);
      network.server(3).persist();
      network.pump(3);
    }
    expect(network.server(3).committed.length).toBeGreaterThan(0);
    network.isolate(3);
    network.propose(1, "c");
    network.settle([1, 2]);
    network.server(1).compact();
    network.heal();
    const { committed } = network.server(3);
    network.server(3).committed = [];
    network.deliver(announced(network));
    network.server(3).committed = committed;
    network.pump(3);
    network.server(3).persist();
    expect(network.server(3).committed).toEqual([]);
    network.propose(1, "d");
    network.tick(2);
    expect(network.server(3).copy.commands).toEqual(["a", "b", "c", "d"]);
  });

  test("a snapshot carries the membership to a new server", () => {
    const network = ledNetwork({ voters: [1, 2], strangers: [3] });
    network.propose(1, "a");
    network.settle();
    network.server(1).compact();
    network.core(1).proposeMembership(change([["add-learner", 3]]));
    network.tick(5);
    expect(network.core(3).status().membership).toMatchObject({ voters: [1, 2], learners: [3] });
    expect(network.server(3).copy.commands).toEqual(["a"]);
  });

  test("a restart begins at the snapshot, with its membership", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.settle();
    network.core(1).proposeMembership(change([["remove", 3]]));
    network.settle();
    network.server(1).compact();
    network.server(1).restart();
    expect(network.core(1).status()).toMatchObject({ applied: 13, commit: 13 });
    expect(network.core(1).status().membership.voters).toEqual([1, 2]);
    expect(network.server(1).copy.commands).toEqual(["a"]);
  });

  test("the trailing window spares a short outage the snapshot", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.propose(1, "a", "b");
    network.settle();
    network.server(1).compact(index(12));
    network.heal();
    network.tick(3);
    expect(network.server(3).copy.commands).toEqual(["a", "b"]);
    expect(network.server(1).events.filter(({ kind }) => kind === "snapshot-sent")).toEqual([]);
  });
});
