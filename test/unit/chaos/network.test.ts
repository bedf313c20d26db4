import { describe, expect, test } from "vitest";
import { networkUnder } from "../../chaos/network/harm.ts";
import { healthyNetwork, type NetworkState, rulesOf } from "../../chaos/network/rules.ts";
import type { Fault, NetworkHarm } from "../../chaos/schedule.ts";

const addressOf = (slot: number): string => `198.18.0.${slot + 1}`;
const rules = (state: NetworkState, slot: number): string[] =>
  rulesOf(state, { slot, addressOf, ports: [7472] })
    .split("\n")
    .filter((line) => line.startsWith("-A"));

const under = (
  harm: NetworkHarm,
  members: readonly number[],
  target: Fault["target"] = "leader",
): NetworkState =>
  networkUnder({ atMs: 0, forMs: 1, choice: 1, target, harm }, { members, target: members[0]! });

/** Does `a` hear `b`? */
const hears = ({ dropped }: NetworkState, a: number, b: number): boolean =>
  !dropped.some(({ from, to }) => from === b && to === a);

describe("a fault of the network", () => {
  test("one way out: nobody hears the target, and it hears everybody", () => {
    const state = under({ kind: "one-way", direction: "out" }, [0, 1, 2]);
    expect([hears(state, 1, 0), hears(state, 2, 0)]).toEqual([false, false]);
    expect([hears(state, 0, 1), hears(state, 0, 2), hears(state, 1, 2)]).toEqual([
      true,
      true,
      true,
    ]);
  });

  test("a cut: two do not hear each other, the third hears both", () => {
    const state = under({ kind: "cut" }, [0, 1, 2]);
    expect([hears(state, 0, 2), hears(state, 2, 0)]).toEqual([false, false]);
    expect([
      hears(state, 0, 1),
      hears(state, 1, 0),
      hears(state, 1, 2),
      hears(state, 2, 1),
    ]).toEqual(Array(4).fill(true));
  });

  test.each([
    [[0, 1, 2], 1],
    [[0, 1, 2, 3], 1],
    [[0, 1, 2, 3, 4], 2],
    [[0, 1, 2, 3, 4, 5], 2],
  ])("a split of %j leaves the leader among %i", (members, size) => {
    const state = under({ kind: "split" }, members);
    const withLeader = members.filter((slot) => slot === 0 || hears(state, 0, slot));
    expect(withLeader).toHaveLength(size);
    const others = members.filter((slot) => !withLeader.includes(slot));
    for (const a of others) for (const b of others) expect(hears(state, a, b)).toBe(true);
    for (const a of others) expect(hears(state, a, 0)).toBe(false);
  });

  test("loss and delay strike the target, or all", () => {
    expect([...under({ kind: "loss", percent: 7 }, [1, 2]).lossPercent]).toEqual([[1, 7]]);
    expect([...under({ kind: "loss", percent: 7 }, [1, 2], "all").lossPercent.keys()]).toEqual([
      1, 2,
    ]);
    const delay = { kind: "delay", delayMs: 100, jitterMs: 20 } as const;
    expect([...under(delay, [1, 2], "all").delayed.keys()]).toEqual([1, 2]);
  });
});

describe("the packet filter of a server", () => {
  test("has no rules on a healthy network", () => {
    expect(rules(healthyNetwork, 0)).toEqual([]);
  });

  test("drops what arrives from whom it must not hear, and nothing else", () => {
    const state = { ...healthyNetwork, dropped: [{ from: 1, to: 0 }] };
    expect(rules(state, 0)).toEqual(["-A INPUT -i eth0 -s 198.18.0.2 -j DROP"]);
    expect(rules(state, 1)).toEqual([]);
  });

  test("drops by chance, and leads to the relay", () => {
    const lossy = { ...healthyNetwork, lossPercent: new Map([[0, 12]]) };
    expect(rules(lossy, 0)).toEqual([
      "-A INPUT -i eth0 -m statistic --mode random --probability 0.1200 -j DROP",
    ]);
    const slow = { ...healthyNetwork, delayed: new Map([[0, { delayMs: 9, jitterMs: 1 }]]) };
    expect(rules(slow, 0)).toEqual([
      "-A PREROUTING -i eth0 -p tcp --dport 7472 -j REDIRECT --to-ports 17472",
      "-A INPUT -i eth0 -p tcp --dport 7472 -j REJECT --reject-with tcp-reset",
    ]);
  });
});
