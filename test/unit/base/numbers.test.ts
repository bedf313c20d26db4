import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionFailed } from "../../../src/base/assert.ts";
import { epoch, index, peerId, plus, sessionId, term } from "../../../src/base/numbers.ts";
import { between, seededRandom } from "../../../src/base/random.ts";

describe("branded numbers", () => {
  test.each([term, index, peerId, epoch, sessionId])("%o takes safe integers ≥ 0 only", (make) => {
    fc.assert(
      fc.property(fc.maxSafeNat(), (value) => {
        expect(make(value)).toBe(value);
      }),
    );
    for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
      expect(() => make(bad)).toThrow(AssertionFailed);
    }
  });

  test("plus keeps to the same numbers", () => {
    expect(plus(index(4), 1)).toBe(5);
    expect(() => plus(index(0), -1)).toThrow(AssertionFailed);
    expect(() => plus(index(Number.MAX_SAFE_INTEGER), 1)).toThrow(AssertionFailed);
  });
});

describe("the seeded generator", () => {
  const draw = (seed: number, count: number): number[] => {
    const random = seededRandom(seed);
    return Array.from({ length: count }, () => random.next());
  };

  test("repeats itself from its seed, and differs between seeds", () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        expect(draw(seed, 20)).toEqual(draw(seed, 20));
        expect(draw(seed, 20)).not.toEqual(draw(seed + 1, 20));
      }),
    );
  });

  test("is sfc32: the same numbers as the published recurrence in exact arithmetic", () => {
    const word = (value: bigint): bigint => BigInt.asUintN(32, value);
    const reference = (seed: number, count: number): number[] => {
      let [a, b, c, counter] = [BigInt(seed), 0x9e3779b9n, 0x243f6a88n, 1n];
      return Array.from({ length: 12 + count }, () => {
        const sum = word(a + b + counter);
        counter = word(counter + 1n);
        a = b ^ (b >> 9n);
        b = word(c + (c << 3n));
        c = word(((c << 21n) | (c >> 11n)) + sum);
        return Number(sum);
      }).slice(12);
    };
    for (const seed of [0, 1, 7, 0xffff_ffff])
      expect(draw(seed, 200)).toEqual(reference(seed, 200));
  });

  test("gives unsigned 32-bit integers that fill their range", () => {
    const drawn = draw(7, 20_000);
    expect(drawn.every((value) => value >>> 0 === value)).toBe(true);
    const upper = drawn.filter((value) => value >= 2 ** 31).length;
    expect(upper).toBeGreaterThan(9500);
    expect(upper).toBeLessThan(10_500);
  });

  test("between stays in its half-open range and reaches both ends", () => {
    const random = seededRandom(3);
    const drawn = new Set(Array.from({ length: 500 }, () => between(random, 5, 9)));
    expect([...drawn].sort((a, b) => a - b)).toEqual([5, 6, 7, 8]);
  });
});
