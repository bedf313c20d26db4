// The picture of the ring and the table that `ring show` draws. For people: computed on demand from this
// server's own tables, with the same planner functions that the leader uses.
import { algorithmVersion, planRepair } from "../placement/planner.ts";
import { homesOf } from "../placement/preference.ts";
import { locate } from "../placement/ring.ts";
import type { PlacementInput, Ring } from "../placement/types.ts";
import type { StateReader } from "../state/reader.ts";
import type { AssignmentRow } from "../state/rows.ts";
import type { RingView } from "./contract.ts";

const ringLength = 2 ** 53;
const millionth = 1_000_000;

/** Parts per million of the circle whose first point clockwise is the server's, by index. */
function shares(ring: Ring): readonly number[] {
  const lengths = ring.serverIds.map(() => 0);
  ring.tops.forEach((top, point) => {
    const before = point === 0 ? (ring.tops.at(-1) ?? 0) - ringLength : (ring.tops[point - 1] ?? 0);
    const server = ring.servers[point] ?? 0;
    lengths[server] = (lengths[server] ?? 0) + (top - before);
  });
  return lengths.map((length) => Math.round((length / ringLength) * millionth));
}

function ownerOf({ assignment }: AssignmentRow): string {
  return assignment.state === "assigned" || assignment.state === "revoking"
    ? assignment.owner.serverId
    : "";
}

function maxMinusMin(servers: RingView["servers"]): number {
  const loads = servers.filter(({ eligible }) => eligible).map(({ load }) => load);
  return loads.length === 0 ? 0 : Math.max(...loads) - Math.min(...loads);
}

/** `input.ring` must be set. */
export function ringView(
  state: StateReader,
  input: PlacementInput & { readonly ring: Ring },
): RingView {
  const { ring } = input;
  const { loads, quotas } = planRepair({
    ...input,
    jobs: input.jobs.filter(({ owner }) => owner !== undefined),
  });
  const eligible = new Set(input.servers.filter((server) => server.eligible).map(({ id }) => id));
  const ringShares = shares(ring);
  const homes = homesOf(ring, (server) => eligible.has(ring.serverIds[server] ?? ""));
  const positions = new Map(input.jobs.map(({ id, position }) => [id, position]));
  const servers = input.servers.map(({ id, capacity }) => ({
    serverId: id,
    capacity,
    eligible: eligible.has(id),
    load: loads.get(id) ?? 0,
    quota: quotas.get(id) ?? 0,
    ringSharePpm: ringShares[ring.serverIds.indexOf(id)] ?? 0,
  }));
  const jobs = state.assignments().map((row) => {
    const job = state.job(row.jobId);
    const position = positions.get(row.jobId);
    const home = position === undefined ? undefined : homes[locate(ring, position)];
    return {
      jobId: row.jobId,
      name: job === undefined ? "" : `${job.namespace}/${job.name}`,
      state: row.assignment.state,
      owner: ownerOf(row),
      epoch: row.epoch,
      home: home === undefined || home < 0 ? "" : (ring.serverIds[home] ?? ""),
    };
  });
  return {
    revision: state.revision,
    algorithmVersion,
    servers,
    jobs,
    maxMinusMin: maxMinusMin(servers),
  };
}
