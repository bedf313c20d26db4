import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { epoch } from "../../../src/base/numbers.ts";
import { type Action, reconcile, type Situation } from "../../../src/runner/reconcile.ts";
import type { RunInfo } from "../../../src/runner/sentinel/protocol.ts";
import type { Assignment } from "../../../src/state/rows.ts";
import { assigned, owner, run } from "./rows.ts";

const idle: Situation = {
  ...{ serverId: "s1", session: 7, isRenewed: true, isSealed: false, revision: 100 },
  ...{ jobs: [], runs: [], pending: new Map() },
};
const told = { epoch: epoch(1), phase: "running", pid: 4242 } as const;
const short = (actions: readonly Action[]): string[] =>
  actions.map((a) => {
    if (a.kind === "prefetch") return `prefetch ${a.job.jobId}`;
    if ("assigned" in a) return `${a.kind} ${a.assigned.row.jobId}`;
    return `${a.kind} ${a.jobId}@${a.epoch}`;
  });
const what = (situation: Partial<Situation>): string[] =>
  short(reconcile({ ...idle, ...situation }));

describe("a row that is ours", () => {
  test("starts what does not run", () => {
    expect(what({ jobs: [assigned("j1")] })).toEqual(["start j1"]);
  });
  test("leaves alone what runs and is known to run", () => {
    expect(what({ jobs: [assigned("j1", { run: told })], runs: [run("j1")] })).toEqual([]);
    expect(what({ jobs: [assigned("j1")], runs: [run("j1", { state: "stopping" })] })).toEqual([]);
  });
  test("tells the table what it does not know", () => {
    const stale = assigned("j1", { run: { ...told, pid: 1 } });
    expect(what({ jobs: [stale], runs: [run("j1")] })).toEqual(["report-running j1"]);
  });
  test("nothing starts before a renewal, or while a start or a backoff is under way, or when it is over", () => {
    expect(what({ jobs: [assigned("j1")], isRenewed: false })).toEqual([]);
    for (const state of ["busy", "waiting", "over"] as const) {
      const pending = new Map([["j1", { epoch: 1, state }]]);
      expect(what({ jobs: [assigned("j1")], pending })).toEqual([]);
      expect(what({ jobs: [assigned("j1", { epoch: 2 })], pending })).toEqual(["start j1"]);
    }
  });
  test("an end by itself is the policy's business; a stop or a fence is not", () => {
    const ended = (cause: RunInfo["cause"]): string[] =>
      what({ jobs: [assigned("j1")], runs: [run("j1", { state: "exited", cause })] });
    expect([ended("itself"), ended("stop"), ended("fence")]).toEqual([
      ["ended j1"],
      ["start j1"],
      ["start j1"],
    ]);
  });
  test("an older epoch of it is stopped first", () => {
    const jobs = [assigned("j1", { epoch: 2 })];
    expect(what({ jobs, runs: [run("j1")] })).toEqual(["stop j1@1"]);
    expect(what({ jobs, runs: [run("j1", { state: "exited" })] })).toEqual(["start j1"]);
  });
});

