// Reads on the strength of the followers' loyalty: opt-in, and never when that loyalty may be void.
import { describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { ledNetwork, messagesOf, Network, type NetworkOptions } from "./network.ts";

const options: NetworkOptions = { voters: [1, 2, 3], config: { leaseReads: true } };

/** A leader that a quorum has answered lately. */
function leased(): Network {
  const network = ledNetwork(options);
  network.tick(1);
  return network;
}

describe("lease reads", () => {
  test("answered at once, without a round, while a quorum was heard lately", () => {
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

  test("a round again when the loyalty may run out before the next check of the quorum", () => {
    const network = leased();
    network.isolate(1);
    // Of the 10 ticks of an election timeout the last one is a margin.
    for (let tick = 0; tick < 8; tick += 1) network.core(1).tick();
    network.pump(1);
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([]);
  });

  test("a round again while nobody has answered since the check of the quorum", () => {
    const network = ledNetwork(options);
    network.isolate(1);
    for (let tick = 0; tick < 10; tick += 1) network.core(1).tick();
    expect(network.server(1).role).toBe("leader");
    network.core(1).readIndex(7);
    network.pump(1);
    expect(network.server(1).reads).toEqual([]);
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
