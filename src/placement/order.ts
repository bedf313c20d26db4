// The orders that every part of the planner shares. Ids are compared by UTF-16 code units: the same on
// every machine, which a locale's order is not.
import { defined } from "../base/assert.ts";
import type { PlacementJob, RingPosition } from "./types.ts";

export function compareIds(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Clockwise: top bits, then low bits. */
function comparePositions(a: RingPosition, b: RingPosition): number {
  return a.top - b.top || a.low - b.low;
}

/** What places a job on the ring. */
export type RingJob = Pick<PlacementJob, "id" | "position">;

/** Ring order of jobs; ids part jobs at the very same position. */
export function byRing(a: RingJob, b: RingJob): number {
  return comparePositions(a.position, b.position) || compareIds(a.id, b.id);
}

/** Ids made to collide must not make the insertion sort quadratic: with more in an arc, compare all. */
const arcJobsMax = 64;
/** Below this many jobs dealing them out first gains nothing. */
const dealtJobsMin = 64;
const positionBits = 53;

/**
 * Indices of `jobs` in ring order. Positions are uniform, so dealing n jobs into about n arcs of the
 * circle leaves almost nothing to sort.
 */
export function ringOrder(jobs: readonly RingJob[]): Int32Array {
  const compare = (a: number, b: number): number =>
    byRing(defined(jobs[a], "job"), defined(jobs[b], "job"));
  if (jobs.length >= dealtJobsMin) {
    const { order, fullest } = dealt(jobs);
    if (fullest <= arcJobsMax) {
      insertionSort(order, compare);
      return order;
    }
  }
  return Int32Array.from(jobs.keys()).sort(compare);
}

function dealt(jobs: readonly RingJob[]): { order: Int32Array; fullest: number } {
  const arcBits = 32 - Math.clz32(jobs.length);
  const arcLength = 2 ** (positionBits - arcBits);
  const arcs = Int32Array.from(jobs, ({ position }) => Math.floor(position.top / arcLength));
  const ends = new Int32Array(2 ** arcBits + 1);
  for (const arc of arcs) ends[arc + 1] = (ends[arc + 1] ?? 0) + 1;
  let fullest = 0;
  for (let arc = 1; arc < ends.length; arc += 1) {
    const count = ends[arc] ?? 0;
    fullest = Math.max(fullest, count);
    ends[arc] = count + (ends[arc - 1] ?? 0);
  }
  const order = new Int32Array(jobs.length);
  arcs.forEach((arc, at) => {
    const to = ends[arc] ?? 0;
    ends[arc] = to + 1;
    order[to] = at;
  });
  return { order, fullest };
}

function insertionSort(order: Int32Array, compare: (a: number, b: number) => number): void {
  order.forEach((item, at) => {
    let to = at;
    for (; to > 0; to -= 1) {
      const before = order[to - 1] ?? 0;
      if (compare(before, item) <= 0) break;
      order[to] = before;
    }
    order[to] = item;
  });
}

/** A copy in ring order. */
export function ringSorted(jobs: readonly PlacementJob[]): PlacementJob[] {
  return Array.from(ringOrder(jobs), (at) => defined(jobs[at], "job"));
}

/** Order in which jobs without a server get one: by priority, then in ring order. */
export function prioritySorted(jobs: readonly PlacementJob[]): PlacementJob[] {
  return ringSorted(jobs).sort((a, b) => b.priority - a.priority);
}
