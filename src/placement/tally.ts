// One pass over an input, for all planning functions: servers in id order (so that an index means the
// same here and in the ring), what each holds, who has no owner.
import { assert, defined } from "../base/assert.ts";
import { compareIds } from "./order.ts";
import { integerQuotas } from "./quota.ts";
import { buildRing } from "./ring.ts";
import type {
  JobIndex,
  PlacementInput,
  PlacementJob,
  PlacementMove,
  PlacementPlan,
  PlacementServer,
  Ring,
  UnplacedJob,
} from "./types.ts";

/** The owner index of orphans and of jobs whose owner the input does not name. */
export const nowhere = -1;

/**
 * Two ways to count. When all jobs take the same number of slots a unit is one job and every share is
 * exact; as soon as one differs a unit is one slot and `sized.ts` does the work.
 */
export interface Tally {
  readonly servers: readonly PlacementServer[];
  readonly ring: Ring;
  readonly jobs: readonly PlacementJob[];
  readonly index: JobIndex | undefined;
  /** Server index of job i, or `nowhere`. */
  readonly owners: Int32Array;
  readonly orphans: readonly PlacementJob[];
  /** Index of a server id, or `nowhere`. */
  readonly indexOf: (serverId: string) => number;
  readonly sized: boolean;
  /** Slots of one unit: those of each job when all are equal, 1 when they differ. */
  readonly slotsPerUnit: number;
  /** Units per server. */
  readonly loads: Float64Array;
  /** Units per server that cannot move. */
  readonly fixed: Float64Array;
}

/** Units that a job takes. */
export function unitsOf(tally: Tally, job: PlacementJob): number {
  return tally.sized ? job.slots : 1;
}

/** `extra`: a job that is not in the input yet and decides with the others how units are counted. */
export function tallyOf(input: PlacementInput, extra?: PlacementJob): Tally {
  const servers = [...input.servers].sort((a, b) => compareIds(a.id, b.id));
  const ring = input.ring ?? buildRing(servers);
  const indices = new Map<string, number>();
  assert(ring.serverIds.length === servers.length, "the ring is not that of these servers");
  servers.forEach(({ id, capacity }, at) => {
    assert(ring.serverIds[at] === id, `the ring is not that of these servers: ${id}`);
    assert(isPositive(capacity), `capacity of ${id} is not an integer ≥ 1`);
    indices.set(id, at);
  });
  const indexOf = (serverId: string): number => indices.get(serverId) ?? nowhere;
  const { sized, ...counts } = count(input.jobs, indexOf, {
    servers: servers.length,
    slots: extra?.slots ?? input.jobs[0]?.slots ?? 1,
  });
  const { jobs, index } = input;
  assert(
    index === undefined || index.order.length === jobs.length,
    "the index is not that of these jobs",
  );
  return { servers, ring, jobs, index, indexOf, sized, ...counts };
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

interface Expected {
  readonly servers: number;
  /** What each job takes unless they differ. */
  readonly slots: number;
}

type Counts = Pick<Tally, "owners" | "orphans" | "loads" | "fixed" | "sized" | "slotsPerUnit">;

function count(
  jobs: readonly PlacementJob[],
  indexOf: (serverId: string) => number,
  expected: Expected,
): Counts {
  const owners = new Int32Array(jobs.length).fill(nowhere);
  const loads = new Float64Array(expected.servers);
  const fixed = new Float64Array(expected.servers);
  const orphans: PlacementJob[] = [];
  let sized = false;
  let at = 0;
  for (const job of jobs) {
    const { owner, slots } = job;
    assert(isPositive(slots), `slots of job ${job.id} is not an integer ≥ 1`);
    if (slots !== expected.slots) sized = true;
    if (owner === undefined) {
      orphans.push(job);
    } else {
      const server = indexOf(owner);
      owners[at] = server;
      if (server !== nowhere) {
        loads[server] = (loads[server] ?? 0) + slots;
        if (!job.movable) fixed[server] = (fixed[server] ?? 0) + slots;
      }
    }
    at += 1;
  }
  const slotsPerUnit = sized ? 1 : expected.slots;
  const inUnits = (slots: number): number => slots / slotsPerUnit;
  return {
    owners,
    orphans,
    loads: loads.map(inUnits),
    fixed: fixed.map(inUnits),
    sized,
    slotsPerUnit,
  };
}

/**
 * What the servers that receive should hold: their share of all that they hold and of `arriving` more
 * units. What other servers (suspect, cordoned) hold stays there and counts nowhere else, so that they
 * are even among themselves. 0 for everybody else.
 */
export function quotasOf(
  tally: Tally,
  arriving: number,
  receives: (server: number) => boolean,
): Float64Array {
  const quotas = new Float64Array(tally.servers.length);
  const receivers = [...tally.servers.keys()].filter(receives);
  if (receivers.length === 0) return quotas;
  let total = arriving;
  for (const server of receivers) total += tally.loads[server] ?? 0;
  const shares = receivers.map((server) => ({
    ...defined(tally.servers[server], "server"),
    load: tally.loads[server] ?? 0,
    fixed: tally.fixed[server] ?? 0,
  }));
  const parts = integerQuotas(total, shares);
  receivers.forEach((server, i) => {
    quotas[server] = parts[i] ?? 0;
  });
  return quotas;
}

/** The servers that may receive jobs. */
export function eligibleOf(tally: Tally): (server: number) => boolean {
  return (server) => tally.servers[server]?.eligible === true;
}

/** Units that orphans will take. */
export function orphanUnits(tally: Tally): number {
  let units = 0;
  for (const job of tally.orphans) units += unitsOf(tally, job);
  return units;
}

/** The first `movesMax` of the choices. */
export function limited(choices: readonly Choice[], movesMax: number): Choice[] {
  assert(movesMax >= 0, "a plan cannot have fewer than no moves");
  return choices.slice(0, movesMax);
}

/** A job and the index of the server that it goes to. */
export interface Choice {
  readonly job: PlacementJob;
  readonly server: number;
}

export interface Outcome {
  readonly choices: readonly Choice[];
  readonly unplaced?: readonly UnplacedJob[];
  readonly quotas: Float64Array;
}

/** The answer in the caller's terms: ids and slots, with the loads after the moves. */
export function planOf(tally: Tally, { choices, unplaced = [], quotas }: Outcome): PlacementPlan {
  const loads = Float64Array.from(tally.loads);
  const moves = choices.map(({ job, server }): PlacementMove => {
    const units = unitsOf(tally, job);
    const from = job.owner === undefined ? nowhere : tally.indexOf(job.owner);
    assert(from !== server, `job ${job.id} would move to where it is`);
    if (from !== nowhere) loads[from] = (loads[from] ?? 0) - units;
    loads[server] = (loads[server] ?? 0) + units;
    return { job: job.id, from: job.owner, to: defined(tally.servers[server], "server").id };
  });
  return { moves, unplaced, loads: inSlots(tally, loads), quotas: inSlots(tally, quotas) };
}

function inSlots(tally: Tally, units: Float64Array): Map<string, number> {
  return new Map(tally.servers.map(({ id }, at) => [id, (units[at] ?? 0) * tally.slotsPerUnit]));
}
