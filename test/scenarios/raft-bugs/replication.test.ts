// Bugs of other implementations around commit and replication: numbers 15 to 31 of README.md.
import { describe, expect, test } from "vitest";
import { index, term } from "../../../src/base/numbers.ts";
import type { AppendRequest, Message } from "../../../src/raft/types.ts";
import { Unstable } from "../../../src/raft/unstable.ts";
import { change, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  accepted,
  append,
  coded,
  entriesAfter,
  entryAt,
  giveLog,
  heartbeatAnswer,
  refused,
  Solo,
  type SoloOptions,
  voteRequest,
} from "../../unit/raft/solo.ts";

const noPreVote = { preVote: false };

/** A leader of term 2 whose entry 11 everybody has. */
function leader(options: SoloOptions = {}): Solo {
  const solo = new Solo({ ...options, config: { ...noPreVote, ...options.config } });
  let appends = messagesOf(solo.campaign(), "append");
  while (appends.length > 0) appends = messagesOf(solo.step(...appends.map(accepted)), "append");
  return solo;
}

const appendsTo = (messages: readonly Message[], peer: number): AppendRequest[] =>
  messagesOf(messages, "append").filter(({ to }) => to === peer);

const progressOf = (solo: Solo, peer: number): unknown =>
  solo.status.progress.find((each) => each.peer === peer);

function permutations(items: readonly number[]): number[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, i) =>
    permutations([...items.slice(0, i), ...items.slice(i + 1)]).map((rest) => [item, ...rest]),
  );
}

describe("commit", () => {
  test("15 logcabin #44, etcd TestLeaderOnlyCommitsLogFromCurrentTerm: copies of an older term's entry are not counted", () => {
    const solo = new Solo({ log: [2, 2], term: 3, config: noPreVote });
    const appends = messagesOf(solo.campaign(), "append");
    for (const request of appends) solo.step({ ...accepted(request), index: request.prevIndex });
    expect(solo.status).toMatchObject({ role: "leader", term: 4, lastIndex: 13, commit: 10 });
    solo.step(accepted(appends[0]!));
    expect(solo.status.commit).toBe(13);
  });

  test("16 openraft #1802: whatever the order of the answers, only what a majority has is committed", () => {
    for (const matches of permutations([12, 13, 14, 15])) {
      const solo = leader({ voters: [1, 2, 3, 4, 5] });
      const sent = messagesOf(solo.propose("a", "b", "c", "d"), "append");
      for (const [i, request] of sent.entries()) {
        solo.step({ ...accepted(request), index: index(matches[i] ?? 0) });
        // With its own 15 the leader may count the second-highest of the four.
        const told = matches.slice(0, i + 1).sort((a, b) => b - a);
        expect(solo.status.commit).toBe(told[1] ?? 11);
      }
    }
  });

  test("17 openraft 9540c904, lerna #151: a late append does not delete matching entries after it", () => {
    const solo = new Solo();
    const entries = entriesAfter(10, [2, 2, 2, 2]);
    solo.step(append(2, 2, { entries }));
    for (const late of [entries.slice(0, 1), entries.slice(0, 3), []]) {
      solo.step(append(2, 2, { entries: late }));
      expect(solo.terms).toEqual([2, 2, 2, 2]);
    }
  });

  test("18 mofa #1151, etcd #22442: nothing is left of a conflicting tail, not even in the vote", () => {
    const solo = new Solo({ log: [2, 2, 2, 2, 2], config: { preVote: false, checkQuorum: false } });
    solo.server.core.step(append(3, 3, { after: [11, 2], entries: entriesAfter(11, [3]) }));
    // Also while the old tail is still what the disk has.
    expect(solo.status.lastIndex).toBe(12);
    expect(messagesOf(solo.step(voteRequest(2, 4, [12, 3])), "vote-response")).toMatchObject([
      { reject: false },
    ]);
    expect(solo.terms).toEqual([2, 3]);
    solo.server.restart();
    expect(solo.status.lastIndex).toBe(12);
    expect(solo.server.core.view().termAt(index(13))).toBeUndefined();
  });
});

