// From a fault to the state of the network.
import { pick } from "../../sim/random.ts";
import type { Fault, NetworkHarm } from "../schedule.ts";
import { healthyNetwork, type NetworkState } from "./rules.ts";

export interface Parties {
  /** Slots of all members. */
  readonly members: readonly number[];
  /** The one that the fault is about. */
  readonly target: number;
}

type Pair = NetworkState["dropped"][number];

const bothWays = (a: number, b: number): Pair[] => [
  { from: a, to: b },
  { from: b, to: a },
];

/** The members of the smaller side, the target among them. */
function minority({ members, target }: Parties): readonly number[] {
  const others = members.filter((slot) => slot !== target);
  return [target, ...others.slice(0, Math.ceil(members.length / 2) - 2)];
}

function split(parties: Parties): Pair[] {
  const small = minority(parties);
  const large = parties.members.filter((slot) => !small.includes(slot));
  return small.flatMap((a) => large.flatMap((b) => bothWays(a, b)));
}

export function networkUnder(fault: Fault<NetworkHarm>, parties: Parties): NetworkState {
  const { harm } = fault;
  const { members, target } = parties;
  const others = members.filter((slot) => slot !== target);
  const struck = fault.target === "all" ? members : [target];
  switch (harm.kind) {
    case "isolate":
      return { ...healthyNetwork, isolated: [target] };
    case "one-way": {
      const dropped = others.map((other) =>
        harm.direction === "out" ? { from: target, to: other } : { from: other, to: target },
      );
      return { ...healthyNetwork, dropped };
    }
    case "cut": {
      const other = pick({ next: () => fault.choice }, others);
      return { ...healthyNetwork, dropped: other === undefined ? [] : bothWays(target, other) };
    }
    case "split":
      return { ...healthyNetwork, dropped: split(parties) };
    case "delay":
      return { ...healthyNetwork, delayed: new Map(struck.map((slot) => [slot, harm])) };
    case "loss":
      return {
        ...healthyNetwork,
        lossPercent: new Map(struck.map((slot) => [slot, harm.percent])),
      };
  }
}
