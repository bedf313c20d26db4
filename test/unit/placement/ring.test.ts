import { describe, expect, test } from "vitest";
import { ringSorted } from "../../../src/placement/order.ts";
import { preferenceList, RoomFinder } from "../../../src/placement/preference.ts";
import {
  buildRing,
  indexJobs,
  locate,
  pointsPerServer,
  RingHasher,
} from "../../../src/placement/ring.ts";
import type { Ring, RingPosition } from "../../../src/placement/types.ts";
import { fakeHash, job, jobsOf, realHasher, server, serversOf, shuffled } from "./fixtures.ts";

const hasher = await realHasher();

/** What `locate` must find, by looking at every point. */
function scan(ring: Ring, { top, low }: RingPosition): number {
  const found = ring.tops.findIndex(
    (at, i) => at > top || (at === top && (ring.lows[i] ?? 0) >= low),
  );
  return found === -1 ? 0 : found;
}

describe("hashing", () => {
  test("a position is the 64-bit hash, split after the top 53 bits", () => {
    // xxh64 of the empty text with seed 0, from the algorithm's specification.
    const hash = 0xef46_db37_51d8_e999n;
    expect(hasher.position("")).toEqual({ top: Number(hash >> 11n), low: Number(hash & 0x7ffn) });
  });

  test("the points of a server are the hashes of its id, '#' and a number", () => {
    const { tops, lows } = hasher.points("server-a");
    expect(tops).toHaveLength(pointsPerServer);
    expect({ top: tops[0], low: lows[0] }).toEqual(hasher.position("server-a#0"));
    expect({ top: tops[255], low: lows[255] }).toEqual(hasher.position("server-a#255"));
  });

  test("points are hashed once", () => {
    expect(hasher.points("server-b")).toBe(hasher.points("server-b"));
  });
});

describe("the ring", () => {
  test("has the points of all servers in order, whatever the order of the servers", () => {
    const servers = serversOf(hasher, [1, 1, 1, 1, 1]);
    const ring = buildRing(servers);
    expect(ring.tops).toHaveLength(5 * pointsPerServer);
    expect([...ring.tops].every((top, i) => i === 0 || (ring.tops[i - 1] ?? 0) <= top)).toBe(true);
    expect(buildRing(shuffled(servers, 1))).toEqual(ring);
  });

  test("gives smaller servers a part of their points", () => {
    const ring = buildRing(serversOf(hasher, [8, 4, 1]));
    const count = (at: number): number => [...ring.servers].filter((one) => one === at).length;
    expect([count(0), count(1), count(2)]).toEqual([256, 128, 32]);
  });

  test("low bits and then the id part points at the same place", () => {
    const own = (low: number): { tops: Float64Array; lows: Uint16Array } => ({
      tops: Float64Array.of(1000),
      lows: Uint16Array.of(low),
    });
    const ring = buildRing([
      { id: "c", capacity: 1, points: own(5) },
      { id: "b", capacity: 1, points: own(7) },
      { id: "a", capacity: 1, points: own(7) },
    ]);
    expect(Array.from(ring.servers, (at) => ring.serverIds[at])).toEqual(["c", "a", "b"]);
    expect(locate(ring, { top: 1000, low: 5 })).toBe(0);
    expect(locate(ring, { top: 1000, low: 6 })).toBe(1);
    expect(locate(ring, { top: 1000, low: 8 })).toBe(0);
  });

  test("looks up the first point clockwise, also past the end of the circle", () => {
    const ring = buildRing(serversOf(hasher, [1, 1, 1]));
    for (const { position } of jobsOf(hasher, 2000)) {
      expect(locate(ring, position)).toBe(scan(ring, position));
    }
    const last = { top: ring.tops.at(-1) ?? 0, low: 0x7ff };
    expect(locate(ring, { top: 2 ** 53 - 1, low: 0x7ff })).toBe(0);
    expect(locate(ring, last)).toBe(scan(ring, last));
    expect(locate(ring, { top: 0, low: 0 })).toBe(0);
  });

  test("refuses the same server twice", () => {
    const twice = [server(hasher, "a"), server(hasher, "a")];
    expect(() => buildRing(twice)).toThrow("server a is twice");
  });

  test("spreads jobs over servers as a good hash does", () => {
    const ring = buildRing(serversOf(hasher, [1, 1, 1, 1]));
    const counts = [0, 0, 0, 0];
    for (const { position } of jobsOf(hasher, 10_000)) {
      const home = ring.servers[locate(ring, position)] ?? 0;
      counts[home] = (counts[home] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 2500)).toBeLessThan(600);
  });
});