describe("writes under way", () => {
  test("21 etcd PR #8 (append ABA): a finished write makes durable only the very entries that it wrote", () => {
    const unstable = new Unstable(index(11));
    unstable.append(entriesAfter(10, [2, 2]));
    unstable.accept();
    unstable.append(entriesAfter(10, [3]));
    expect(unstable.stableTo(index(11), term(2))).toBe("other-term");
    expect(unstable.term(index(11))).toBe(3);
    const solo = new Solo();
    solo.server.core.step(append(2, 2, { entries: entriesAfter(10, [2, 2]) }));
    solo.sent();
    solo.server.core.step(append(3, 3, { entries: entriesAfter(10, [3]) }));
    solo.sent();
    solo.server.core.step(append(2, 4, { entries: entriesAfter(10, [2, 2]), commit: 12 }));
    solo.sent();
    solo.server.persist();
    solo.sent();
    // Committed, and the oldest write had the same entries: still they are on no disk that lasts.
    expect(solo.server.committed).toEqual([]);
    while (solo.server.persist()) solo.sent();
    expect(solo.server.committed.map((each) => each.term)).toEqual([2, 2]);
  });

  test("22 openraft #1964 and #1960: a confirmation stands for all writes before it, and a late one changes nothing", () => {
    const solo = new Solo();
    for (const at of [10, 11, 12]) {
      const after = [at, at === 10 ? 1 : 2] as const;
      solo.server.core.step(append(2, 2, { after, entries: [entryAt([at + 1, 2])] }));
      solo.sent();
    }
    expect(solo.server.writes).toHaveLength(3);
    for (const write of solo.server.writes) solo.server.log.append(write.entries, write.hardState);
    const [first, second, third] = solo.server.writes.map(({ sequence }) => sequence);
    solo.server.core.persisted(second!);
    expect(messagesOf(solo.sent(), "append-response").map((each) => each.index)).toEqual([11, 12]);
    solo.server.core.persisted(first!);
    expect(messagesOf(solo.sent(), "append-response")).toEqual([]);
    solo.server.core.persisted(third!);
    expect(messagesOf(solo.sent(), "append-response").map((each) => each.index)).toEqual([13]);
  });

  test("24 canonical/raft #320: a leader whose write is lost never puts another entry at that index and term", () => {
    const network = new Network({ voters: [1, 2, 3], config: noPreVote });
    network.core(1).campaign();
    network.pump(1);
    network.settle([2, 3]);
    for (const message of network.messages.splice(0)) network.deliver(message);
    // Elected by the others, its own vote still on the way to the disk: it must not lead yet.
    expect(network.server(1).role).toBe("candidate");
    while (network.server(1).persist());
    network.propose(1, "first");
    network.pump(1);
    network.settle([2]);
    network.server(1).restart();
    network.messages = [];
    for (let i = 0; i < 5 && network.server(1).role !== "leader"; i += 1) {
      network.tick(20);
      network.elect(1);
    }
    const { index: at, term: inTerm } = network.server(1).core.propose([new Uint8Array(1)]);
    network.tick(2);
    expect([at, inTerm]).not.toEqual([12, 2]);
    expect(inTerm).toBeGreaterThan(2);
    expect(network.violations()).toEqual([]);
  });
});

