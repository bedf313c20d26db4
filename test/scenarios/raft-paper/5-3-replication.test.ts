// Section 5.3 of the Raft paper (extended version): log replication.
import { describe, expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import type { AppendRequest, Message } from "../../../src/raft/types.ts";
import { ledNetwork, messagesOf, Network } from "../../unit/raft/network.ts";
import {
  accepted,
  append,
  entriesAfter,
  giveLog,
  heartbeat,
  refused,
  Solo,
  type SoloOptions,
} from "../../unit/raft/solo.ts";

const paper: SoloOptions = { config: { preVote: false } };

/** A leader of term 2 whose first entry, 11, everybody has and knows to be committed. */
function leader(options: SoloOptions = {}): Solo {
  const solo = new Solo({ ...paper, ...options });
  let appends = messagesOf(solo.campaign(), "append");
  while (appends.length > 0) appends = messagesOf(solo.step(...appends.map(accepted)), "append");
  return solo;
}

const positions = (appends: readonly AppendRequest[]): number[][] =>
  appends.map(({ to, prevIndex, prevTerm, entries }) => [to, prevIndex, prevTerm, entries.length]);

const only = (messages: readonly Message[], to: number): AppendRequest[] =>
  messagesOf(messages, "append").filter((message) => message.to === to);

const commands = (network: Network, number: number): string[] =>
  network.server(number).copy.commands;

describe("§5.3 the leader's part", () => {
  test("the leader appends the command to its log and sends it to all others in parallel", () => {
    const solo = leader();
    solo.server.core.propose([new Uint8Array(1)]);
    const appends = messagesOf(solo.sent(), "append");
    expect(positions(appends)).toEqual([
      [2, 11, 2, 1],
      [3, 11, 2, 1],
    ]);
    expect(solo.status.lastIndex).toBe(12);
  });

  test("it applies the command only once it is safely replicated", () => {
    const solo = leader();
    const [toTwo] = only(solo.propose("x"), 2);
    expect(solo.server.copy.commands).toEqual([]);
    solo.step(accepted(toTwo!));
    expect(solo.server.copy.commands).toEqual(["x"]);
  });

  test("if followers crash, are slow or packets are lost, it tries again without end, also after the answer to the client", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.isolate(3);
    network.propose(1, "x");
    network.settle();
    expect(commands(network, 1)).toEqual(["x"]);
    network.tick(100);
    expect(commands(network, 3)).toEqual([]);
    network.heal();
    network.tick(3);
    expect(commands(network, 3)).toEqual(["x"]);
  });

  test("each entry has the command, the term in which the leader got it, and its index", () => {
    const solo = leader();
    const [sent] = only(solo.propose("x", "y"), 2);
    const text = ({ data }: { readonly data: Uint8Array }): string =>
      new TextDecoder().decode(data);
    expect(sent?.entries.map((entry) => [entry.index, entry.term, text(entry)])).toEqual([
      [12, 2, "x"],
      [13, 2, "y"],
    ]);
  });

  const quorums: readonly (readonly [number, readonly number[], boolean])[] = [
    [3, [], false],
    [3, [2], true],
    [4, [2], false],
    [4, [2, 3], true],
    [5, [2], false],
    [5, [2, 3], true],
    [5, [4, 5], true],
  ];
  test.each(quorums)(
    "an entry is committed once a majority has it: of %i, with %j: %s",
    (size, takers, committed) => {
      const solo = leader({ voters: [1, 2, 3, 4, 5].slice(0, size) });
      const sent = messagesOf(solo.propose("x"), "append");
      solo.step(...sent.filter(({ to }) => takers.includes(to)).map(accepted));
      expect(solo.status.commit).toBe(committed ? 12 : 11);
    },
  );

  test("a single server commits alone", () => {
    const solo = leader({ voters: [1] });
    solo.propose("x");
    expect(solo.server.copy.commands).toEqual(["x"]);
  });

  test("committing an entry commits all before it, also those of earlier leaders", () => {
    const solo = new Solo({ ...paper, log: [1, 2, 3] });
    const [first] = only(solo.campaign([2]), 2);
    expect(solo.status.commit).toBe(10);
    solo.step(accepted(first!));
    expect(solo.server.copy.commands).toEqual(["1/11", "2/12", "3/13"]);
    expect(solo.status.commit).toBe(14);
  });

  test("it tells the others what is committed with its next appends and heartbeats", () => {
    const solo = leader();
    const [toTwo] = only(solo.propose("x"), 2);
    solo.step(accepted(toTwo!));
    expect(messagesOf(solo.propose("y"), "append").map(({ commit }) => commit)).toEqual([12, 12]);
    const [toThree] = only(solo.propose("z"), 3);
    solo.step(accepted(toThree!));
    const commits = messagesOf(solo.tick(), "heartbeat").map(({ to, commit }) => [to, commit]);
    // Never more than the follower is known to have.
    expect(commits).toEqual([
      [2, 12],
      [3, 14],
    ]);
  });

  test("it creates at most one entry for an index in a term, and entries never move", () => {
    const solo = leader();
    const seen = new Map<string, string>();
    for (let i = 0; i < 5; i += 1) {
      solo.propose(`a${i}`, `b${i}`);
      for (const entry of solo.server.entries()) {
        const place = `${entry.term}/${entry.index}`;
        const text = String(entry.data);
        expect(seen.get(place) ?? text).toBe(text);
        seen.set(place, text);
      }
    }
    expect(seen.size).toBe(11);
  });

  test("it never overwrites or deletes entries of its own log, whatever the others answer", () => {
    const solo = leader();
    const sent = messagesOf(solo.propose("x", "y"), "append");
    const before = solo.server.entries();
    solo.step(...sent.map((request) => refused(request, [11, 1])));
    solo.step({ ...append(2, 1), entries: entriesAfter(10, [1, 1]) });
    expect(solo.server.entries()).toEqual(before);
  });

  test("one slow follower does not slow the rest down", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.lose = ({ to }) => to === 3;
    const rounds: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      network.propose(1, `x${i}`);
      let steps = 0;
      network.observe = () => {
        steps += 1;
      };
      network.settle();
      rounds.push(steps);
      expect(commands(network, 1)).toHaveLength(i + 1);
    }
    expect(new Set(rounds).size).toBe(1);
  });
});

