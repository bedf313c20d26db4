import { describe, expect, test } from "vitest";
import { placeNew, planBalance, planRepair } from "../../../src/placement/planner.ts";
import { RingHasher } from "../../../src/placement/ring.ts";
import type { PlacementInput, PlacementJob } from "../../../src/placement/types.ts";
import { fakeHash, job, server } from "./fixtures.ts";

const places = { a: 100, b: 200, c: 300, j1: 50, j2: 60, j3: 70, j4: 80, j5: 250 };
const hasher = new RingHasher(fakeHash(places));
const servers = ["a", "b", "c"].map((id) => server(hasher, id));

function of(id: string, slots: number, owner?: string): PlacementJob {
  return job(hasher, id, { slots, owner });
}

function where(input: PlacementInput): string[] {
  return planRepair(input).moves.map(({ job: id, to }) => `${id}→${to}`);
}

describe("jobs of different sizes", () => {
  test("are placed biggest first, along their preferences while the share allows", () => {
    // 12 slots for three servers: 4 each.
    const jobs = [of("j1", 1), of("j2", 4), of("j3", 3), of("j4", 4)];
    expect(where({ servers, jobs })).toEqual(["j2→a", "j4→b", "j3→c", "j1→c"]);
  });

  test("priority goes before size", () => {
    const jobs = [{ ...of("j1", 1), priority: 90 }, of("j2", 4), of("j3", 3), of("j4", 4)];
    expect(where({ servers, jobs })[0]).toBe("j1→a");
  });

  test("one that fits nowhere goes to the server that is the least loaded with it", () => {
    const jobs = [of("j1", 9), of("j2", 1, "a"), of("j3", 1, "b"), of("j4", 1, "b")];
    expect(where({ servers, jobs })).toEqual(["j1→c"]);
    const larger = [...servers.slice(0, 2), server(hasher, "c", { capacity: 1 })];
    const wide = [server(hasher, "a", { capacity: 30 }), ...larger.slice(1)];
    expect(where({ servers: wide, jobs })).toEqual(["j1→a"]);
  });

  test("a new one counts with the others", () => {
    const jobs = [of("j1", 2, "a"), of("j2", 2, "b"), of("j3", 2, "c")];
    const plan = placeNew({ servers, jobs }, of("j5", 3));
    expect(plan.moves).toEqual([{ job: "j5", from: undefined, to: "c" }]);
    expect(plan.loads.get("c")).toBe(5);
  });

  test("a balance fills a server that is empty, and stops within the band", () => {
    const jobs = [
      of("j1", 3, "a"),
      of("j2", 2, "a"),
      of("j3", 3, "b"),
      of("j4", 2, "b"),
      of("j5", 1, "b"),
    ];
    const plan = planBalance({ servers, jobs }, { movesMax: Infinity });
    expect(plan.moves).toEqual([{ job: "j3", from: "b", to: "c" }]);
    const after = jobs.map((one) => (one.id === "j3" ? { ...one, owner: "c" } : one));
    expect(planBalance({ servers, jobs: after }, { movesMax: Infinity }).moves).toEqual([]);
  });

  test("a balance prefers a job that fits to a bigger one that would only help", () => {
    // Ten slots each. j1 would leave b with 14, less than the 15 of a; j2 leaves it with 9.
    const jobs = [of("j1", 9, "a"), of("j2", 4, "a"), of("j3", 2, "a"), of("j4", 5, "b")];
    const plan = planBalance({ servers: servers.slice(0, 2), jobs }, { movesMax: Infinity });
    expect(plan.moves).toEqual([{ job: "j2", from: "a", to: "b" }]);
  });

  test("a balance gives up when one job is bigger than a share", () => {
    const jobs = [of("j1", 50, "a"), of("j2", 1, "b"), of("j3", 1, "c")];
    expect(planBalance({ servers, jobs }, { movesMax: Infinity }).moves).toEqual([]);
    const alone = { servers: servers.slice(0, 1), jobs };
    expect(planBalance(alone, { movesMax: Infinity }).moves).toEqual([]);
  });
});