describe("progress of a peer", () => {
  test("23 raft-rejoin-bug, raft-rs #571, etcd raft #349: an answer from before a removal and re-addition is not believed", () => {
    const solo = leader({ voters: [1, 2, 3] });
    const [before] = appendsTo(solo.propose("x"), 3);
    const changeBy = (kind: "remove" | "add-voter"): void => {
      solo.server.core.proposeMembership(change([[kind, 3]]));
      for (const request of appendsTo(solo.work(), 2)) solo.step(accepted(request));
    };
    for (const request of appendsTo(solo.propose("y"), 2)) solo.step(accepted(request));
    changeBy("remove");
    changeBy("add-voter");
    solo.step(accepted(before!));
    expect(progressOf(solo, 3)).toMatchObject({ match: 0 });
  });

  test("25 etcd raft #149: a late refusal never sends a peer back behind what it has acknowledged", () => {
    const solo = leader();
    const [request] = appendsTo(solo.propose("x", "y"), 2);
    solo.step(accepted(request!));
    solo.server.core.reportUnreachable(request!.to);
    const late = { ...refused(request!, [10, 1]), index: index(13) };
    const [probe] = appendsTo([...solo.step(late), ...solo.propose("z")], 2);
    expect(probe?.prevIndex).toBe(13);
    expect(progressOf(solo, 2)).toMatchObject({ match: 13 });
  });

  test("26 cockroach #60612, etcd TestFastLogRejection: a long divergent tail is found in a few probes", () => {
    const network = new Network({ voters: [1, 2, 3], config: noPreVote });
    giveLog(network.server(1), { log: [...Array<number>(300).fill(2), 9] });
    giveLog(network.server(2), {
      log: [...Array<number>(100).fill(2), ...Array<number>(900).fill(4)],
    });
    let refusals = 0;
    network.lose = (message) => {
      if (message.kind === "append-response" && message.reject) refusals += 1;
      return false;
    };
    network.elect(1);
    network.tick(3);
    expect(network.core(2).status().lastIndex).toBe(312);
    expect(refusals).toBeLessThanOrEqual(3);
  });

  test("27 etcd #7037 and #7042: a caught-up peer that is probed goes back to streaming with a heartbeat's answer", () => {
    const solo = leader();
    solo.server.core.reportUnreachable(solo.status.progress[1]!.peer);
    expect(progressOf(solo, 2)).toMatchObject({ state: "probe", match: 11 });
    const [beat] = messagesOf(solo.tick(), "heartbeat").filter(({ to }) => to === 2);
    const [probe] = appendsTo(solo.step(heartbeatAnswer(beat!)), 2);
    expect(probe).toMatchObject({ prevIndex: 11, entries: [] });
    solo.step(accepted(probe!));
    expect(progressOf(solo, 2)).toMatchObject({ state: "replicate" });
  });

  test("28 etcd #14633 and #2544: a full window lets no entries through, and heartbeats do not empty it", () => {
    const solo = leader({ config: { maxInflightMessages: 2, coalesceAppends: false } });
    solo.propose("a");
    solo.propose("b");
    expect(progressOf(solo, 2)).toMatchObject({ inflight: 2, inflightFull: true });
    expect(appendsTo(solo.propose("c"), 2)).toEqual([]);
    for (let i = 0; i < 3; i += 1) {
      const [beat] = messagesOf(solo.tick(), "heartbeat").filter(({ to }) => to === 2);
      const sent = appendsTo(solo.step(heartbeatAnswer(beat!)), 2);
      expect(sent.flatMap(({ entries }) => entries)).toEqual([]);
      expect(progressOf(solo, 2)).toMatchObject({ inflight: 2, inflightFull: true });
    }
  });

  test("29 logcabin #160, copycat #181: an entry above the batch limit travels alone instead of never", () => {
    const solo = new Solo({ log: [2, 2], config: { ...noPreVote, maxMessageBytes: 17 } });
    const [first] = appendsTo(solo.campaign(), 2);
    const [probe] = appendsTo(solo.step(refused(first!, [10, 1])), 2);
    expect(probe?.entries.map((each) => each.index)).toEqual([11]);
    const rest = appendsTo(solo.step(accepted(probe!)), 2);
    expect(rest.map(({ entries }) => entries.map((each) => each.index))).toEqual([[12], [13]]);
  });
});

describe("limits on proposals", () => {
  test("30 openraft #1496, NuRaft #297: what no message can carry is refused when it is proposed, not tried for ever", () => {
    const solo = leader({ config: { maxMessageBytes: 64 } });
    expect(() => solo.propose("x".repeat(64))).toThrow(coded("ENTRY_TOO_LARGE"));
    expect(solo.status.lastIndex).toBe(11);
    expect(solo.propose("x".repeat(48)).length).toBeGreaterThan(0);
    // With a bound of its own, an entry may be larger than what else travels in one append.
    const wide = leader({ config: { maxMessageBytes: 64, maxEntryBytes: 100 } });
    expect(() => wide.propose("x".repeat(101))).toThrow(coded("ENTRY_TOO_LARGE"));
    const [sent] = appendsTo(wide.propose("x".repeat(100)), 2);
    expect(sent?.entries.map(({ data }) => data.length)).toEqual([100]);
  });

  test("31 etcd #10167, #10199 and raft #11: proposals without a quorum are bounded, also across a change of term, and the bound is given back", () => {
    const config = { maxUncommittedBytes: 8 };
    const solo = leader({ config });
    const [toTwo] = appendsTo(solo.propose("12345678"), 2);
    expect(() => solo.propose("x")).toThrow(coded("PROPOSAL_LIMIT"));
    solo.step(accepted(toTwo!));
    expect(solo.status.uncommittedBytes).toBe(0);
    // What earlier terms left is charged to the new leader.
    const heir = new Solo({ log: [2, 2], config: { ...noPreVote, ...config } });
    const [first] = appendsTo(heir.campaign(), 2);
    expect(heir.status.uncommittedBytes).toBe(8);
    expect(() => heir.propose("x")).toThrow(coded("PROPOSAL_LIMIT"));
    heir.step(accepted(first!));
    expect(heir.status.uncommittedBytes).toBe(0);
    expect(() => heir.propose("x")).not.toThrow();
  });
});
