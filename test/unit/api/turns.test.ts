import { beforeEach, expect, test } from "vitest";
import { Turns } from "../../../src/api/turns.ts";
import type { Clock } from "../../../src/base/clock.ts";

let nowMs: number;
let yielded: (() => void)[];
let begun: number[];
let turns: Turns;

const clock: Clock = {
  nowMs: () => nowMs,
  after: () => () => undefined,
  yield: (callback) => {
    yielded.push(callback);
    return () => undefined;
  },
};

beforeEach(() => {
  nowMs = 100;
  yielded = [];
  begun = [];
  turns = new Turns(clock);
});

/** A call that takes so long to begin. */
const call =
  (name: number, tookMs: number): (() => void) =>
  () => {
    begun.push(name);
    nowMs += tookMs;
  };

/** Resolves when all microtasks of the turn have run. */
async function nextTurn(): Promise<void> {
  const callbacks = yielded;
  yielded = [];
  for (const callback of callbacks) callback();
  await new Promise(setImmediate);
}

test("calls begin at once as long as the turn has time, and the turn is looked after once", () => {
  for (let i = 0; i < 4; i += 1) turns.run(call(i, 1));
  expect(begun).toEqual([0, 1, 2, 3]);
  expect(yielded).toHaveLength(1);
});

test("the rest begin in later turns, in order, also behind those that come meanwhile", async () => {
  for (let i = 0; i < 5; i += 1) turns.run(call(i, 3));
  expect(begun).toEqual([0, 1]);
  await nextTurn();
  expect(begun).toEqual([0, 1, 2, 3]);
  turns.run(call(5, 0));
  expect(begun).toEqual([0, 1, 2, 3]);
  await nextTurn();
  expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
});

test("a call that begins another one in its own turn is no endless loop", async () => {
  let left = 50;
  const again = (): void => {
    nowMs += 1;
    left -= 1;
    if (left > 0) turns.run(() => again());
  };
  again();
  for (let i = 0; i < 50 && left > 0; i += 1) await nextTurn();
  expect(left).toBe(0);
});

test("what was used up in one turn does not count in the next", async () => {
  turns.run(call(0, 1000));
  await nextTurn();
  await nextTurn();
  expect(yielded).toEqual([]);
  turns.run(call(1, 0));
  expect(begun).toEqual([0, 1]);
});

test("what a call does after its first wait counts as well", async () => {
  turns.run(call(0, 1000));
  for (let i = 1; i <= 4; i += 1) {
    turns.run(() => {
      begun.push(i);
      void Promise.resolve().then(() => {
        nowMs += 3;
      });
    });
  }
  await nextTurn();
  expect(begun).toEqual([0, 1, 2]);
  await nextTurn();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});
