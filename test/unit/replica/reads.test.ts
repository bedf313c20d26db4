import { expect, test } from "vitest";
import { index } from "../../../src/base/numbers.ts";
import { Reads } from "../../../src/replica/reads.ts";
import { VirtualClock } from "./virtual-clock.ts";

function life(firstReadId: number): { reads: Reads; asked: () => number } {
  const clock = new VirtualClock();
  const reads = new Reads(
    { readsMax: 10, firstReadId },
    { clock, wake: () => undefined, leads: () => false, applied: () => index(5) },
  );
  let asked = 0;
  return {
    reads,
    asked: () => {
      reads.flush((readId) => {
        asked = readId;
      });
      return asked;
    },
  };
}

test("an answer to a round from before a restart is not taken for one of now", async () => {
  const before = life(1000);
  void before.reads.barrier(1000).catch(() => undefined);
  const old = before.asked();
  const now = life(2000);
  let isAnswered = false;
  const barrier = now.reads.barrier(1000).then(() => {
    isAnswered = true;
  });
  const asked = now.asked();
  now.reads.confirmed([{ readId: old, index: index(1) }]);
  await Promise.resolve();
  expect(isAnswered).toBe(false);
  now.reads.confirmed([{ readId: asked, index: index(5) }]);
  await barrier;
  expect(isAnswered).toBe(true);
});
