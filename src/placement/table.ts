// The table as the planner sees it, before and after a plan: for questions about what would be.
import type { PlacementInput, PlacementJob, PlacementPlan } from "./types.ts";

/** The input as it is once a plan is carried out. */
export function withMoves(input: PlacementInput, plan: PlacementPlan): PlacementInput {
  const owners = new Map(plan.moves.map(({ job, to }) => [job, to]));
  const jobs = input.jobs.map((job): PlacementJob => {
    const owner = owners.get(job.id);
    return owner === undefined ? job : { ...job, owner };
  });
  return { ...input, jobs };
}

/** Slots that the jobs on each server of the input take. */
export function loadsOf({ servers, jobs }: PlacementInput): Map<string, number> {
  const loads = new Map(servers.map(({ id }) => [id, 0]));
  for (const { owner, slots } of jobs) {
    const load = owner === undefined ? undefined : loads.get(owner);
    if (owner !== undefined && load !== undefined) loads.set(owner, load + slots);
  }
  return loads;
}
