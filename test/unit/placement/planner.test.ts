import { describe, expect, test } from "vitest";
import {
  algorithmVersion,
  placeNew,
  planBalance,
  planDrain,
  planRepair,
} from "../../../src/placement/planner.ts";
import { buildRing, RingHasher } from "../../../src/placement/ring.ts";
import type { PlacementInput, PlacementJob } from "../../../src/placement/types.ts";
import { fakeHash, job, server } from "./fixtures.ts";

// Three servers at 100, 200 and 300 thousandths of the circle; jobs j0…j9 at 0, 40, 80, …
const places: Record<string, number> = { a: 100, b: 200, c: 300 };
for (let i = 0; i < 10; i += 1) places[`j${String(i)}`] = 40 * i;
const hasher = new RingHasher(fakeHash(places));
const servers = ["a", "b", "c"].map((id) => server(hasher, id));
const unlimited = { movesMax: Infinity };

/** `owners` by letter, "-" for an orphan. */
function jobs(owners: string): PlacementJob[] {
  return Array.from(owners, (owner, i) =>
    job(hasher, `j${String(i)}`, { owner: owner === "-" ? undefined : owner }),
  );
}

function input(owners: string): PlacementInput {
  return { servers, jobs: jobs(owners) };
}

function without(id: string, owners: string): PlacementInput {
  const others = servers.map((one) => (one.id === id ? { ...one, eligible: false } : one));
  return { servers: others, jobs: jobs(owners) };
}

test("the algorithm has a version", () => {
  expect(algorithmVersion).toBe(1);
});

describe("repair", () => {
  test("gives each orphan the first server clockwise with room", () => {
    // Quota 2 each. Homes: j0 j1 j2 → a (j2 finds it full), j3 j4 j5 → b (200 is b's own place).
    const plan = planRepair(input("------"));
    expect(plan.moves.map(({ job: id, to }) => `${id}→${to}`)).toEqual([
      "j0→a",
      "j1→a",
      "j2→b",
      "j3→b",
      "j4→c",
      "j5→c",
    ]);
    expect(plan.loads).toEqual(
      new Map([
        ["a", 2],
        ["b", 2],
        ["c", 2],
      ]),
    );
    expect(plan.quotas).toEqual(plan.loads);
    expect(plan.unplaced).toEqual([]);
  });

  test("serves the higher priority first", () => {
    const [first, second, third] = jobs("---");
    const urgent = [first, second, { ...third, priority: 90 } as PlacementJob];
    const plan = planRepair({ servers, jobs: urgent as PlacementJob[] });
    expect(plan.moves.map(({ job: id, to }) => `${id}→${to}`)).toEqual(["j2→a", "j0→b", "j1→c"]);
  });

  test("moves no job that has an owner, however uneven", () => {
    expect(planRepair(input("aaaaaaaa")).moves).toEqual([]);
    expect(planRepair(input("aaaaaaa-")).moves).toEqual([{ job: "j7", from: undefined, to: "c" }]);
  });

  test("leaves jobs with an owner that receives no more, and does not count them for others", () => {
    const plan = planRepair(without("c", "ccccab--"));
    expect(plan.moves.every(({ to }) => to !== "c")).toBe(true);
    expect(plan.quotas).toEqual(
      new Map([
        ["a", 2],
        ["b", 2],
        ["c", 0],
      ]),
    );
    expect(plan.loads).toEqual(
      new Map([
        ["a", 2],
        ["b", 2],
        ["c", 4],
      ]),
    );
  });

  test("jobs of a server that the input does not name stay too", () => {
    expect(planRepair(input("zz-")).moves).toHaveLength(1);
  });

  test("with no eligible server orphans stay, with the reason", () => {
    const none = servers.map((one) => ({ ...one, eligible: false }));
    const plan = planRepair({ servers: none, jobs: jobs("-a") });
    expect(plan.moves).toEqual([]);
    expect(plan.unplaced).toEqual([{ job: "j0", reason: "no-eligible-server" }]);
    expect(planRepair({ servers: [], jobs: jobs("-a") }).unplaced).toHaveLength(1);
  });

  test("counts in slots when every job takes several", () => {
    const wide = jobs("a---").map((one) => ({ ...one, slots: 3 }));
    const plan = planRepair({ servers, jobs: wide });
    expect([...plan.loads.values()].sort((a, b) => a - b)).toEqual([3, 3, 6]);
  });
});