describe("§5.3 the follower's part", () => {
  test("a follower that learns that entries are committed applies them in log order", () => {
    const solo = new Solo(paper);
    solo.step(append(2, 2, { entries: entriesAfter(10, [2, 2, 2]) }));
    expect(solo.server.copy.commands).toEqual([]);
    solo.step(append(2, 2, { after: [13, 2], commit: 12 }));
    expect(solo.server.copy.commands).toEqual(["2/11", "2/12"]);
    solo.step(heartbeat(2, 2, 13));
    expect(solo.server.copy.commands).toEqual(["2/11", "2/12", "2/13"]);
  });

  test("it commits no further than the append vouches for", () => {
    const solo = new Solo({ ...paper, log: [1, 1, 1] });
    solo.step(append(2, 2, { after: [11, 1], commit: 13 }));
    expect(solo.status.commit).toBe(11);
  });

  const checks: readonly (readonly [string, readonly [number, number], boolean])[] = [
    ["at the beginning of the log", [10, 1], true],
    ["with matching index and term", [12, 2], true],
    ["with another term at that index", [12, 3], false],
    ["beyond the end of the log", [13, 2], false],
  ];
  test.each(checks)("it takes entries only after an entry that it has: %s", (_, after, taken) => {
    const solo = new Solo({ ...paper, log: [1, 2] });
    const entries = entriesAfter(after[0], [3]);
    const answers = solo.step(append(2, 3, { after, entries }));
    expect(messagesOf(answers, "append-response").map(({ reject }) => reject)).toEqual([!taken]);
    expect(solo.status.lastIndex === after[0] + 1).toBe(taken);
  });

  test("when an append succeeds, the leader knows that the logs are equal up to its last entry", () => {
    const solo = leader();
    const [toTwo] = only(solo.propose("x", "y"), 2);
    solo.step(accepted(toTwo!));
    const two = solo.status.progress.find(({ peer }) => peer === 2);
    expect(two).toMatchObject({ match: 13, next: 14, state: "replicate" });
  });

  test("conflicting entries are replaced by the leader's, what follows them is deleted", () => {
    const cases: readonly (readonly [
      readonly number[],
      readonly [number, number],
      readonly number[],
      readonly number[],
    ])[] = [
      [
        [1, 1, 1],
        [11, 1],
        [2, 2],
        [1, 2, 2],
      ],
      [[1, 2, 2, 2], [11, 1], [3], [1, 3]],
      [
        [1, 2],
        [12, 2],
        [3, 3],
        [1, 2, 3, 3],
      ],
      [[1, 2, 2], [10, 1], [3], [3]],
      [
        [1, 2, 2],
        [10, 1],
        [1, 2],
        [1, 2, 2],
      ],
    ];
    for (const [log, after, added, expected] of cases) {
      const solo = new Solo({ ...paper, log });
      solo.step(append(2, 3, { after, entries: entriesAfter(after[0], added) }));
      expect(solo.terms).toEqual(expected);
      solo.server.restart();
      expect(solo.terms).toEqual(expected);
    }
  });
});

