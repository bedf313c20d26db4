// Independent of the planner: they look at tables only, and search by brute force.
import type { PlacementInput } from "../../../src/placement/types.ts";

function loads({ servers, jobs }: PlacementInput): number[] {
  return servers.map(({ id }) => jobs.filter(({ owner }) => owner === id).length);
}

/** Most loaded minus least loaded server, in jobs. */
export function unevenness(input: PlacementInput): number {
  const all = loads(input);
  return Math.max(...all) - Math.min(...all);
}

/** Every job has an owner, and every server is less than one job from its exact share. */
export function isBalanced(input: PlacementInput): boolean {
  const total = input.servers.reduce((sum, { capacity }) => sum + capacity, 0);
  const all = loads(input);
  return (
    input.jobs.every(({ owner }) => owner !== undefined) &&
    input.servers.every(
      ({ capacity }, i) => Math.abs((all[i] ?? 0) * total - input.jobs.length * capacity) < total,
    )
  );
}

/** The least number of jobs that must change their owner to get a balanced table, of all tables. */
export function fewestMoves(input: PlacementInput): number {
  const { servers, jobs } = input;
  let fewest = Infinity;
  for (let code = 0; code < servers.length ** jobs.length; code += 1) {
    let rest = code;
    let moves = 0;
    const table = jobs.map((job) => {
      const owner = servers[rest % servers.length]?.id;
      rest = Math.floor(rest / servers.length);
      if (owner !== job.owner) moves += 1;
      return { ...job, owner };
    });
    if (moves < fewest && isBalanced({ servers, jobs: table })) fewest = moves;
  }
  return fewest;
}
