import { expect, test } from "vitest";
import {
  ConfigurationCache,
  type Visit,
} from "../../../sim/checkers/linearizability/configuration-cache.ts";
import { MemoryBudget } from "../../../sim/checkers/linearizability/memory-budget.ts";
import { PlacedSet } from "../../../sim/checkers/linearizability/placed-set.ts";

const size = 100;

function setOf(...positions: number[]): PlacedSet {
  const set = new PlacedSet(size);
  for (const position of positions) set.add(position);
  return set;
}

function cacheOf(
  bytesMax: number,
): (state: number, required: PlacedSet, optional?: PlacedSet) => Visit {
  const none = setOf();
  const cache = new ConfigurationCache(none.words.length, new MemoryBudget(bytesMax));
  return (state, required, optional = none) => cache.visit({ state, required, optional });
}

const muchBytes = 100_000_000;

test("a configuration is new once; its state and its set tell it from others", () => {
  const visit = cacheOf(muchBytes);
  expect(visit(1, setOf(0, 40))).toBe("new");
  expect(visit(1, setOf(0, 40))).toBe("seen");
  expect(visit(2, setOf(0, 40))).toBe("new");
  expect(visit(1, setOf(0, 41))).toBe("new");
  expect(visit(1, setOf(0, 40, 99))).toBe("new");
  expect(visit(1, setOf())).toBe("new");
});

test("one that used fewer unknown operations stands for those that used more, not the other way", () => {
  const visit = cacheOf(muchBytes);
  expect(visit(1, setOf(0), setOf(3, 70))).toBe("new");
  expect(visit(1, setOf(0), setOf(3, 70, 71))).toBe("seen");
  expect(visit(1, setOf(0), setOf(70))).toBe("new");
  expect(visit(1, setOf(0), setOf(4, 70))).toBe("seen");
  expect(visit(1, setOf(0), setOf(4))).toBe("new");
  expect(visit(1, setOf(0), setOf())).toBe("new");
  expect(visit(1, setOf(0), setOf(5))).toBe("seen");
});

test("sets with the same hash are not taken for each other", () => {
  const visit = cacheOf(muchBytes);
  const some = setOf(0, size - 1);
  const manyEnoughToCollide = 300_000;
  let seen = 0;
  for (let n = 0; n < manyEnoughToCollide; n += 1) {
    some.words[1] = n;
    some.words[2] = Math.imul(n, 0x2c1b3c6d);
    if (visit(1, some) === "seen") seen += 1;
  }
  expect(seen).toBe(0);
});

test("a full cache says so", () => {
  const visit = cacheOf(20_000);
  const visits = Array.from({ length: 2_000 }, (_, state) => visit(state, setOf(state % size)));
  expect(visits[0]).toBe("new");
  expect(visits.at(-1)).toBe("full");
});

test("a set forgets what was taken back", () => {
  const set = setOf(...Array.from({ length: 64 }, (_, position) => position), 90);
  expect([set.low, set.high]).toEqual([2, 2]);
  set.remove(90);
  set.remove(5);
  expect([set.low, set.high, set.has(5), set.has(6), set.has(90)]).toEqual([
    0,
    1,
    false,
    true,
    false,
  ]);
  for (let position = 0; position < 64; position += 1) set.remove(position);
  expect([set.low, set.high]).toEqual([0, -1]);
});
