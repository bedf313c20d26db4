import { describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { explain, explainedPreferencesMax, simulate } from "../../../src/placement/planner.ts";
import { buildRing, indexJobs, RingHasher } from "../../../src/placement/ring.ts";
import type { PlacementInput, PlacementJob } from "../../../src/placement/types.ts";
import { fakeHash, job, jobsOf, realHasher, server, serversOf } from "./fixtures.ts";

const places: Record<string, number> = { a: 100, b: 200, c: 300 };
for (let i = 0; i < 10; i += 1) places[`j${String(i)}`] = 40 * i;
const hasher = new RingHasher(fakeHash(places));
const servers = ["a", "b", "c"].map((id) => server(hasher, id));

function table(owners: string): PlacementInput & { readonly jobs: PlacementJob[] } {
  const jobs = Array.from(owners, (owner, i) =>
    job(hasher, `j${String(i)}`, { owner: owner === "-" ? undefined : owner }),
  );
  return { servers, jobs };
}

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof QuorateError) return error.code;
  }
  return "none";
}

describe("simulate", () => {
  test("a server that goes gives its jobs away, from its name", () => {
    const simulation = simulate(table("aabbcc"), { add: [], remove: ["c"] });
    expect(simulation.moves.map(({ job: id, from, to }) => `${id} ${from ?? ""}→${to}`)).toEqual([
      "j4 c→b",
      "j5 c→a",
    ]);
    expect(simulation.repairs).toBe(2);
    expect(simulation.before).toEqual(
      new Map([
        ["a", 2],
        ["b", 2],
        ["c", 2],
      ]),
    );
    expect(simulation.after).toEqual(
      new Map([
        ["a", 3],
        ["b", 3],
      ]),
    );
  });

  test("a server that comes takes its share and no more", () => {
    const four = server(hasher, "d");
    const simulation = simulate(table("aaabbbcc"), { add: [four], remove: [] });
    expect(simulation.moves).toHaveLength(2);
    expect(simulation.moves.every(({ to }) => to === "d")).toBe(true);
    expect(simulation.repairs).toBe(0);
    expect([...simulation.after.values()]).toEqual([2, 2, 2, 2]);
  });

  test("a server can be replaced by a larger one and keeps its jobs", () => {
    const larger = server(hasher, "a", { capacity: 2 });
    const simulation = simulate(table("aabbcc--"), { add: [larger], remove: ["a"] });
    expect(simulation.moves.map(({ from, to }) => `${from ?? "-"}→${to}`)).toEqual(["-→a", "-→a"]);
    expect(simulation.quotas).toEqual(
      new Map([
        ["a", 4],
        ["b", 2],
        ["c", 2],
      ]),
    );
  });

  test("says which jobs would have no server", () => {
    const all = simulate(table("ab"), { add: [], remove: ["a", "b", "c"] });
    expect(all.unplaced.map(({ job: id }) => id)).toEqual(["j0", "j1"]);
    expect(all.moves).toEqual([]);
  });

  test("refuses what makes no sense, with a code", () => {
    const remove = (): unknown => simulate(table("a"), { add: [], remove: ["x"] });
    expect(codeOf(remove)).toBe("QUORATE_PLACEMENT_SERVER_UNKNOWN");
    const add = (): unknown => simulate(table("a"), { add: [server(hasher, "a")], remove: [] });
    expect(codeOf(add)).toBe("QUORATE_PLACEMENT_SERVER_EXISTS");
  });
});

describe("explain", () => {
  function of(owners: string, id: string, changes: Partial<PlacementJob> = {}) {
    const input = table(owners);
    const jobs = input.jobs.map((one) => (one.id === id ? { ...one, ...changes } : one));
    const found = jobs.find((one) => one.id === id);
    if (found === undefined) throw new Error(`no job ${id}`);
    return explain({ servers, jobs }, found);
  }

  test("a job at its home", () => {
    const explanation = of("abc", "j0");
    expect(explanation).toMatchObject({
      owner: "a",
      home: "a",
      reason: "at-home",
      next: undefined,
    });
    expect(explanation.preferences).toEqual([
      { server: "a", eligible: true, load: 1, quota: 1 },
      { server: "b", eligible: true, load: 1, quota: 1 },
      { server: "c", eligible: true, load: 1, quota: 1 },
    ]);
  });

  test("a job whose home is full", () => {
    const explanation = of("aabbcc", "j4");
    expect(explanation).toMatchObject({ owner: "c", home: "b", reason: "preferred-full" });
    expect(explanation.text).toContain("prefers to c");
  });

  test("a job that stays although its home has room", () => {
    // Eight for three: quotas 3, 3, 2 by who has them already; c is full, a has room.
    const explanation = of("bbbcca-", "j3");
    expect(explanation).toMatchObject({ owner: "c", home: "b", reason: "preferred-full" });
    const sticky = of("bbbccac-", "j1");
    expect(sticky).toMatchObject({ owner: "b", home: "a", reason: "sticky", next: undefined });
    expect(sticky.text).toContain("prefer a,");
  });

  test("surplus, and where the balance moves it", () => {
    const explanation = of("ccccc", "j0");
    expect(explanation).toMatchObject({ reason: "surplus", next: "a" });
    expect(explanation.text).toContain("to a");
  });

  test("orphans, jobs that cannot move, and servers that receive none", () => {
    expect(of("-bc", "j0")).toMatchObject({ reason: "orphan", next: "a", owner: undefined });
    expect(of("ccc", "j0", { movable: false })).toMatchObject({ reason: "fixed", next: undefined });
    const cordoned = servers.map((one) => ({ ...one, eligible: one.id !== "a" }));
    const { jobs } = table("abc");
    const [first] = jobs;
    if (first === undefined) throw new Error("no job");
    expect(explain({ servers: cordoned, jobs }, first)).toMatchObject({
      reason: "owner-not-eligible",
      home: "b",
    });
    const none = servers.map((one) => ({ ...one, eligible: false }));
    const stranded = explain(
      { servers: none, jobs: table("-").jobs },
      { ...first, owner: undefined },
    );
    expect(stranded).toMatchObject({ reason: "orphan", home: undefined, next: undefined });
    expect(stranded.text).toContain("no server may receive");
  });

  test("a job that does not exist yet, as if it were submitted", () => {
    const explanation = explain(table("abc"), job(hasher, "j9"));
    expect(explanation).toMatchObject({ reason: "orphan", home: "a", next: "a" });
    const input = table("abc");
    const ring = buildRing(servers);
    const kept = { ...input, ring, index: indexJobs(ring, input.jobs) };
    expect(explain(kept, job(hasher, "j9"))).toEqual(explanation);
  });

  test("a long preference list is cut", async () => {
    const real = await realHasher();
    const many = serversOf(real, new Array<number>(40).fill(1));
    const [one] = jobsOf(real, 1);
    if (one === undefined) throw new Error("no job");
    const { preferences, home } = explain({ servers: many, jobs: [one] }, one);
    expect(preferences).toHaveLength(explainedPreferencesMax);
    expect(preferences[0]?.server).toBe(home);
  });
});
