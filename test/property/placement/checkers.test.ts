// A checker that cannot fail proves nothing: each is shown a violation here.
import { expect, test } from "vitest";
import { planRepair } from "../../../src/placement/planner.ts";
import { withMoves } from "../../../src/placement/table.ts";
import { jobsOf, realHasher, serversOf } from "../../unit/placement/fixtures.ts";
import { fewestMoves, isBalanced, unevenness } from "./checkers.ts";

const hasher = await realHasher();
const servers = serversOf(hasher, [1, 1, 2]);
const orphans = { servers, jobs: jobsOf(hasher, 6) };
const onOne = { servers, jobs: orphans.jobs.map((job) => ({ ...job, owner: "s0" })) };

test("unevenness and balance see a job too many", () => {
  expect(unevenness(onOne)).toBe(6);
  expect(isBalanced(onOne)).toBe(false);
  expect(isBalanced(orphans)).toBe(false);
  const placed = withMoves(orphans, planRepair(orphans));
  expect(isBalanced(placed)).toBe(true);
  const [first, ...others] = placed.jobs;
  const missing = {
    servers,
    jobs: first === undefined ? [] : [{ ...first, owner: undefined }, ...others],
  };
  expect(isBalanced(missing)).toBe(false);
});

test("the search finds the fewest moves", () => {
  // Shares 1.5, 1.5 and 3: the first keeps two.
  expect(fewestMoves(onOne)).toBe(4);
  expect(fewestMoves(orphans)).toBe(6);
  expect(fewestMoves(withMoves(orphans, planRepair(orphans)))).toBe(0);
});
