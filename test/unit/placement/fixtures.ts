import xxhash from "xxhash-wasm";
import type { Hash64 } from "../../../src/base/hash.ts";
import { between, seededRandom } from "../../../src/base/random.ts";
import { RingHasher } from "../../../src/placement/ring.ts";
import { withMoves } from "../../../src/placement/table.ts";
import type {
  PlacementInput,
  PlacementJob,
  PlacementPlan,
  PlacementServer,
} from "../../../src/placement/types.ts";

/** The hash that ships. */
async function realHash(): Promise<Hash64> {
  const { h64, h64Raw } = await xxhash();
  return {
    text: (text) => {
      const hash = h64(text);
      return { high: Number(hash >> 32n), low: Number(hash & 0xffff_ffffn) };
    },
    bytes: (bytes) => h64Raw(bytes).toString(16).padStart(16, "0"),
  };
}

/**
 * A hash that puts texts where a test wants them: `places` in thousandths of the circle. Texts that it does
 * not name (the other 255 points of a server) fall together with the text before their '#'.
 */
export function fakeHash(places: Readonly<Record<string, number>>): Hash64 {
  return {
    text: (text) => {
      const place = places[text] ?? places[text.split("#")[0] ?? ""] ?? 0;
      return { high: Math.floor((place * 2 ** 32) / 1000), low: 0 };
    },
    bytes: () => "",
  };
}

export function server(
  hasher: RingHasher,
  id: string,
  changes: Partial<PlacementServer> = {},
): PlacementServer {
  return { id, capacity: 1, eligible: true, points: hasher.points(id), ...changes };
}

export function job(
  hasher: RingHasher,
  id: string,
  changes: Partial<PlacementJob> = {},
): PlacementJob {
  const position = hasher.position(id);
  return { id, position, owner: undefined, slots: 1, movable: true, priority: 50, ...changes };
}

/** Servers `s0…` with these capacities. */
export function serversOf(hasher: RingHasher, capacities: readonly number[]): PlacementServer[] {
  return capacities.map((capacity, i) => server(hasher, `s${String(i)}`, { capacity }));
}

/** Jobs `job-0…` without owners. */
export function jobsOf(hasher: RingHasher, count: number): PlacementJob[] {
  return Array.from({ length: count }, (_, i) => job(hasher, `job-${String(i)}`));
}

/** The input after the plans that `planners` make, one after the other. */
export function carriedOut(
  input: PlacementInput,
  planners: readonly ((input: PlacementInput) => PlacementPlan)[],
): PlacementInput {
  return planners.reduce((table, plan) => withMoves(table, plan(table)), input);
}

/** The input once the lease of `id` has ended: its jobs are orphans, and it receives none. */
export function withLost(input: PlacementInput, id: string): PlacementInput {
  return {
    ...input,
    servers: input.servers.map((one) => (one.id === id ? { ...one, eligible: false } : one)),
    jobs: input.jobs.map((one) => (one.owner === id ? { ...one, owner: undefined } : one)),
  };
}

export function shuffled<T>(items: readonly T[], seed: number): T[] {
  const random = seededRandom(seed);
  const copy = [...items];
  for (let i = copy.length - 1; i > 0; i -= 1) {
    const j = between(random, 0, i + 1);
    const [a, b] = [copy[i], copy[j]];
    if (a !== undefined && b !== undefined) [copy[i], copy[j]] = [b, a];
  }
  return copy;
}

export function ownersOf(input: PlacementInput): Map<string, string | undefined> {
  return new Map(input.jobs.map(({ id, owner }) => [id, owner]));
}

/** A real ring hasher, for files that cannot await at their top. */
export async function realHasher(): Promise<RingHasher> {
  return new RingHasher(await realHash());
}
