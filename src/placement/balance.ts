// Evening out. A server above its quota has surplus; exactly that many of its jobs move, and no job of
// any other server does, so no table with these quotas can be reached with fewer moves. Which of its jobs
// go is free: first those whose home has room, then those that prefer another server with room to theirs
// (so a server that was lost and returns gets back what it had), then those that are away from home
// anyway, and only then jobs that sit at home.
import { assert, defined } from "../base/assert.ts";
import { ringSorted } from "./order.ts";
import { homesOf, RoomFinder } from "./preference.ts";
import { indexJobs } from "./ring.ts";
import { balanceSized } from "./sized.ts";
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
} from "./tally.ts";
import type { JobIndex, MoveLimit, PlacementInput, PlacementJob, PlacementPlan } from "./types.ts";

/**
 * Moves surplus, and nothing else, to servers below their quota. With equal capacities and no fixed jobs
 * the eligible servers end within one job of each other; with unequal ones each ends less than one job
 * from its exact share. Jobs of servers that are not eligible stay (`planDrain` empties a server), and
 * orphans are left to `planRepair` but their room is kept.
 */
export function planBalance(input: PlacementInput, { movesMax }: MoveLimit): PlacementPlan {
  const tally = tallyOf(input);
  const receives = eligibleOf(tally);
  const bounds = quotasOf(tally, orphanUnits(tally), receives);
  const all = tally.sized
    ? balanceSized(tally, { bounds, receives })
    : moveSurplus(tally, bounds, receives);
  return planOf(tally, { choices: limited(all, movesMax), quotas: bounds });
}

function moveSurplus(
  tally: Tally,
  quotas: Float64Array,
  receives: (server: number) => boolean,
): Choice[] {
  const units = quotas.map((quota, server) =>
    receives(server) ? Math.max(0, (tally.loads[server] ?? 0) - quota) : 0,
  );
  if (units.every((unit) => unit === 0)) return [];
  const surplus = new Surplus(tally, units);
  const homes = homesOf(tally.ring, receives);
  const room = quotas.map((quota, server) => quota - (tally.loads[server] ?? 0));
  const finder = new RoomFinder(tally.ring, room);
  const choices: Choice[] = [];
  const late: PlacementJob[] = [];

  const choose = (job: PlacementJob, server: number): void => {
    finder.take(server);
    choices.push({ job, server });
  };
  const postpone = (job: PlacementJob): void => {
    late.push(job);
  };
  const homeOf = (point: number): number => homes[point] ?? nowhere;
  surplus.release((point) => (finder.roomOf(homeOf(point)) > 0 ? homeOf(point) : nowhere), choose);
  surplus.release((point, owner) => finder.firstBefore(point, owner), choose);
  surplus.release((point, owner) => (homeOf(point) === owner ? nowhere : owner), postpone);
  surplus.release((_, owner) => owner, postpone);
  for (const job of ringSorted(late)) {
    const server = finder.first(job.position);
    assert(server !== nowhere, `no room for job ${job.id}, although quotas sum to all jobs`);
    finder.take(server);
    choices.push({ job, server });
  }
  return choices;
}

/** How many jobs each server has still to give away, and which it gave. */
class Surplus {
  readonly #tally: Tally;
  readonly #index: JobIndex;
  readonly #units: Float64Array;
  readonly #released: Uint8Array;
  #left = 0;

  constructor(tally: Tally, units: Float64Array) {
    this.#tally = tally;
    this.#index = tally.index ?? indexJobs(tally.ring, tally.jobs);
    this.#units = units;
    this.#released = new Uint8Array(tally.jobs.length);
    for (const unit of units) this.#left += unit;
  }

  /**
   * In ring order, gives away movable jobs as long as their servers have surplus. `pick` is told the job's
   * first point and its owner and says where it could go, or `nowhere` when it should not go now.
   */
  release(
    pick: (point: number, owner: number) => number,
    give: (job: PlacementJob, server: number) => void,
  ): void {
    const { jobs, owners } = this.#tally;
    const { order, points } = this.#index;
    for (const at of order) {
      if (this.#left === 0) return;
      const owner = owners[at] ?? nowhere;
      const units = this.#units[owner] ?? 0;
      if (units === 0 || this.#released[at] === 1) continue;
      const server = pick(points[at] ?? 0, owner);
      if (server === nowhere) continue;
      const job = defined(jobs[at], "job");
      if (!job.movable) continue;
      this.#units[owner] = units - 1;
      this.#left -= 1;
      this.#released[at] = 1;
      give(job, server);
    }
  }
}
