// What-if: what joins and departures would move, before anybody does them.
import { planBalance } from "./balance.ts";
import { placementErrors } from "./errors.ts";
import { planRepair } from "./place.ts";
import { loadsOf, withMoves } from "./table.ts";
import type {
  PlacementChange,
  PlacementInput,
  PlacementJob,
  PlacementMove,
  PlacementPlan,
  PlacementServer,
  Simulation,
} from "./types.ts";

/**
 * Removes and adds servers, then repairs and balances without a limit. A server that is removed and
 * added in one change is replaced (another capacity, for instance) and keeps its jobs.
 *
 * @throws QUORATE_PLACEMENT_SERVER_UNKNOWN when a server to remove is not in the input
 * @throws QUORATE_PLACEMENT_SERVER_EXISTS when a server to add is in the input and not removed, or added twice
 */
export function simulate(input: PlacementInput, change: PlacementChange): Simulation {
  const servers = changed(input.servers, change);
  const gone = new Set(change.remove.filter((id) => !servers.has(id)));
  const jobs = input.jobs.map(
    (job): PlacementJob =>
      job.owner !== undefined && gone.has(job.owner) ? { ...job, owner: undefined } : job,
  );
  const after: PlacementInput = { servers: [...servers.values()], jobs };
  const repair = planRepair(after);
  const balance = planBalance(withMoves(after, repair), { movesMax: Infinity });
  return {
    moves: joined(input.jobs, [repair, balance]),
    repairs: repair.moves.length,
    unplaced: repair.unplaced,
    before: loadsOf(input),
    after: balance.loads,
    quotas: balance.quotas,
  };
}

function changed(
  servers: readonly PlacementServer[],
  { add, remove }: PlacementChange,
): Map<string, PlacementServer> {
  const byId = new Map(servers.map((server) => [server.id, server]));
  for (const id of remove) {
    if (!byId.delete(id)) {
      throw placementErrors.SERVER_UNKNOWN(`there is no server ${id}`, { fields: { server: id } });
    }
  }
  for (const server of add) {
    const { id } = server;
    if (byId.has(id)) {
      throw placementErrors.SERVER_EXISTS(`server ${id} exists`, { fields: { server: id } });
    }
    byId.set(id, server);
  }
  return byId;
}

/** One move per job: with jobs of different sizes a balance can move on what the repair just placed. */
function joined(jobs: readonly PlacementJob[], plans: readonly PlacementPlan[]): PlacementMove[] {
  const targets = new Map<string, string>();
  for (const { moves } of plans) for (const { job, to } of moves) targets.set(job, to);
  const owners = new Map(jobs.map(({ id, owner }) => [id, owner]));
  const moves: PlacementMove[] = [];
  for (const [job, to] of targets) {
    const from = owners.get(job);
    if (from !== to) moves.push({ job, from, to });
  }
  return moves;
}