describe("ring order", () => {
  test.each([0, 1, 10, 64, 3000])("of %i jobs is that of a plain sort", (count) => {
    const jobs = shuffled(jobsOf(hasher, count), 7);
    const plain = [...jobs].sort(
      (a, b) => a.position.top - b.position.top || a.position.low - b.position.low,
    );
    expect(ringSorted(jobs).map(({ id }) => id)).toEqual(plain.map(({ id }) => id));
  });

  test("jobs at one place are in the order of their ids, even when all are", () => {
    const jobs = jobsOf(new RingHasher(fakeHash({})), 300);
    const ids = jobs.map(({ id }) => id).sort((a, b) => (a < b ? -1 : 1));
    expect(ringSorted(shuffled(jobs, 3)).map(({ id }) => id)).toEqual(ids);
  });

  test("an index has the order and each job's point", () => {
    const ring = buildRing(serversOf(hasher, [1, 1]));
    const jobs = jobsOf(hasher, 200);
    const { order, points } = indexJobs(ring, jobs);
    expect(Array.from(order, (at) => jobs[at])).toEqual(ringSorted(jobs));
    expect([...points]).toEqual(jobs.map(({ position }) => scan(ring, position)));
  });
});

describe("preferences", () => {
  const fake = new RingHasher(fakeHash({ a: 100, b: 200, c: 300, x: 150, y: 350 }));
  const ring = buildRing(["a", "b", "c"].map((id) => server(fake, id)));
  const names = (list: readonly number[]): (string | undefined)[] =>
    list.map((at) => ring.serverIds[at]);
  const all = { serversMax: 9, admits: (): boolean => true };

  test("are the servers clockwise of the job", () => {
    expect(names(preferenceList(ring, fake.position("x"), all))).toEqual(["b", "c", "a"]);
    expect(names(preferenceList(ring, fake.position("y"), all))).toEqual(["a", "b", "c"]);
  });

  test("can be cut and filtered, and are empty on an empty ring", () => {
    const position = fake.position("x");
    expect(names(preferenceList(ring, position, { ...all, serversMax: 2 }))).toEqual(["b", "c"]);
    const notB = { serversMax: 1, admits: (at: number): boolean => ring.serverIds[at] !== "b" };
    expect(names(preferenceList(ring, position, notB))).toEqual(["c"]);
    expect(preferenceList(buildRing([]), position, all)).toEqual([]);
  });

  test("room is found in their order, until there is none", () => {
    const finder = new RoomFinder(ring, [1, 2, 0]);
    const placed = [1, 2, 3, 4].map(() => {
      const at = finder.first(fake.position("x"));
      if (at >= 0) finder.take(at);
      return ring.serverIds[at];
    });
    expect(placed).toEqual(["b", "b", "a", undefined]);
  });

  test("room is what the preference list says, while servers fill up", () => {
    const many = buildRing(serversOf(hasher, [1, 1, 1, 1, 1, 1, 1, 1]));
    const room = [3, 20, 0, 41, 7, 7, 60, 12];
    const finder = new RoomFinder(many, room);
    for (const { position } of jobsOf(hasher, 150)) {
      const admits = (at: number): boolean => (room[at] ?? 0) > 0;
      const [expected] = preferenceList(many, position, { serversMax: 1, admits });
      expect(finder.first(position)).toBe(expected);
      finder.take(expected ?? 0);
      room[expected ?? 0] = (room[expected ?? 0] ?? 0) - 1;
    }
    expect(finder.first(job(hasher, "one-more").position)).toBe(-1);
  });

  test("room before a given server is found only before it", () => {
    const finder = new RoomFinder(ring, [1, 0, 0]);
    const start = locate(ring, fake.position("x"));
    expect(finder.firstBefore(start, 2)).toBe(-1);
    expect(new RoomFinder(ring, [0, 1, 0]).firstBefore(start, 2)).toBe(1);
    expect(new RoomFinder(ring, [1, 1, 0]).firstBefore(start, 1)).toBe(-1);
  });
});
