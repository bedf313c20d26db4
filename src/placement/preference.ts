// A job's preference list is the order in which servers appear on the ring clockwise of the job.

import { locate } from "./ring.ts";
import type { Ring, RingPosition } from "./types.ts";

/**
 * The first `serversMax` servers clockwise of `position` for which `admits` holds, as indices into
 * `ring.serverIds`. Fewer when the ring has no more of them.
 */
export function preferenceList(
  ring: Ring,
  position: RingPosition,
  { serversMax, admits }: PreferenceOptions,
): number[] {
  const list: number[] = [];
  const { servers } = ring;
  const seen = new Uint8Array(ring.serverIds.length);
  let unseen = ring.serverIds.length;
  if (unseen === 0) return list;
  for (let point = locate(ring, position); unseen > 0 && list.length < serversMax; ) {
    const server = servers[point] ?? 0;
    if (seen[server] === 0) {
      seen[server] = 1;
      unseen -= 1;
      if (admits(server)) list.push(server);
    }
    point = point + 1 === servers.length ? 0 : point + 1;
  }
  return list;
}

export interface PreferenceOptions {
  readonly serversMax: number;
  /** Told an index into `ring.serverIds`. */
  readonly admits: (server: number) => boolean;
}

/**
 * A job's home is the first server of its preference list that may receive jobs, full or not. Index of
 * the home for each point of the ring that a job can meet first; -1 when no server receives.
 */
export function homesOf(ring: Ring, receives: (server: number) => boolean): Int32Array {
  const { servers } = ring;
  const homes = new Int32Array(servers.length);
  const receiving = ring.serverIds.map((_, server) => receives(server));
  let home = -1;
  // The second round gives the last points the homes that lie beyond the end of the circle.
  for (let round = 0; round < 2; round += 1) {
    for (let point = servers.length - 1; point >= 0; point -= 1) {
      const server = servers[point] ?? 0;
      if (receiving[server] === true) home = server;
      homes[point] = home;
    }
  }
  return homes;
}

/**
 * Finds the first server clockwise that has room, for many jobs in turn. Points of full servers are
 * skipped with path compression (the find half of union-find, Tarjan 1975), so that placing k jobs
 * costs O(k + points) in practice, however many servers are full.
 *
 * Invariant: room only shrinks; a server that is full stays full.
 */
export class RoomFinder {
  readonly #ring: Ring;
  readonly #room: Float64Array;
  /** For a point of a full server: a later point with nothing but full servers between. */
  readonly #next: Int32Array;
  #open = 0;

  /** `room`: units free per index into `ring.serverIds`; not more than 0 = full. */
  constructor(ring: Ring, room: ArrayLike<number>) {
    this.#ring = ring;
    this.#room = Float64Array.from(room);
    for (const units of this.#room) if (units > 0) this.#open += 1;
    const points = ring.servers.length;
    this.#next = new Int32Array(points);
    for (let point = 0; point < points; point += 1) {
      this.#next[point] = point + 1 === points ? 0 : point + 1;
    }
  }

  roomOf(server: number): number {
    return this.#room[server] ?? 0;
  }

  /** Takes one unit of `server`'s room. */
  take(server: number): void {
    const left = this.roomOf(server) - 1;
    this.#room[server] = left;
    if (left === 0) this.#open -= 1;
  }

  /** Index of the first server at or after `position` with room; -1 when all are full. */
  first(position: RingPosition): number {
    if (this.#open === 0) return -1;
    const { servers } = this.#ring;
    const next = this.#next;
    const start = locate(this.#ring, position);
    let found = start;
    while (this.roomOf(servers[found] ?? 0) <= 0) found = next[found] ?? 0;
    for (let point = start; point !== found; ) {
      const after = next[point] ?? 0;
      next[point] = found;
      point = after;
    }
    return servers[found] ?? -1;
  }

  /**
   * The first server with room, from `point` on, that comes before `server`; -1 when there is none. Walks
   * point by point: jobs are mostly near the front of their preference list.
   */
  firstBefore(point: number, server: number): number {
    const { servers } = this.#ring;
    for (let at = point; ; at = at + 1 === servers.length ? 0 : at + 1) {
      const found = servers[at] ?? server;
      if (found === server) return -1;
      if (this.roomOf(found) > 0) return found;
    }
  }
}
