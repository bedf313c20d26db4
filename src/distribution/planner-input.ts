// From the replicated tables to what the planner understands. Three questions are answered here and nowhere
// else: which servers may receive jobs, which jobs have no living owner, and which ones are on their way.
import type { SessionId } from "../base/numbers.ts";
import { buildRing, type RingHasher } from "../placement/ring.ts";
import type { PlacementInput, PlacementJob, PlacementServer, Ring } from "../placement/types.ts";
import type { Replica } from "../replica/contract.ts";
import type { AssignmentRow, JobRow, ServerRow } from "../state/rows.ts";

/** What the leader knows beside the tables. */
export interface Observed {
  /** Sessions that end with the plan being made: their jobs are orphans already. */
  readonly expired: ReadonlySet<SessionId>;
  /** Missed beats: nothing new is placed there. */
  readonly suspect: (serverId: string) => boolean;
}

export class PlannerInput {
  readonly #replica: Pick<Replica, "state">;
  readonly #hasher: RingHasher;
  #ring: Ring | undefined;

  constructor(replica: Pick<Replica, "state">, hasher: RingHasher) {
    this.#replica = replica;
    this.#hasher = hasher;
  }

  build(observed: Observed): PlacementInput {
    const servers = this.#servers(observed);
    const jobs = this.#replica.state.assignments().flatMap((row) => {
      const job = this.#replica.state.job(row.jobId);
      const placed = job === undefined ? undefined : this.#job(job, row, observed);
      return placed === undefined ? [] : [placed];
    });
    return { servers, jobs, ring: this.#ringOf(servers) };
  }

  #servers(observed: Observed): PlacementServer[] {
    return this.#replica.state.servers().flatMap((row) => {
      // A removed server is no part of the ring; what its session still holds stays with it until the session ends.
      if (row.role === "removed") return [];
      const { serverId } = row.profile;
      const session = this.#replica.state.activeSession(serverId);
      const capacity = session?.capacity ?? row.profile.capacity;
      if (capacity < 1) return [];
      const alive = session !== undefined && !observed.expired.has(session.session);
      const eligible = alive && takesWork(row) && !observed.suspect(serverId);
      return [{ id: serverId, capacity, eligible, points: this.#hasher.points(serverId) }];
    });
  }

  #job(job: JobRow, row: AssignmentRow, observed: Observed): PlacementJob | undefined {
    const { assignment } = row;
    if (assignment.state === "stopped" || assignment.state === "quarantined") return undefined;
    const common = {
      id: job.jobId,
      position: this.#hasher.position(job.jobId),
      slots: job.spec.slots,
      priority: job.spec.priority,
    };
    if (assignment.state === "pending") return { ...common, owner: undefined, movable: true };
    const { owner } = assignment;
    const orphan = !this.#alive(owner.session, observed);
    if (assignment.state === "assigned") {
      const current = this.#replica.state.activeSession(owner.serverId)?.session === owner.session;
      return { ...common, owner: orphan ? undefined : owner.serverId, movable: current };
    }
    if (job.desired !== "running") return undefined;
    if (orphan) return { ...common, owner: undefined, movable: true };
    return { ...common, owner: (assignment.next ?? owner).serverId, movable: false };
  }

  #alive(session: SessionId, observed: Observed): boolean {
    return (
      !observed.expired.has(session) && this.#replica.state.session(session)?.state === "active"
    );
  }

  // The ring depends on the set of ids alone, and sorting its points is the slow part of a plan.
  #ringOf(servers: readonly PlacementServer[]): Ring {
    const known = this.#ring;
    const same =
      known?.serverIds.length === servers.length &&
      servers.every(({ id }) => known.serverIds.includes(id));
    if (known !== undefined && same) return known;
    this.#ring = buildRing(servers);
    return this.#ring;
  }
}

function takesWork(row: ServerRow): boolean {
  return row.admin === "active";
}