describe("§5.3 bringing logs together", () => {
  const before: Readonly<Record<string, readonly number[]>> = {
    "(a) lacks entries": [1, 1, 1, 4, 4, 5, 5, 6, 6],
    "(b) lacks many entries": [1, 1, 1, 4],
    "(c) has an entry too many": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
    "(d) has entries of a term that nobody else knows": [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
    "(e) has and lacks": [1, 1, 1, 4, 4, 4, 4],
    "(f) has and lacks for terms": [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
  };
  test.each(Object.keys(before))(
    "Figure 7: the leader makes the log of the follower equal its own: %s",
    (name) => {
      const network = new Network({ voters: [1, 2, 3], ...paper });
      giveLog(network.server(1), { log: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6], term: 7 });
      giveLog(network.server(2), { log: before[name] ?? [] });
      network.isolate(2);
      network.elect(1);
      expect(network.server(1).role).toBe("leader");
      network.heal();
      network.tick(2);
      const terms = (number: number): number[] =>
        network
          .server(number)
          .entries()
          .map(({ term }) => term);
      expect(terms(2)).toEqual(terms(1));
      expect(network.violations()).toEqual([]);
    },
  );

  test("the leader begins with the index after its last entry", () => {
    const solo = new Solo({ ...paper, log: [1, 1, 2] });
    expect(positions(messagesOf(solo.campaign(), "append"))).toEqual([
      [2, 13, 2, 1],
      [3, 13, 2, 1],
    ]);
  });

  test("after a refusal it goes back and tries again, until the logs match", () => {
    const solo = new Solo({ ...paper, log: [1, 1, 2] });
    const tried: number[][] = [];
    let [request] = only(solo.campaign([2]), 2);
    while (request !== undefined && request.prevIndex > 10) {
      tried.push([request.prevIndex, request.prevTerm]);
      // A follower that gives no hint beyond the index before.
      [request] = only(solo.step(refused(request, [request.prevIndex - 1, 9])), 2);
    }
    expect(tried).toEqual([
      [13, 2],
      [12, 1],
      [11, 1],
    ]);
    expect(request?.entries.map(({ term }) => term)).toEqual([1, 1, 2, 3]);
    solo.step(accepted(request!));
    expect(solo.status.commit).toBe(14);
  });

  test("a follower's hint lets it pass over a whole term at a time", () => {
    const solo = new Solo({ ...paper, log: [1, 4, 4, 4, 4, 4], term: 4 });
    const answers = solo.step(append(2, 5, { after: [16, 3] }));
    expect(answers).toMatchObject([{ reject: true, index: 16, rejectHint: 11, rejectHintTerm: 1 }]);
  });

  test("the probes needed are at most as many as conflicting terms", () => {
    const network = new Network({ voters: [1, 2, 3], ...paper });
    giveLog(network.server(1), { log: [...Array<number>(40).fill(4), 9], term: 9 });
    giveLog(network.server(2), {
      log: [
        ...Array<number>(20).fill(2),
        ...Array<number>(20).fill(3),
        ...Array<number>(30).fill(8),
      ],
    });
    let refusals = 0;
    network.lose = (message) => {
      if (message.kind === "append-response" && message.reject) refusals += 1;
      return false;
    };
    network.elect(1);
    network.tick(2);
    expect(network.core(2).status().lastIndex).toBe(index(52));
    expect(refusals).toBeLessThanOrEqual(3);
  });
});
