// Reads on the strength of the followers' loyalty: opt-in, and never when that loyalty may be void.
import { describe, expect, test } from "vitest";
import { peerId, term } from "../../../src/base/numbers.ts";
import { change, ledNetwork, messagesOf, Network, type NetworkOptions } from "./network.ts";

/** The first election is not what is tested here: servers vote at once. */
const options: NetworkOptions = {
  voters: [1, 2, 3],
  config: { leaseReads: true, quietStart: false },
};

/** A leader whose heartbeat of one tick ago was answered by all. */
function leased(): Network {
  const network = ledNetwork(options);
  network.tick(1);
  return network;
}

/** Time passes on the leader, and nobody hears from it. */
function pass(network: Network, ticks: number): void {
  for (let tick = 0; tick < ticks; tick += 1) network.core(1).tick();
  network.pump(1);
  network.messages = [];
}

function isReadAnsweredAtOnce(network: Network): boolean {
  const before = network.server(1).reads.length;
  network.core(1).readIndex(7);
  network.pump(1);
  return network.server(1).reads.length > before;
}

describe("lease reads", () => {
  test("answered at once, without a round, while the loyalty of a quorum lasts", () => {
    const network = leased();
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([{ readId: 7, index: 11 }]);
    expect(messagesOf(network.messages, "heartbeat")).toEqual([]);
  });

  test("off by default: a round is needed", () => {
    const network = ledNetwork({ voters: [1, 2, 3] });
    network.tick(1);
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([]);
    expect(messagesOf(network.messages, "heartbeat")).toHaveLength(2);
  });

  test("of the 10 ticks of an election timeout the last three are a margin: for clocks one, for counting two", () => {
    const network = leased();
    pass(network, 6);
    expect(isReadAnsweredAtOnce(network)).toBe(true);
    pass(network, 1);
    expect(network.server(1).role).toBe("leader");
    expect(isReadAnsweredAtOnce(network)).toBe(false);
  });

  test("the time counts from when the heartbeat was sent: a late answer makes no lease", () => {
    const network = ledNetwork(options);
    network.core(1).tick();
    network.pump(1);
    const late = [...network.messages];
    for (let tick = 0; tick < 6; tick += 1) network.core(1).tick();
    network.pump(1);
    network.messages = late;
    network.settle();
    expect(isReadAnsweredAtOnce(network)).toBe(true);
    pass(network, 1);
    expect(isReadAnsweredAtOnce(network)).toBe(false);
  });

  test("only followers that promise their loyalty count", () => {
    const withIt = (...numbers: readonly number[]): boolean => {
      const configOf = (number: number) => ({ leaseReads: numbers.includes(number) });
      const network = ledNetwork({ ...options, config: { quietStart: false }, configOf });
      network.tick(3);
      return isReadAnsweredAtOnce(network);
    };
    expect(withIt(1)).toBe(false);
    expect(withIt(1, 3)).toBe(true);
    expect(withIt(2, 3)).toBe(false);
  });

  test("nor does one whose election timeout is shorter: it promises less than the lease lasts", () => {
    const withTimeouts = (leaderMs: number, followersMs: number): boolean => {
      const configOf = (number: number) => ({ electionMs: number === 1 ? leaderMs : followersMs });
      const network = ledNetwork({ ...options, configOf });
      network.tick(3);
      return isReadAnsweredAtOnce(network);
    };
    expect(withTimeouts(300, 75)).toBe(false);
    expect(withTimeouts(75, 300)).toBe(true);
    expect(withTimeouts(300, 300)).toBe(true);
  });

  test("no rounds are collected, whoever makes the quorum: a single voter, with and without a learner that is dead", () => {
    for (const learners of [[], [2]]) {
      const network = new Network({ ...options, voters: [1], learners });
      network.isolate(1);
      network.elect(1);
      for (let tick = 0; tick < 100; tick += 1) {
        network.core(1).tick();
        network.pump(1);
      }
      expect(network.core(1).status()).toMatchObject({ role: "leader", pendingRounds: 0 });
    }
  });

  test("a round again after ticks were missed, until the next heartbeat is answered", () => {
    const network = leased();
    network.core(1).tick();
    network.pump(1);
    network.core(1).suspendLease();
    network.settle();
    expect(isReadAnsweredAtOnce(network)).toBe(false);
    network.tick(1);
    expect(isReadAnsweredAtOnce(network)).toBe(true);
  });

  test("a round again after a change of membership: another quorum must be loyal", () => {
    const network = leased();
    network.core(1).proposeMembership(change([["remove", 3]]));
    network.settle();
    expect(isReadAnsweredAtOnce(network)).toBe(false);
    network.tick(1, [1, 2]);
    expect(isReadAnsweredAtOnce(network)).toBe(true);
  });

  test("a round again once somebody was told to campaign at once, even if that failed", () => {
    const network = leased();
    network.core(1).transferLeadership(peerId(2));
    network.pump(1);
    network.messages = [];
    network.isolate(2);
    network.tick(11, [1, 3]);
    expect(network.core(1).status().transferee).toBe(0);
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([]);
    network.settle([1, 3]);
    expect(network.server(1).reads).toEqual([{ readId: 7, index: 11 }]);
  });

  test("refused before the first commit of the term, like every read", () => {
    const network = new Network(options);
    network.core(1).campaign();
    network.settle([1]);
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([]);
  });

  test("the hint that the leader is lost is not taken: loyalty is what reads rest on", () => {
    const network = leased();
    network.core(2).leaderLostHint(0);
    network.settle();
    expect(network.core(2).status()).toMatchObject({ role: "follower", leader: 1 });
    expect(network.server(1).role).toBe("leader");
  });

  test("they need the check of the quorum", () => {
    const config = { leaseReads: true, checkQuorum: false };
    expect(() => new Network({ voters: [1], config })).toThrow(
      expect.objectContaining({ code: "QUORATE_RAFT_BAD_CONFIG" }),
    );
  });
});

describe("the quiet start", () => {
  /** Does server 2, just restarted and `ticks` old, vote for server 3? */
  function votes(config: NonNullable<NetworkOptions["config"]>, ticks: number): boolean {
    const network = ledNetwork(options);
    const restarted = new Network({ ...options, config });
    for (let tick = 0; tick < ticks; tick += 1) restarted.core(2).tick();
    restarted.deliver({
      kind: "vote",
      from: peerId(3),
      to: peerId(2),
      term: term(network.core(1).status().term + 1),
      lastIndex: network.core(1).status().lastIndex,
      lastTerm: network.core(1).status().term,
      transfer: false,
    });
    restarted.server(2).pump();
    restarted.server(2).persist();
    const answers = messagesOf(restarted.server(2).pump(), "vote-response");
    return answers.some(({ reject }) => !reject);
  }

  test("no vote in the first election timeout: it may have been loyal before it stopped", () => {
    expect(votes({ leaseReads: true }, 9)).toBe(false);
    expect(votes({ leaseReads: true }, 10)).toBe(true);
  });

  test("not without lease reads: nothing rests on it", () => {
    expect(votes({}, 0)).toBe(true);
  });
});
