// The consistent-hash ring (Karger et al., STOC 1997). Here it owns nothing: it only says in which order
// the servers come for a job, so that a server that leaves and returns finds the same jobs again, and a
// newcomer takes a little from everybody. Who runs what is the stored table's business.
//
// A ring covers all servers, also those that may not receive jobs now: it depends on ids and capacities
// alone, and survives every change of health.
import { assert, defined } from "../base/assert.ts";
import type { Hash64 } from "../base/hash.ts";
import { compareIds, type RingJob, ringOrder } from "./order.ts";
import type { JobIndex, PlacementServer, Ring, RingPoints, RingPosition } from "./types.ts";

/** Virtual nodes of a server (fewer when others are larger). More bring no better balance (quotas do that), fewer more detours. */
export const pointsPerServer = 256;

/** Servers whose points are kept; far above the size of any Raft group plus its workers. */
const hashedServersMax = 4096;

const positionBits = 53;
const twoTo21 = 0x20_0000;
const lowMask = 0x7ff;

/** Hashes ids to positions. Points of servers are kept, since hashing them is the slow part of a ring. */
export class RingHasher {
  readonly #hash: Hash64;
  readonly #points = new Map<string, RingPoints>();

  constructor(hash: Hash64) {
    this.#hash = hash;
  }

  /** Where a job or a point is: `xxh64(text)`. */
  position(text: string): RingPosition {
    const { high, low } = this.#hash.text(text);
    return { top: high * twoTo21 + (low >>> 11), low: low & lowMask };
  }

  /** The server's points, `xxh64(serverId + '#' + i)`. */
  points(serverId: string): RingPoints {
    const known = this.#points.get(serverId);
    if (known !== undefined) return known;
    if (this.#points.size >= hashedServersMax) this.#points.clear();
    const tops = new Float64Array(pointsPerServer);
    const lows = new Uint16Array(pointsPerServer);
    for (let i = 0; i < pointsPerServer; i += 1) {
      const { top, low } = this.position(`${serverId}#${String(i)}`);
      tops[i] = top;
      lows[i] = low;
    }
    const points: RingPoints = { tops, lows };
    this.#points.set(serverId, points);
    return points;
  }
}

/** What a ring depends on. */
export type RingServer = Pick<PlacementServer, "id" | "capacity" | "points">;

interface Point extends RingPosition {
  readonly server: number;
}

/**
 * Sorts the points of all `servers`, eligible or not. The servers with the greatest capacity use all their
 * points, the others as many of their first ones as corresponds to theirs. That saves no moves (quotas
 * decide how many there are), but a job's home is then a server that has room for it: with capacities of
 * 1 : 2 : 4 : 8, 98 % instead of 82 % of a returning server's jobs come back to it (measured).
 *
 * O(points · log points): keep the result.
 */
export function buildRing(servers: readonly RingServer[]): Ring {
  const sorted = [...servers].sort((a, b) => compareIds(a.id, b.id));
  let capacityMax = 1;
  for (const { capacity } of sorted) capacityMax = Math.max(capacityMax, capacity);
  const points: Point[] = [];
  sorted.forEach(({ id, capacity, points: own }, server) => {
    assert(server === 0 || sorted[server - 1]?.id !== id, `server ${id} is twice in one ring`);
    const used = Math.ceil((own.tops.length * capacity) / capacityMax);
    for (let i = 0; i < used; i += 1) {
      points.push({ top: own.tops[i] ?? 0, low: own.lows[i] ?? 0, server });
    }
  });
  // Index order is id order, so the last key parts points at the very same position by server id.
  points.sort((a, b) => a.top - b.top || a.low - b.low || a.server - b.server);
  const tops = Float64Array.from(points, (point) => point.top);
  return {
    serverIds: sorted.map(({ id }) => id),
    tops,
    lows: Uint16Array.from(points, (point) => point.low),
    servers: Int32Array.from(points, (point) => point.server),
    ...arcs(tops),
  };
}

/** Positions are uniform, so with as many arcs as points a look-up meets one point on average. */
function arcs(tops: Float64Array): Pick<Ring, "buckets" | "bucketBits"> {
  let bucketBits = 1;
  while (2 ** bucketBits < tops.length) bucketBits += 1;
  const arcLength = 2 ** (positionBits - bucketBits);
  const buckets = new Int32Array(2 ** bucketBits);
  let point = 0;
  for (let arc = 0; arc < buckets.length; arc += 1) {
    while (point < tops.length && defined(tops[point], "point") < arc * arcLength) point += 1;
    buckets[arc] = point;
  }
  return { buckets, bucketBits };
}

/** Index of the first point clockwise at or after `position`. The ring must not be empty. */
export function locate(ring: Ring, position: RingPosition): number {
  const { tops, lows, buckets, bucketBits } = ring;
  const { top, low } = position;
  const { length } = tops;
  let point = buckets[Math.floor(top / 2 ** (positionBits - bucketBits))] ?? length;
  while (point < length) {
    const at = tops[point] ?? 0;
    if (at > top || (at === top && (lows[point] ?? 0) >= low)) break;
    point += 1;
  }
  return point === length ? 0 : point;
}

/** Sorts `jobs` and finds their points. The ring must not be empty. */
export function indexJobs(ring: Ring, jobs: readonly RingJob[]): JobIndex {
  return {
    order: ringOrder(jobs),
    points: Int32Array.from(jobs, ({ position }) => locate(ring, position)),
  };
}
