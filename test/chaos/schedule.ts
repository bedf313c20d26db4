// Which faults come when: drawn from the seed before anything starts, so that a run is known beforehand and can be
// asked for again. Three lanes run side by side, so that faults overlap: processes, the network, the membership. Within
// a lane one fault follows the other. Kinds are dealt like cards: all have their turn before one comes again, so that
// a run of a minute has most of them.
//
// Times and kinds are fixed by the seed. Who is the leader when the moment comes is not.
import { between, type Random } from "../../src/base/random.ts";
import { shuffled, splitRandom } from "../sim/random.ts";

export type Target = "leader" | "follower" | "all";

export type ProcessHarm =
  | { readonly kind: "kill-server" }
  | { readonly kind: "lose-machine" }
  | { readonly kind: "power-loss" }
  | { readonly kind: "pause-server" }
  | { readonly kind: "pause-machine" }
  | { readonly kind: "rolling-restart" };

export type NetworkHarm =
  | { readonly kind: "isolate" }
  /** Nothing that leaves the target arrives, or nothing arrives at it. */
  | { readonly kind: "one-way"; readonly direction: "out" | "in" }
  /** Target and one other do not hear each other; everybody else hears both. */
  | { readonly kind: "cut" }
  /** The target is on the smaller side; clients reach both. */
  | { readonly kind: "split" }
  | { readonly kind: "delay"; readonly delayMs: number; readonly jitterMs: number }
  | { readonly kind: "loss"; readonly percent: number };

/** A new server joins, becomes a voter, and the target is removed. */
export interface MembershipHarm {
  readonly kind: "replace";
}

export interface Fault<Harm = ProcessHarm | NetworkHarm | MembershipHarm> {
  readonly atMs: number;
  /** How long it lasts; 0 = a moment. A machine that restarts may take longer. */
  readonly forMs: number;
  readonly target: Target;
  /** Decides between several that fit. */
  readonly choice: number;
  readonly harm: Harm;
}

export interface Schedule {
  readonly processes: readonly Fault<ProcessHarm>[];
  readonly network: readonly Fault<NetworkHarm>[];
  readonly membership: readonly Fault<MembershipHarm>[];
}

export interface ScheduleOptions {
  readonly seed: number;
  readonly durationMs: number;
  /** Without it no network faults are drawn. */
  readonly hasNetwork: boolean;
}

interface Card<Harm> {
  readonly target: Target;
  readonly forMs: readonly [least: number, most: number];
  /** Quiet time after it. */
  readonly restMs: readonly [least: number, most: number];
  readonly harm: (random: Random) => Harm;
}

const drawIn = (random: Random, [least, most]: readonly [number, number]): number =>
  between(random, least, most + 1);

const moment = [0, 0] as const;
const rest = [1500, 4000] as const;
const pauseMs = [300, 5000] as const;
const awayMs = [300, 4000] as const;
const networkMs = [1500, 6000] as const;
const calmBeforeMs = 1000;

function processCard(
  kind: ProcessHarm["kind"],
  target: Target,
  forMs: readonly [number, number],
): Card<ProcessHarm> {
  return { target, forMs, restMs: rest, harm: () => ({ kind }) };
}

const processCards: readonly Card<ProcessHarm>[] = [
  processCard("kill-server", "leader", moment),
  processCard("kill-server", "follower", moment),
  processCard("kill-server", "leader", moment),
  processCard("lose-machine", "leader", awayMs),
  processCard("lose-machine", "follower", awayMs),
  processCard("pause-server", "leader", pauseMs),
  processCard("pause-server", "follower", pauseMs),
  processCard("pause-machine", "leader", pauseMs),
  processCard("rolling-restart", "all", [8000, 8000]),
  processCard("power-loss", "all", awayMs),
];

function networkCard(target: Target, harm: (random: Random) => NetworkHarm): Card<NetworkHarm> {
  return { target, forMs: networkMs, restMs: rest, harm };
}

const delay = (random: Random): NetworkHarm => {
  const delayMs = between(random, 50, 201);
  return { kind: "delay", delayMs, jitterMs: between(random, 10, delayMs) };
};
const loss = (random: Random): NetworkHarm => ({ kind: "loss", percent: between(random, 5, 21) });

const networkCards: readonly Card<NetworkHarm>[] = [
  networkCard("leader", () => ({ kind: "isolate" })),
  networkCard("follower", () => ({ kind: "isolate" })),
  networkCard("leader", () => ({ kind: "one-way", direction: "out" })),
  networkCard("leader", () => ({ kind: "one-way", direction: "in" })),
  networkCard("follower", () => ({ kind: "one-way", direction: "out" })),
  networkCard("leader", () => ({ kind: "cut" })),
  networkCard("follower", () => ({ kind: "cut" })),
  networkCard("leader", () => ({ kind: "split" })),
  networkCard("leader", delay),
  networkCard("all", delay),
  networkCard("leader", loss),
  networkCard("all", loss),
];

const membershipCards: readonly Card<MembershipHarm>[] = (["follower", "leader"] as const).map(
  (target) => ({
    target,
    forMs: [12_000, 12_000],
    restMs: [5000, 10_000],
    harm: () => ({ kind: "replace" }),
  }),
);

function deal<Harm>(
  cards: readonly Card<Harm>[],
  random: Random,
  durationMs: number,
): Fault<Harm>[] {
  const faults: Fault<Harm>[] = [];
  let deck: Card<Harm>[] = [];
  let atMs = calmBeforeMs + between(random, 0, 1000);
  for (;;) {
    if (deck.length === 0) deck = shuffled(random, cards);
    const { target, forMs: length, restMs, harm } = deck.pop()!;
    const forMs = drawIn(random, length);
    if (atMs + forMs > durationMs) return faults;
    faults.push({ atMs, forMs, target, choice: random.next(), harm: harm(random) });
    atMs += forMs + drawIn(random, restMs);
  }
}

/** The same for the same options. */
export function drawSchedule({ seed, durationMs, hasNetwork }: ScheduleOptions): Schedule {
  const of = (lane: string): Random => splitRandom(seed, `chaos ${lane}`);
  return {
    processes: deal(processCards, of("processes"), durationMs),
    network: hasNetwork ? deal(networkCards, of("network"), durationMs) : [],
    membership: deal(membershipCards, of("membership"), durationMs),
  };
}

/** All faults in the order of their times. */
export function inOrder({ processes, network, membership }: Schedule): readonly Fault[] {
  return [...processes, ...network, ...membership].sort((a, b) => a.atMs - b.atMs);
}

/** `delay 120 ms ± 40 of the leader for 2.5 s`. */
export function describeFault({ harm, target, forMs }: Fault): string {
  const seconds = forMs === 0 ? "" : ` for ${(forMs / 1000).toFixed(1)} s`;
  return `${describeHarm(harm)} of ${target === "all" ? "all" : `the ${target}`}${seconds}`;
}

function describeHarm(harm: Fault["harm"]): string {
  if (harm.kind === "one-way") return `one-way loss ${harm.direction}`;
  if (harm.kind === "delay") return `delay ${harm.delayMs} ms ± ${harm.jitterMs}`;
  if (harm.kind === "loss") return `loss ${harm.percent} %`;
  return harm.kind;
}
