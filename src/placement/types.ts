// What the planner is told and what it answers. The room is a stranger to the replicated state: ids
// are strings, and sessions, epochs and leases are the caller's business.

/**
 * A place on the ring: an xxhash64 value in two parts, so that the larger one orders as an exact
 * double. A 64-bit hash `h` gives `top = h >> 11` and `low = h & 0x7ff`.
 */
export interface RingPosition {
  /** Top 53 bits: a safe integer in [0, 2^53). */
  readonly top: number;
  /** Low 11 bits, in [0, 2048); only breaks ties. */
  readonly low: number;
}

/** One server's points (virtual nodes): a pure function of its id, so it can be kept for ever. */
export interface RingPoints {
  /** `RingPosition.top` of point i. */
  readonly tops: Float64Array;
  /** `RingPosition.low` of point i. */
  readonly lows: Uint16Array;
}

/**
 * All points of a set of servers, sorted clockwise. Depends on nothing but ids and capacities, so
 * it outlives every change of health: build it with `buildRing`, keep it, and hand it to every plan.
 */
export interface Ring {
  /** Ascending by code unit; `servers` refers to this list. */
  readonly serverIds: readonly string[];
  /** Point i: top bits, ascending. */
  readonly tops: Float64Array;
  /** Point i: low bits. */
  readonly lows: Uint16Array;
  /** Point i: index into `serverIds`. */
  readonly servers: Int32Array;
  /** First point at or after the start of each of 2^`bucketBits` equal arcs: a look-up costs O(1). */
  readonly buckets: Int32Array;
  /** log2 of the number of arcs. */
  readonly bucketBits: number;
}

/** Where the jobs of one list are on one ring; depends on ids alone. */
export interface JobIndex {
  /** Indices of the jobs, in ring order. */
  readonly order: Int32Array;
  /** Job i: the first point of the ring clockwise of it. */
  readonly points: Int32Array;
}

export interface PlacementServer {
  readonly id: string;
  /** Slots, an integer ≥ 1. A weight, not a bound: quotas are shares of the work in this ratio. */
  readonly capacity: number;
  /** May receive jobs: alive, not suspect, not draining, not cordoned. */
  readonly eligible: boolean;
  /** From `RingHasher.points(id)`. */
  readonly points: RingPoints;
}

export interface PlacementJob {
  /** Unique among the jobs of one input. */
  readonly id: string;
  /** From `RingHasher.position(id)`. */
  readonly position: RingPosition;
  /**
   * Server that holds the job; undefined = orphan. For a job on its way from one server to another
   * give the server that will have it (and `movable: false`), so that its room there is taken.
   */
  readonly owner: string | undefined;
  /** An integer ≥ 1. */
  readonly slots: number;
  /** False while a hand-off of it is under way, or when it is pinned. Means nothing for an orphan. */
  readonly movable: boolean;
  /** Higher goes first when orphans are placed and servers are drained. */
  readonly priority: number;
}

/** One change of a plan: `job` goes to `to`; `from` is undefined when it had no owner. */
export interface PlacementMove {
  readonly job: string;
  readonly from: string | undefined;
  readonly to: string;
}

export interface PlacementInput {
  /** Ids unique; order means nothing. */
  readonly servers: readonly PlacementServer[];
  /** Ids unique; order means nothing. */
  readonly jobs: readonly PlacementJob[];
  /** `buildRing(servers)` of the same servers, kept from an earlier plan; built when absent. */
  readonly ring?: Ring | undefined;
  /**
   * `indexJobs(ring, jobs)` of this ring and of the same jobs in the same order (owners may differ), kept
   * from an earlier plan. Sorting is most of a balance; done by the balance itself when absent.
   */
  readonly index?: JobIndex | undefined;
}

/** Why a job stays without an owner. */
export type UnplacedReason = "no-eligible-server";

export interface UnplacedJob {
  readonly job: string;
  readonly reason: UnplacedReason;
}

/**
 * The answer of every planning function. `loads` are those after the moves; `loads` and `quotas` are
 * in slots (= jobs, when each takes one) and name every server of the input, with quota 0 for those
 * that are not eligible.
 */
export interface PlacementPlan {
  readonly moves: readonly PlacementMove[];
  readonly unplaced: readonly UnplacedJob[];
  readonly loads: ReadonlyMap<string, number>;
  readonly quotas: ReadonlyMap<string, number>;
}

/** Limits of one balance or drain plan. */
export interface MoveLimit {
  /** At most so many moves; the next plan goes on where this one stopped. */
  readonly movesMax: number;
}

export interface DrainOptions extends MoveLimit {
  /** Servers to empty; none of them receives jobs, whatever `eligible` says. */
  readonly serverIds: readonly string[];
}

/** What-if: servers that come (with their capacity) and servers that go for good. */
export interface PlacementChange {
  readonly add: readonly PlacementServer[];
  readonly remove: readonly string[];
}

export interface Simulation {
  /** Each job at most once, with the owner it has now (also when that server is removed). */
  readonly moves: readonly PlacementMove[];
  /** How many of the moves place jobs of removed servers and jobs that had no owner. */
  readonly repairs: number;
  readonly unplaced: readonly UnplacedJob[];
  /** In slots, per server: before the change and after all moves. */
  readonly before: ReadonlyMap<string, number>;
  readonly after: ReadonlyMap<string, number>;
  readonly quotas: ReadonlyMap<string, number>;
}

/** One line of a job's preference list. `load` and `quota` in slots. */
export interface ExplainedPreference {
  readonly server: string;
  readonly eligible: boolean;
  readonly load: number;
  readonly quota: number;
}

/**
 * Why a job is where it is:
 * - `orphan`: it has no owner; the next repair places it
 * - `fixed`: a hand-off is under way, or it is pinned
 * - `owner-not-eligible`: its server takes no new jobs but keeps what it has
 * - `at-home`: its server is its first preference among the eligible ones
 * - `preferred-full`: every server it would prefer is at its quota
 * - `sticky`: a preferred server has room, but moving the job would not even anything out
 * - `surplus`: its server is above its quota and the next balance moves the job
 */
export type ExplainReason =
  | "orphan"
  | "fixed"
  | "owner-not-eligible"
  | "at-home"
  | "preferred-full"
  | "sticky"
  | "surplus";

export interface Explanation {
  readonly job: string;
  readonly owner: string | undefined;
  /** First eligible server clockwise; undefined when there is none. */
  readonly home: string | undefined;
  /** In the order in which the servers come for this job, at most `explainedPreferencesMax`. */
  readonly preferences: readonly ExplainedPreference[];
  readonly reason: ExplainReason;
  /** One sentence for people. */
  readonly text: string;
  /** Where an unlimited repair and balance would put it now; undefined = it stays. */
  readonly next: string | undefined;
}
