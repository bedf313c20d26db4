// Jobs of different sizes, first form: slots only, no memory bound, and capacity as a weight. Exact shares are bin packing, so here the aim is a bound: a server should stay
// within 5 % of its share. Big jobs go first, because small ones fill the gaps that they leave.
// A job bigger than the band allows still runs: it goes to the server that is the least loaded with it.
import { defined } from "../base/assert.ts";
import { byRing } from "./order.ts";
import { preferenceList } from "./preference.ts";
import { type Choice, nowhere, type Tally } from "./tally.ts";
import type { PlacementJob } from "./types.ts";

/** A sized job goes to one of its first so many preferences, or to the least loaded server. */
const sizedPreferencesMax = 16;

/** A balance evens out loads above 21/20 (1 + ε, ε = 0.05) or below 19/20 of the share … */
const sizedUpper: Ratio = { of: 21, per: 20 };
const sizedLower: Ratio = { of: 19, per: 20 };

/** … and jobs are placed up to 41/40 (1 + ε/2) of it, so that a placement is not undone at once. */
const sizedPlacement: Ratio = { of: 41, per: 40 };

interface Ratio {
  readonly of: number;
  readonly per: number;
}

export interface Receivers {
  /** Share of each server, in units. */
  readonly bounds: Float64Array;
  /** Whether a server may receive jobs. */
  readonly receives: (server: number) => boolean;
}

function scaled(bounds: Float64Array, { of, per }: Ratio): Float64Array {
  return bounds.map((bound) => Math.floor((bound * of) / per));
}

/** Loads relative to capacity, compared as fractions: < 0 when `a` is the less loaded one. */
function compareLoads(tally: Tally, a: Loaded, b: Loaded): number {
  return a.load * capacityOf(tally, b.server) - b.load * capacityOf(tally, a.server);
}

interface Loaded {
  readonly server: number;
  readonly load: number;
}

function capacityOf(tally: Tally, server: number): number {
  return defined(tally.servers[server], "server").capacity;
}

/** Places `jobs`, which are in order of priority; within one priority the biggest go first. */
export function placeSized(
  tally: Tally,
  jobs: readonly PlacementJob[],
  { bounds, receives }: Receivers,
): Choice[] {
  const loads = Float64Array.from(tally.loads);
  const caps = scaled(bounds, sizedPlacement);
  const receivers = [...tally.servers.keys()].filter(receives);
  const order = [...jobs].sort(
    (a, b) => b.priority - a.priority || b.slots - a.slots || byRing(a, b),
  );
  return order.map((job): Choice => {
    const preferences = preferenceList(tally.ring, job.position, {
      serversMax: sizedPreferencesMax,
      admits: receives,
    });
    const server =
      preferences.find((at) => (loads[at] ?? 0) + job.slots <= (caps[at] ?? 0)) ??
      leastLoadedWith(tally, loads, { job, candidates: [...preferences, ...receivers] });
    loads[server] = (loads[server] ?? 0) + job.slots;
    return { job, server };
  });
}

interface Candidates {
  readonly job: PlacementJob;
  /** Not empty; the first one wins among equals. */
  readonly candidates: readonly number[];
}

function leastLoadedWith(
  tally: Tally,
  loads: Float64Array,
  { job, candidates }: Candidates,
): number {
  let least: Loaded | undefined;
  for (const server of candidates) {
    const loaded = { server, load: (loads[server] ?? 0) + job.slots };
    if (least === undefined || compareLoads(tally, loaded, least) < 0) least = loaded;
  }
  return defined(least, "receiver").server;
}

/**
 * Moves jobs from the most loaded servers to those that are the least loaded with them, until all are
 * within the band around their share or no move helps. Each job moves at most once, so it ends.
 */
export function balanceSized(tally: Tally, { bounds, receives }: Receivers): Choice[] {
  const receivers = [...tally.servers.keys()].filter(receives);
  const scales: Scales = {
    receivers,
    loads: Float64Array.from(tally.loads),
    uppers: scaled(bounds, sizedUpper),
    lowers: scaled(bounds, sizedLower),
    movable: movableByServer(tally),
  };
  const { loads, movable } = scales;
  const choices: Choice[] = [];
  for (;;) {
    const fullestFirst = [...receivers].sort(
      (a, b) => compareLoads(tally, loadedOf(loads, b), loadedOf(loads, a)) || a - b,
    );
    const choice = firstDefined(fullestFirst, (from) => bestChoice(tally, scales, from));
    if (choice === undefined) return choices;
    const { job, from, server } = choice;
    movable.set(
      from,
      (movable.get(from) ?? []).filter((one) => one !== job),
    );
    loads[from] = (loads[from] ?? 0) - job.slots;
    loads[server] = (loads[server] ?? 0) + job.slots;
    choices.push({ job, server });
  }
}

interface Scales {
  readonly receivers: readonly number[];
  readonly loads: Float64Array;
  /** A server above or below is out of the band. */
  readonly uppers: Float64Array;
  readonly lowers: Float64Array;
  /** Each server's jobs that can still move, the biggest first. */
  readonly movable: Map<number, PlacementJob[]>;
}

interface MoveChoice extends Choice {
  readonly from: number;
}

/**
 * The biggest job of `from` that its target can take within the band, else the biggest that leaves the
 * target less loaded than `from` was. Only moves that bring a server nearer to the band count.
 */
function bestChoice(tally: Tally, scales: Scales, from: number): MoveChoice | undefined {
  const { receivers, loads, uppers, lowers, movable } = scales;
  const isOver = (loads[from] ?? 0) > (uppers[from] ?? 0);
  const isUnder = (server: number): boolean => (loads[server] ?? 0) < (lowers[server] ?? 0);
  const candidates = receivers.filter((server) => server !== from && (isOver || isUnder(server)));
  if (candidates.length === 0) return undefined;
  let second: MoveChoice | undefined;
  let slots = 0;
  for (const job of movable.get(from) ?? []) {
    // Jobs of one size have the same target.
    if (job.slots === slots) continue;
    slots = job.slots;
    const server = leastLoadedWith(tally, loads, { job, candidates });
    const after: Loaded = { server, load: (loads[server] ?? 0) + slots };
    if (compareLoads(tally, after, loadedOf(loads, from)) >= 0) continue;
    if (after.load <= (uppers[server] ?? 0)) return { job, from, server };
    second ??= { job, from, server };
  }
  return second;
}

function loadedOf(loads: Float64Array, server: number): Loaded {
  return { server, load: loads[server] ?? 0 };
}

function firstDefined<T, R>(items: readonly T[], find: (item: T) => R | undefined): R | undefined {
  for (const item of items) {
    const found = find(item);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Each server's movable jobs, the biggest first. */
function movableByServer(tally: Tally): Map<number, PlacementJob[]> {
  const jobs = new Map<number, PlacementJob[]>();
  tally.jobs.forEach((job, at) => {
    const owner = tally.owners[at] ?? nowhere;
    if (owner === nowhere || !job.movable) return;
    const list = jobs.get(owner);
    if (list === undefined) jobs.set(owner, [job]);
    else list.push(job);
  });
  for (const list of jobs.values()) list.sort((a, b) => b.slots - a.slots || byRing(a, b));
  return jobs;
}
