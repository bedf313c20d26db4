// Long histories, with the hash that ships and fixed seeds: figures, not laws.
import { describe, expect, test } from "vitest";
import { between, seededRandom } from "../../../src/base/random.ts";
import { planBalance, planRepair } from "../../../src/placement/planner.ts";
import { withMoves } from "../../../src/placement/table.ts";
import type { PlacementInput, PlacementPlan } from "../../../src/placement/types.ts";
import {
  carriedOut,
  jobsOf,
  ownersOf,
  realHasher,
  server,
  serversOf,
  withLost,
} from "../../unit/placement/fixtures.ts";
import { isBalanced, unevenness } from "./checkers.ts";

const hasher = await realHasher();
const balanceAll = (input: PlacementInput): PlacementPlan =>
  planBalance(input, { movesMax: Infinity });

describe("a server that returns gets its old jobs back", () => {
  test.each([
    { shape: "5 equal", capacities: [4, 4, 4, 4, 4], jobs: 1000, share: 0.96 },
    { shape: "10 equal", capacities: new Array<number>(10).fill(1), jobs: 1000, share: 0.96 },
    { shape: "20 equal", capacities: new Array<number>(20).fill(1), jobs: 4000, share: 0.97 },
    { shape: "8 unequal", capacities: [1, 2, 4, 8, 1, 2, 4, 8], jobs: 2000, share: 0.95 },
  ])("$shape servers", ({ capacities, jobs, share }) => {
    const table = carriedOut(
      { servers: serversOf(hasher, capacities), jobs: jobsOf(hasher, jobs) },
      [planRepair],
    );
    const before = ownersOf(table);
    let had = 0;
    let same = 0;
    for (const { id } of table.servers) {
      const lost = withLost(table, id);
      const repaired = withMoves(lost, planRepair(lost));
      const after = carriedOut({ servers: table.servers, jobs: repaired.jobs }, [balanceAll]);
      for (const { id: jobId, owner } of after.jobs) {
        if (before.get(jobId) !== id) continue;
        had += 1;
        if (owner === id) same += 1;
      }
    }
    expect(same / had).toBeGreaterThanOrEqual(share);
  });
});

test("100 random losses and joins: always even, never a move above the least possible", () => {
  const random = seededRandom(20_24);
  let input: PlacementInput = {
    servers: serversOf(hasher, [1, 1, 1, 1, 1]),
    jobs: jobsOf(hasher, 400),
  };
  input = carriedOut(input, [planRepair]);
  for (let event = 0; event < 100; event += 1) {
    const { servers, jobs } = input;
    const leaves = servers.length > 3 && (servers.length > 12 || between(random, 0, 2) === 0);
    const gone = leaves ? servers[between(random, 0, servers.length)]?.id : undefined;
    const rest = servers.filter(({ id }) => id !== gone);
    input = {
      servers: leaves ? rest : [...servers, server(hasher, `new-${String(event)}`)],
      jobs: jobs.map((job) => (job.owner === gone ? { ...job, owner: undefined } : job)),
    };
    const orphans = input.jobs.filter(({ owner }) => owner === undefined).length;
    const repair = planRepair(input);
    input = withMoves(input, repair);
    const balance = balanceAll(input);
    input = withMoves(input, balance);
    expect(unevenness(input)).toBeLessThanOrEqual(1);
    expect(repair.moves.length).toBe(orphans);
    expect(balance.moves.length).toBe(leaves ? 0 : Math.floor(400 / input.servers.length));
  }
  expect(isBalanced(input)).toBe(true);
});
