// Placing jobs that have no server to stay on: orphans (repair), jobs of a server that is being emptied
// (drain), and a job that was just submitted. None of these touches a job that is well where it is.
import { assert } from "../base/assert.ts";
import { prioritySorted } from "./order.ts";
import { RoomFinder } from "./preference.ts";
import { placeSized, type Receivers } from "./sized.ts";
import {
  type Choice,
  eligibleOf,
  limited,
  nowhere,
  orphanUnits,
  planOf,
  quotasOf,
  type Tally,
  tallyOf,
  unitsOf,
} from "./tally.ts";
import type {
  DrainOptions,
  PlacementInput,
  PlacementJob,
  PlacementPlan,
  UnplacedJob,
} from "./types.ts";

/**
 * Gives every orphan a server, and moves nothing else: by priority, then in ring order, each to the
 * first eligible server clockwise that is below its quota. All are placed when any server is eligible.
 */
export function planRepair(input: PlacementInput): PlacementPlan {
  const tally = tallyOf(input);
  const jobs = prioritySorted(tally.orphans);
  const receives = eligibleOf(tally);
  const bounds = quotasOf(tally, orphanUnits(tally), receives);
  return planOf(tally, { ...place(tally, jobs, { bounds, receives }), quotas: bounds });
}

/**
 * Empties servers: their movable jobs go to the others as orphans would, by priority. A throttled drain
 * (`movesMax`) goes on where it stopped, since jobs that wait count toward the quotas already.
 */
export function planDrain(input: PlacementInput, options: DrainOptions): PlacementPlan {
  const tally = tallyOf(input);
  const emptied = new Set(options.serverIds.map((id) => tally.indexOf(id)));
  emptied.delete(nowhere);
  const jobs = prioritySorted(
    tally.jobs.filter((job, at) => job.movable && emptied.has(tally.owners[at] ?? nowhere)),
  );
  let arriving = orphanUnits(tally);
  for (const job of jobs) arriving += unitsOf(tally, job);
  const eligible = eligibleOf(tally);
  const receives = (server: number): boolean => eligible(server) && !emptied.has(server);
  const bounds = quotasOf(tally, arriving, receives);
  const { choices, unplaced } = place(tally, jobs, { bounds, receives });
  return planOf(tally, { choices: limited(choices, options.movesMax), unplaced, quotas: bounds });
}

/**
 * Where a new job goes: the first server clockwise that stays within its share rounded up. That is laxer
 * than its quota, so that a job starts its life at its home more often; `job` is not in `input.jobs`.
 */
export function placeNew(input: PlacementInput, job: PlacementJob): PlacementPlan {
  const orphan: PlacementJob = { ...job, owner: undefined };
  const tally = tallyOf(input, orphan);
  const arriving = orphanUnits(tally) + unitsOf(tally, orphan);
  const receives = eligibleOf(tally);
  const quotas = quotasOf(tally, arriving, receives);
  const bounds = ceilings(tally, arriving);
  return planOf(tally, { ...place(tally, [orphan], { bounds, receives }), quotas });
}

/** Exact share of all eligible load and `arriving`, rounded up. */
function ceilings(tally: Tally, arriving: number): Float64Array {
  const ceilingsByServer = new Float64Array(tally.servers.length);
  let total = arriving;
  let weights = 0;
  tally.servers.forEach(({ capacity, eligible }, server) => {
    if (!eligible) return;
    total += tally.loads[server] ?? 0;
    weights += capacity;
  });
  tally.servers.forEach(({ capacity, eligible }, server) => {
    if (!eligible) return;
    const product = total * capacity;
    const remainder = product % weights;
    ceilingsByServer[server] = (product - remainder) / weights + (remainder > 0 ? 1 : 0);
  });
  return ceilingsByServer;
}

interface Placed {
  readonly choices: readonly Choice[];
  readonly unplaced: readonly UnplacedJob[];
}

function place(tally: Tally, jobs: readonly PlacementJob[], receivers: Receivers): Placed {
  const { bounds, receives } = receivers;
  if (!tally.servers.some((_, server) => receives(server))) {
    const reason = "no-eligible-server";
    return { choices: [], unplaced: jobs.map(({ id }) => ({ job: id, reason })) };
  }
  if (tally.sized) return { choices: placeSized(tally, jobs, receivers), unplaced: [] };
  const room = bounds.map((bound, server) => bound - (tally.loads[server] ?? 0));
  const finder = new RoomFinder(tally.ring, room);
  const choices = jobs.map((job): Choice => {
    const server = finder.first(job.position);
    assert(server !== nowhere, `no room for job ${job.id}, although quotas sum to all jobs`);
    finder.take(server);
    return { job, server };
  });
  return { choices, unplaced: [] };
}
