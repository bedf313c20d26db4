import { describe, expect, test } from "vitest";
import { index, noPeer, type PeerId, peerId, term } from "../../../src/base/numbers.ts";
import type { Entry } from "../../../src/raft/types.ts";
import { ledNetwork, messagesOf, Network } from "./network.ts";

function entry(at: number, inTerm: number, text = ""): Entry {
  return {
    index: index(at),
    term: term(inTerm),
    type: "normal",
    data: new TextEncoder().encode(text),
  };
}

/** Gives `number` the log of `terms` from index 11 on, durable, and restarts it in the last term. */
function withLog(network: Network, number: number, terms: readonly number[]): void {
  const server = network.server(number);
  const entries = terms.map((inTerm, i) => entry(11 + i, inTerm, `${String(inTerm)}.${String(i)}`));
  server.log.append(entries, {
    term: term(terms.at(-1) ?? 1),
    vote: noPeer,
    commit: index(10),
  });
  server.restart();
}

const terms = (network: Network, number: number): number[] =>
  network
    .server(number)
    .entries()
    .map((each) => each.term);

const commands = (network: Network): string[][] =>
  [...network.servers.values()].map((server) => [...server.copy.commands]);

describe("log replication", () => {
  test("a proposal is applied everywhere, in order", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    expect(network.propose(1, "a", "b")).toBe(12);
    expect(network.propose(1, "c")).toBe(14);
    network.settle();
    expect(commands(network)).toEqual([
      ["a", "b", "c"],
      ["a", "b", "c"],
      ["a", "b", "c"],
    ]);
  });

  test("followers refuse proposals", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    expect(() => network.propose(2, "a")).toThrow(
      expect.objectContaining({ code: "QUORATE_RAFT_NOT_LEADER" }),
    );
  });

  test("§5.3 Figure 7: a new leader brings every kind of diverged log in line", () => {
    const network = new Network({ voters: [1, 2, 3, 4, 5, 6, 7] });
    withLog(network, 1, [1, 1, 1, 4, 4, 5, 5, 6, 6, 6]);
    withLog(network, 2, [1, 1, 1, 4, 4, 5, 5, 6, 6]);
    withLog(network, 3, [1, 1, 1, 4]);
    withLog(network, 4, [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6]);
    withLog(network, 5, [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7]);
    withLog(network, 6, [1, 1, 1, 4, 4, 4, 4]);
    withLog(network, 7, [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3]);
    let refused = 0;
    network.lose = (message) => {
      if (message.kind === "append-response" && message.reject) refused += 1;
      return false;
    };
    network.elect(1);
    // 5 knows a newer term, so the first campaign only teaches it; then 1 wins.
    network.elect(1);
    expect(network.server(1).role).toBe("leader");
    network.tick(3);
    const expected = terms(network, 1);
    expect(expected.slice(0, 10)).toEqual([1, 1, 1, 4, 4, 5, 5, 6, 6, 6]);
    for (const number of network.servers.keys()) expect(terms(network, number)).toEqual(expected);
    expect(network.violations()).toEqual([]);
    // Terms are skipped, not indices: at most two refusals per follower.
    expect(refused).toBeLessThanOrEqual(12);
  });

  test("§5.4.2 Figure 8: an entry of an older term is not committed by counting", () => {
    // One entry per message, so that the old entry can reach a majority without one of the new term.
    const network = new Network({ voters: [1, 2, 3], config: { maxMessageBytes: 20 } });
    withLog(network, 1, [1, 2]);
    withLog(network, 2, [1]);
    withLog(network, 3, [1]);
    network.lose = (message) => {
      if (message.kind !== "append" || !message.entries.some((each) => each.term > 2)) return false;
      network.messages.push({ ...message, entries: [] });
      return true;
    };
    network.elect(1);
    const { role, progress, commit } = network.core(1).status();
    expect(role).toBe("leader");
    expect(progress.map(({ match }) => match)).toEqual([13, 12, 12]);
    expect(commit).toBe(10);
    network.heal();
    network.tick(3);
    expect(network.core(1).status().commit).toBe(13);
  });

  test("a late append does not cut off what came after it", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.pump(1);
    const late = messagesOf(network.messages, "append").find(({ to }) => to === 2);
    if (late === undefined) throw new Error("an append expected");
    network.settle();
    network.propose(1, "b", "c");
    network.settle();
    network.deliver(late);
    network.settle();
    expect(network.core(2).status().lastIndex).toBe(14);
    expect(network.violations()).toEqual([]);
  });

  test("the old leader's unreplicated entries give way", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(1);
    network.propose(1, "lost", "lost too");
    network.settle();
    network.core(2).leaderLostHint(0);
    network.core(3).leaderLostHint(9);
    network.settle();
    network.elect(2);
    network.propose(2, "kept");
    network.settle();
    network.heal();
    network.tick(30);
    expect(commands(network)).toEqual([["kept"], ["kept"], ["kept"]]);
  });
});