describe("a row that is not ours, or not any more", () => {
  const rows: readonly (readonly [string, Assignment])[] = [
    ["another server", { state: "assigned", owner: owner("s2", 7) }],
    ["another session of this server", { state: "assigned", owner: owner("s1", 6) }],
    ["pending", { state: "pending", reason: "" }],
    ["stopped", { state: "stopped", reason: "" }],
  ];
  test.each(rows)(
    "%s: nothing starts, and what runs is stopped and released",
    (_name, assignment) => {
      expect(what({ jobs: [assigned("j1", { assignment })] })).toEqual([]);
      expect(what({ jobs: [assigned("j1", { assignment })], runs: [run("j1")] })).toEqual([
        "release j1@1",
      ]);
    },
  );
  test("no row at all", () => {
    expect(what({ runs: [run("j1"), run("j2", { state: "exited" })] })).toEqual([
      "release j1@1",
      "release j2@1",
    ]);
  });
  test("revoked: released, also when it never ran here", () => {
    const assignment = { state: "revoking", owner: owner("s1", 7), next: owner("s2", 8) } as const;
    expect(what({ jobs: [assigned("j1", { assignment })], runs: [run("j1")] })).toEqual([
      "release j1@1",
    ]);
    expect(what({ jobs: [assigned("j1", { assignment })] })).toEqual(["release j1@1"]);
  });
  test("next: fetched beforehand, not started", () => {
    const assignment = { state: "revoking", owner: owner("s2", 8), next: owner("s1", 7) } as const;
    expect(what({ jobs: [assigned("j1", { assignment })] })).toEqual(["prefetch j1"]);
  });
  test("revoked in favour of ourselves (a new spec): both", () => {
    const assignment = { state: "revoking", owner: owner("s1", 7), next: owner("s1", 7) } as const;
    expect(what({ jobs: [assigned("j1", { assignment })], runs: [run("j1")] })).toEqual([
      "release j1@1",
      "prefetch j1",
    ]);
  });
});

test("a table older than the run says nothing about it", () => {
  const runs = [run("j1", { revision: 200, epoch: 5 })];
  expect(what({ runs })).toEqual([]);
  const assignment = { state: "assigned", owner: owner("s2", 3) } as const;
  expect(what({ runs, jobs: [assigned("j1", { assignment })] })).toEqual([]);
  expect(what({ runs, jobs: [assigned("j1", { epoch: 4 })] })).toEqual([]);
  expect(what({ runs, revision: 200 })).toEqual(["release j1@5"]);
});

test("a sealed session: nothing begins, whatever ended and why; what ended by itself is still told", () => {
  const sealed = { isSealed: true, jobs: [assigned("j1")] };
  expect(what(sealed)).toEqual([]);
  for (const cause of ["stop", "fence", "start"] as const)
    expect(what({ ...sealed, runs: [run("j1", { state: "exited", cause })] })).toEqual([]);
  expect(what({ ...sealed, runs: [run("j1", { state: "exited" })] })).toEqual(["ended j1"]);
  const assignment = { state: "revoking", owner: owner("s2", 8), next: owner("s1", 7) } as const;
  expect(what({ isSealed: true, jobs: [assigned("j1", { assignment })] })).toEqual([]);
});

test("without a session nothing is done", () => {
  expect(what({ session: 0, jobs: [assigned("j1")], runs: [run("j2")] })).toEqual([]);
});

test("never a start beside a living run of the same job, and never one for another's row", () => {
  const server = fc.constantFrom("s1", "s2");
  const session = fc.constantFrom(6, 7);
  const anOwner = fc.tuple(server, session).map(([s, n]) => owner(s, n));
  const assignment = fc.oneof(
    anOwner.map((o) => ({ state: "assigned", owner: o }) as const),
    fc.tuple(anOwner, anOwner).map(([o, next]) => ({ state: "revoking", owner: o, next }) as const),
    fc.constant({ state: "pending", reason: "" } as const),
  );
  const aRun = fc.record({
    epoch: fc.integer({ min: 1, max: 4 }),
    revision: fc.integer({ min: 90, max: 110 }),
    state: fc.constantFrom("running" as const, "stopping" as const, "exited" as const),
    cause: fc.constantFrom("itself" as const, "stop" as const, "fence" as const, "start" as const),
  });
  fc.assert(
    fc.property(
      fc.option(assignment),
      fc.option(aRun),
      fc.integer({ min: 1, max: 4 }),
      (a, r, e) => {
        const jobs = a === null ? [] : [assigned("j1", { assignment: a, epoch: e })];
        const runs = r === null ? [] : [run("j1", r)];
        const actions = reconcile({ ...idle, jobs, runs });
        for (const action of actions.filter((x) => x.kind === "start")) {
          expect(r === null || r.state === "exited").toBe(true);
          expect(action.assigned.row.assignment).toMatchObject({
            state: "assigned",
            owner: owner("s1", 7),
          });
        }
      },
    ),
  );
});