describe("balance", () => {
  test("moves surplus only, homeward first", () => {
    // Quotas 2 each; c has four too many. j0, j1 and j2 are at home on a, j3, j4 and j5 on b.
    const plan = planBalance(input("cccccc"), unlimited);
    expect(plan.moves.map(({ job: id, to }) => `${id}→${to}`)).toEqual([
      "j0→a",
      "j1→a",
      "j3→b",
      "j4→b",
    ]);
  });

  test("then prefers to move jobs that are away from home anyway", () => {
    // c lacks two. On a: j0 and j1 at home, j3 (home b) away; on b: j2 (home a) away, j4 at home.
    const plan = planBalance(input("aabab"), unlimited);
    expect(plan.quotas).toEqual(
      new Map([
        ["a", 2],
        ["b", 2],
        ["c", 1],
      ]),
    );
    expect(plan.moves).toEqual([{ job: "j3", from: "a", to: "c" }]);
  });

  test("gives a server that returned the jobs that prefer it", () => {
    // b is back. All that c has prefer b to c; a, the home of j2, is full.
    const plan = planBalance(input("aacccc"), unlimited);
    expect(plan.moves).toEqual([
      { job: "j3", from: "c", to: "b" },
      { job: "j4", from: "c", to: "b" },
    ]);
    const pinned = jobs("aacccc").map((one) => ({ ...one, movable: one.id < "j4" }));
    expect(planBalance({ servers, jobs: pinned }, unlimited).moves).toEqual([
      { job: "j3", from: "c", to: "b" },
      { job: "j2", from: "c", to: "b" },
    ]);
  });

  test("goes on where a limited plan stopped", () => {
    const first = planBalance(input("cccccc"), { movesMax: 1 });
    expect(first.moves).toHaveLength(1);
    expect(first.loads.get("c")).toBe(5);
    expect(planBalance(input("cccccc"), { movesMax: 0 }).moves).toEqual([]);
    expect(() => planBalance(input("c"), { movesMax: -1 })).toThrow("fewer than no moves");
  });

  test("jobs that cannot move stay and count where they are", () => {
    const fixed = jobs("ccccab").map((one) => ({ ...one, movable: one.owner !== "c" }));
    const plan = planBalance({ servers, jobs: fixed }, unlimited);
    expect(plan.moves).toEqual([]);
    expect(plan.quotas).toEqual(
      new Map([
        ["a", 1],
        ["b", 1],
        ["c", 4],
      ]),
    );
  });

  test("leaves jobs of servers that are not eligible, and orphans", () => {
    expect(planBalance(without("c", "ccccab--"), unlimited).moves).toEqual([]);
  });

  test("does nothing when nobody is eligible", () => {
    const none = servers.map((one) => ({ ...one, eligible: false }));
    expect(planBalance({ servers: none, jobs: jobs("aab") }, unlimited).moves).toEqual([]);
  });
});

describe("drain", () => {
  test("empties the servers it is told, by priority", () => {
    const table = without("a", "aaabbc");
    const urgent = table.jobs.map((one) => ({ ...one, priority: one.id === "j2" ? 90 : 50 }));
    const plan = planDrain({ ...table, jobs: urgent }, { serverIds: ["a"], movesMax: Infinity });
    expect(plan.moves.map(({ job: id, from }) => `${id} ${from ?? ""}`)).toEqual([
      "j2 a",
      "j0 a",
      "j1 a",
    ]);
    expect(plan.loads).toEqual(
      new Map([
        ["a", 0],
        ["b", 3],
        ["c", 3],
      ]),
    );
  });

  test("never gives jobs to a server that it empties", () => {
    const plan = planDrain(input("aaabbb"), { serverIds: ["a", "b", "unknown"], movesMax: 4 });
    expect(plan.moves.map(({ to }) => to)).toEqual(["c", "c", "c", "c"]);
    expect(plan.unplaced).toEqual([]);
  });

  test("leaves what cannot move, and says when there is no other server", () => {
    const fixed = jobs("aab").map((one) => ({ ...one, movable: one.id !== "j0" }));
    const plan = planDrain({ servers, jobs: fixed }, { serverIds: ["a"], movesMax: Infinity });
    expect(plan.moves.map(({ job: id }) => id)).toEqual(["j1"]);
    const all = { serverIds: ["a", "b", "c"], movesMax: Infinity };
    expect(planDrain({ servers, jobs: fixed }, all).unplaced).toHaveLength(2);
  });
});

describe("a new job", () => {
  test("goes to its first preference within the share rounded up", () => {
    // Seven jobs with the new one: at most three each; then six: two each; then five: two each.
    const fresh = job(hasher, "j1");
    const others = jobs("aaabbc").map((one) => ({ ...one, id: `old-${one.id}` }));
    const plan = placeNew({ servers, jobs: others }, fresh);
    expect(plan.moves).toEqual([{ job: "j1", from: undefined, to: "b" }]);
    expect(placeNew({ servers, jobs: others.slice(1) }, fresh).moves[0]?.to).toBe("c");
    expect(placeNew({ servers, jobs: others.slice(2) }, fresh).moves[0]?.to).toBe("a");
  });

  test("has no place without an eligible server", () => {
    const none = servers.map((one) => ({ ...one, eligible: false }));
    const plan = placeNew({ servers: none, jobs: [] }, job(hasher, "j1"));
    expect(plan.unplaced).toEqual([{ job: "j1", reason: "no-eligible-server" }]);
  });
});

describe("what the caller must not do", () => {
  test("hand in another ring, another index, or numbers that are none", () => {
    const other = buildRing(servers.slice(1));
    expect(() => planRepair({ ...input("a"), ring: other })).toThrow("not that of these servers");
    const renamed = buildRing([...servers.slice(1), server(hasher, "d")]);
    expect(() => planRepair({ ...input("a"), ring: renamed })).toThrow("not that of these servers");
    const index = { order: new Int32Array(0), points: new Int32Array(0) };
    expect(() => planRepair({ ...input("a"), index })).toThrow("not that of these jobs");
    const [one] = jobs("a");
    if (one === undefined) throw new Error("no job");
    expect(() => planRepair({ servers, jobs: [{ ...one, slots: 0 }] })).toThrow("slots of job j0");
    const halves = [server(hasher, "a", { capacity: 1.5 })];
    expect(() => planRepair({ servers: halves, jobs: [] })).toThrow("capacity of a");
  });
});
