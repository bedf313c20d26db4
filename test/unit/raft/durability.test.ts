import { describe, expect, test } from "vitest";
import { index, type PeerId, peerId, type Term, term } from "../../../src/base/numbers.ts";
import type { AppendRequest, Entry } from "../../../src/raft/types.ts";
import { ledNetwork, messagesOf, Network } from "./network.ts";

const leaders = { old: peerId(2), next: peerId(3) };

function appendFrom(
  from: PeerId,
  inTerm: number,
  at: { prev: number; prevTerm: number; entries: readonly (readonly [number, number])[] },
): AppendRequest {
  return {
    kind: "append",
    from,
    to: peerId(1),
    term: term(inTerm),
    prevIndex: index(at.prev),
    prevTerm: term(at.prevTerm),
    entries: at.entries.map(
      ([i, t]): Entry => ({
        index: index(i),
        term: term(t),
        type: "normal",
        data: new Uint8Array(1),
      }),
    ),
    commit: index(10),
    progressId: 1,
  };
}

const acknowledged = (network: Network): { index: number; term: Term; reject: boolean }[] =>
  messagesOf(network.messages, "append-response").map((message) => ({
    index: message.index,
    term: message.term,
    reject: message.reject,
  }));

describe("what waits for the disk", () => {
  test("a follower acknowledges only what is durable", () => {
    const network = new Network({ voters: [1, 2, 3] });
    const server = network.server(1);
    server.core.step(appendFrom(leaders.old, 2, { prev: 10, prevTerm: 1, entries: [[11, 2]] }));
    network.pump(1);
    expect(acknowledged(network)).toEqual([]);
    server.persist();
    network.pump(1);
    expect(acknowledged(network)).toEqual([{ index: 11, term: 2, reject: false }]);
  });

  test("an append without entries is acknowledged at once when the disk is idle, else with the write before it", () => {
    const network = new Network({ voters: [1, 2, 3] });
    const server = network.server(1);
    server.core.step(appendFrom(leaders.old, 2, { prev: 10, prevTerm: 1, entries: [[11, 2]] }));
    network.pump(1);
    server.core.step(appendFrom(leaders.old, 2, { prev: 11, prevTerm: 2, entries: [] }));
    network.pump(1);
    expect(acknowledged(network)).toEqual([]);
    server.persist();
    network.pump(1);
    expect(acknowledged(network)).toHaveLength(2);
    server.core.step(appendFrom(leaders.old, 2, { prev: 11, prevTerm: 2, entries: [] }));
    network.pump(1);
    expect(acknowledged(network)).toHaveLength(3);
  });

  test("a candidate leads only once its own vote is durable", () => {
    const network = new Network({ voters: [1, 2, 3], config: { preVote: false } });
    network.core(1).campaign();
    network.pump(1);
    network.settle([2, 3]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    expect(network.server(1).role).toBe("candidate");
    network.server(1).persist();
    expect(network.server(1).role).toBe("leader");
  });

  test("else it could crash, lead the same term again and put another entry at the same place", () => {
    // What the rule above prevents, shown with the rule switched off.
    const network = new Network({
      voters: [1, 2, 3],
      config: { preVote: false, ownVoteFirst: false },
    });
    const server = network.server(1);
    server.core.campaign();
    network.pump(1);
    network.settle([2, 3]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    expect(server.role).toBe("leader");
    network.propose(1, "first");
    network.lose = ({ to }) => to === 3;
    network.pump(1);
    network.settle([2]);
    server.restart();
    network.messages = [];
    network.heal();
    network.isolate(2);
    server.core.campaign();
    network.settle();
    expect(server.role).toBe("leader");
    network.propose(1, "second");
    network.settle();
    const at = { one: server.entries()[1], two: network.server(2).entries()[1] };
    expect(at.one?.term).toBe(at.two?.term);
    expect(at.one?.data).not.toEqual(at.two?.data);
  });

  test("the leader sends before its disk is done and counts itself afterwards", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.propose(1, "a");
    network.pump(1);
    expect(messagesOf(network.messages, "append")).toHaveLength(1);
    network.settle([2]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    // 2 has it, the leader's own disk does not: no majority yet.
    expect(network.core(1).status().commit).toBe(11);
    network.server(1).persist();
    expect(network.core(1).status().commit).toBe(12);
  });

  test("a majority of others commits before the leader's own disk; it applies only what it has", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.pump(1);
    network.settle([2, 3]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    expect(network.core(1).status().commit).toBe(12);
    network.pump(1);
    expect(network.server(1).committed).toEqual([]);
    network.server(1).persist();
    network.pump(1);
    expect(network.server(1).committed.map((each) => each.index)).toEqual([12]);
  });

  test("a commit index that moves alone causes no write", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.propose(1, "a");
    network.settle();
    const before = network.server(2).log.initialHardState().commit;
    expect(before).toBeLessThan(network.core(2).status().commit);
    expect(network.server(2).writes).toEqual([]);
    network.propose(1, "b");
    network.settle();
    expect(network.server(2).log.initialHardState().commit).toBeGreaterThan(before);
  });

  test("writes of several turns may be under way; they are confirmed in order", () => {
    const network = new Network({ voters: [1, 2, 3] });
    const server = network.server(1);
    for (const at of [11, 12, 13]) {
      const prevTerm = at === 11 ? 1 : 2;
      server.core.step(appendFrom(leaders.old, 2, { prev: at - 1, prevTerm, entries: [[at, 2]] }));
      network.pump(1);
    }
    expect(server.writes.map((write) => write.sequence)).toEqual([1, 2, 3]);
    const newest = server.writes.at(-1)?.sequence ?? 0;
    for (const write of server.writes) server.log.append(write.entries, write.hardState);
    server.core.persisted(newest);
    network.pump(1);
    expect(acknowledged(network).map((each) => each.index)).toEqual([11, 12, 13]);
  });
});

describe("replaced while the write is under way (ABA)", () => {
  test("an old write does not make the entries durable that replaced its own", () => {
    const network = new Network({ voters: [1, 2, 3] });
    const server = network.server(1);
    // Leader 2 of term 2 writes 11 and 12; leader 3 of term 3 replaces them; then 2, back in term 4, brings the
    // entries of term 2 again, while the first write is still going.
    server.core.step(
      appendFrom(leaders.old, 2, {
        prev: 10,
        prevTerm: 1,
        entries: [
          [11, 2],
          [12, 2],
        ],
      }),
    );
    network.pump(1);
    server.core.step(appendFrom(leaders.next, 3, { prev: 10, prevTerm: 1, entries: [[11, 3]] }));
    network.pump(1);
    server.core.step(
      appendFrom(leaders.old, 4, {
        prev: 10,
        prevTerm: 1,
        entries: [
          [11, 2],
          [12, 2],
          [13, 4],
        ],
      }),
    );
    network.pump(1);
    expect(server.writes).toHaveLength(3);
    // The first write has the same index and term as what is in the log now, yet it is not that write.
    server.persist();
    network.pump(1);
    expect(acknowledged(network)).toEqual([{ index: 12, term: 2, reject: false }]);
    expect(server.log.lastIndex()).toBe(12);
    server.persist();
    expect(server.log.lastIndex()).toBe(11);
    // Had the first confirmation been believed, 11 and 12 would now be read from a disk that does not have them.
    expect(server.core.view().termAt(index(12))).toBe(2);
    expect(server.core.view().termAt(index(11))).toBe(2);
    server.persist();
    network.pump(1);
    expect(acknowledged(network).at(-1)).toEqual({ index: 13, term: 4, reject: false });
    expect(server.entries().map((each) => each.term)).toEqual([2, 2, 4]);
  });

  test("a vote in a newer term confirms older entries that stayed", () => {
    const network = new Network({ voters: [1, 2, 3] });
    const server = network.server(1);
    server.core.step(appendFrom(leaders.old, 2, { prev: 10, prevTerm: 1, entries: [[11, 2]] }));
    network.pump(1);
    server.core.step({
      kind: "vote",
      from: leaders.next,
      to: peerId(1),
      term: term(3),
      lastIndex: index(11),
      lastTerm: term(2),
      transfer: true,
    });
    network.pump(1);
    server.persist();
    expect(server.events.at(-1)).toMatchObject({ kind: "write-superseded", reason: "older-term" });
    server.persist();
    network.pump(1);
    expect(messagesOf(network.messages, "vote-response")).toHaveLength(1);
    // Now durable: an append of the new leader that commits it lets it be applied.
    server.core.step({
      ...appendFrom(leaders.next, 3, { prev: 11, prevTerm: 2, entries: [] }),
      commit: index(11),
    });
    network.pump(1);
    expect(server.committed.map((each) => each.index)).toEqual([11]);
  });
});

describe("lost data", () => {
  test("a leader that knows of acknowledged entries which are gone stops the server", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    const status = network.core(1).status();
    expect(() => {
      network.core(2).step({
        kind: "heartbeat",
        from: peerId(1),
        to: peerId(2),
        term: status.term,
        commit: index(40),
        readRound: 0,
      });
    }).toThrow(expect.objectContaining({ code: "QUORATE_RAFT_LOG_LOST", kind: "corrupt" }));
  });
});