describe("flow control", () => {
  const progress = (network: Network, number: number) => {
    const found = network
      .core(1)
      .status()
      .progress.find(({ peer }) => peer === (number as PeerId));
    if (found === undefined) throw new Error("no progress");
    return found;
  };

  test("at most the window's number of messages is under way", () => {
    const network = ledNetwork({
      voters: [1, 2, 3],
      config: { maxInflightMessages: 3, coalesceAppends: false },
    });
    for (const text of ["a", "b", "c", "d", "e"]) network.propose(1, text);
    network.pump(1);
    const sent = messagesOf(network.messages, "append").filter(({ to }) => to === 3);
    expect(sent.map(({ entries }) => entries.length)).toEqual([1, 1, 1]);
    expect(progress(network, 3)).toMatchObject({ inflight: 3, paused: true, next: 15 });
    network.settle();
    expect(progress(network, 3)).toMatchObject({ inflight: 0, match: 16, paused: false });
  });

  test("at most the window's number of bytes is under way", () => {
    const network = ledNetwork({
      voters: [1, 2],
      config: { maxMessageBytes: 200, maxInflightBytes: 250 },
    });
    const big = "x".repeat(150);
    network.propose(1, big, big, big, big);
    network.pump(1);
    expect(messagesOf(network.messages, "append").filter((m) => m.entries.length > 0)).toHaveLength(
      1,
    );
    // One message per answer or turn, until the window is full.
    network.settle();
    expect(network.server(2).copy.commands).toHaveLength(4);
  });

  test("appends of one turn are coalesced into one message per peer", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    for (const text of ["a", "b", "c"]) network.propose(1, text);
    network.pump(1);
    expect(messagesOf(network.messages, "append").map(({ entries }) => entries.length)).toEqual([
      3, 3,
    ]);
  });

  test("a follower whose window was lost entirely recovers by a heartbeat", () => {
    const network = ledNetwork({
      voters: [1, 2, 3],
      config: { maxInflightMessages: 2, coalesceAppends: false },
    });
    network.lose = (message) => message.kind === "append" && message.to === 3;
    for (const text of ["a", "b", "c"]) network.propose(1, text);
    network.settle();
    expect(progress(network, 3)).toMatchObject({ paused: true });
    network.heal();
    network.tick(2);
    expect(network.server(3).copy.commands).toEqual(["a", "b", "c"]);
  });

  test("an unreachable peer is probed, one append at a time", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { coalesceAppends: false } });
    network.core(1).reportUnreachable(peerId(3));
    expect(progress(network, 3).state).toBe("probe");
    network.propose(1, "a");
    network.propose(1, "b");
    network.pump(1);
    expect(messagesOf(network.messages, "append").filter(({ to }) => to === 3)).toHaveLength(1);
    network.settle();
    expect(progress(network, 3)).toMatchObject({ state: "replicate", match: 13 });
  });

  test("proposals beyond the uncommitted bytes are refused, definitely", () => {
    const network = ledNetwork({ voters: [1, 2, 3], config: { maxUncommittedBytes: 10 } });
    network.propose(1, "12345678");
    expect(() => network.propose(1, "1234")).toThrow(
      expect.objectContaining({ code: "QUORATE_RAFT_PROPOSAL_LIMIT", kind: "exhausted" }),
    );
    expect(network.core(1).status().lastIndex).toBe(12);
    network.settle();
    expect(network.core(1).status().uncommittedBytes).toBe(0);
    network.propose(1, "1234");
    network.settle();
    expect(network.server(2).copy.commands).toEqual(["12345678", "1234"]);
  });

  test("the uncommitted bytes of earlier terms count on", () => {
    const network = ledNetwork({
      voters: [1, 2, 3],
      config: { maxUncommittedBytes: 10, checkQuorum: false },
    });
    network.lose = (message) => message.kind === "append-response";
    network.propose(1, "12345678");
    network.settle();
    network.core(2).campaign();
    network.settle();
    expect(network.server(2).role).toBe("leader");
    expect(network.core(2).status().uncommittedBytes).toBe(8);
    expect(() => network.propose(2, "1234")).toThrow("at most 10");
  });

  test("an entry that no message can hold is refused when proposed", () => {
    const network = ledNetwork({
      voters: [1],
      config: { maxMessageBytes: 100 },
    });
    expect(() => network.propose(1, "x".repeat(100))).toThrow(
      expect.objectContaining({ code: "QUORATE_RAFT_ENTRY_TOO_LARGE" }),
    );
  });

  test("committed entries are handed out up to the batch limit, and no more before they are applied", () => {
    const network = ledNetwork({ voters: [1], config: { applyBatchBytesMax: 40 } });
    const server = network.server(1);
    network.propose(1, "0123456789", "0123456789");
    network.pump(1);
    server.persist();
    network.pump(1);
    expect(server.committed).toHaveLength(1);
    expect(server.core.hasReady()).toBe(false);
    server.apply();
    network.pump(1);
    expect(server.committed).toHaveLength(1);
  });
});
