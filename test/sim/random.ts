// One source of chance per concern, all derived from the seed: a change in what the network draws does not move
// what the clients do.
import { between, type Random, seededRandom } from "../../src/base/random.ts";

export function splitRandom(seed: number, concern: string): Random {
  let mixed = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1);
  for (const letter of concern) mixed = Math.imul(mixed ^ letter.charCodeAt(0), 0x01000193);
  return seededRandom(mixed ^ (mixed >>> 15));
}

const million = 1_000_000;

export function chance(random: Random, perMillion: number): boolean {
  return perMillion > 0 && between(random, 0, million) < perMillion;
}

/** In [min, max), in steps of a thousandth. */
export function betweenFine(random: Random, min: number, max: number): number {
  return max <= min ? min : min + between(random, 0, Math.ceil((max - min) * 1000)) / 1000;
}

/** Undefined when there is nothing to choose from. */
export function pick<T>(random: Random, from: readonly T[]): T | undefined {
  return from.length === 0 ? undefined : from[between(random, 0, from.length)];
}

export function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at -= 1) {
    const other = between(random, 0, at + 1);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}
