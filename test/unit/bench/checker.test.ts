// The checker that every end-to-end test and benchmark leans on must be able to find what it looks for.
import { describe, expect, test } from "vitest";
import { checkRuns } from "../../../bench/lib/checker.ts";
import { percentile, spread } from "../../../bench/lib/stats.ts";
import type { JobRun } from "../../../bench/lib/ticks.ts";

type Facts = Pick<JobRun, "job" | "epoch" | "firstMs" | "lastMs"> & Partial<JobRun>;

const run = (facts: Facts): JobRun => ({
  server: "s1",
  pid: facts.firstMs,
  ticks: 2,
  longestGapMs: 10,
  ...facts,
});

describe("checkRuns", () => {
  const first = run({ job: "a", epoch: 1, firstMs: 0, lastMs: 100 });

  test("runs one after the other with growing epochs: nothing", () => {
    const runs = [
      first,
      run({ job: "a", epoch: 2, firstMs: 101, lastMs: 200 }),
      // Restarted in place: the same epoch is no step back.
      run({ job: "a", epoch: 2, firstMs: 201, lastMs: 300 }),
    ];
    expect(checkRuns(runs)).toEqual({ doubleRuns: [], epochsBackwards: [] });
    expect(checkRuns([])).toEqual({ doubleRuns: [], epochsBackwards: [] });
  });

  test("two runs of one job that overlap: found, with the length of the overlap, in either order", () => {
    const second = run({ job: "a", epoch: 2, firstMs: 70, lastMs: 200 });
    const found = [{ job: "a", first, second, overlapMs: 30 }];
    expect(checkRuns([first, second]).doubleRuns).toEqual(found);
    expect(checkRuns([second, first]).doubleRuns).toEqual(found);
  });

  test("a tick at the very same moment is an overlap", () => {
    const second = run({ job: "a", epoch: 2, firstMs: 100, lastMs: 200 });
    expect(checkRuns([first, second]).doubleRuns).toMatchObject([{ overlapMs: 0 }]);
  });

  test("a run inside another, and one that overlaps a run before its predecessor", () => {
    const long = run({ job: "a", epoch: 1, firstMs: 0, lastMs: 1000 });
    const short = run({ job: "a", epoch: 2, firstMs: 100, lastMs: 200 });
    const late = run({ job: "a", epoch: 3, firstMs: 500, lastMs: 600 });
    expect(checkRuns([long, short, late]).doubleRuns).toMatchObject([
      { first: long, second: short, overlapMs: 100 },
      { first: long, second: late, overlapMs: 100 },
    ]);
  });

  test("different jobs at the same time are what is wanted", () => {
    const other = run({ job: "b", epoch: 1, firstMs: 0, lastMs: 100 });
    expect(checkRuns([first, other])).toEqual({ doubleRuns: [], epochsBackwards: [] });
  });

  test("an epoch that goes back: found, also without an overlap", () => {
    const newer = run({ job: "a", epoch: 3, firstMs: 0, lastMs: 100 });
    const older = run({ job: "a", epoch: 2, firstMs: 200, lastMs: 300 });
    expect(checkRuns([newer, older])).toEqual({ doubleRuns: [], epochsBackwards: [older] });
  });
});

describe("percentile", () => {
  test("nearest rank, whatever the order of the samples", () => {
    const samples = [5, 1, 4, 2, 3];
    expect(percentile(samples, 0)).toBe(1);
    expect(percentile(samples, 0.5)).toBe(3);
    expect(percentile(samples, 0.99)).toBe(5);
    expect(percentile(samples, 1)).toBe(5);
    expect(samples).toEqual([5, 1, 4, 2, 3]);
  });

  test("sorts numbers as numbers, and says 0 of nothing", () => {
    expect(percentile([100, 20, 3], 0.5)).toBe(20);
    expect(percentile([], 0.5)).toBe(0);
  });

  test("spread: median and worst, to a tenth of a millisecond", () => {
    expect(spread([1.24, 10.06, 3.333])).toEqual({ p50: 3.3, max: 10.1 });
    expect(spread([])).toEqual({ p50: 0, max: 0 });
  });
});
