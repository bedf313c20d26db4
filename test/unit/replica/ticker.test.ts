import { expect, test } from "vitest";
import { Ticker } from "../../../src/replica/ticker.ts";
import { VirtualClock } from "./virtual-clock.ts";

function tickerOf(): {
  ticker: Ticker;
  clock: VirtualClock;
  ticks: number[];
  paused: number[];
  missed: number[];
} {
  const missed: number[] = [];
  const clock = new VirtualClock();
  const ticks: number[] = [];
  const paused: number[] = [];
  const ticker = new Ticker(
    { tickMs: 10, pauseMs: 300 },
    {
      clock,
      onTick: () => ticks.push(clock.nowMs()),
      onMissed: () => missed.push(clock.nowMs()),
      onPaused: (pausedMs) => paused.push(pausedMs),
    },
  );
  return { ticker, clock, ticks, paused, missed };
}

test("ticks keep to the clock, without drift", async () => {
  const { ticker, clock, ticks } = tickerOf();
  ticker.start();
  ticker.start();
  await clock.run(1000);
  expect(ticks).toHaveLength(100);
  expect(ticks.at(-1)).toBe(1000);
});

test("missed ticks are not made up for", async () => {
  const { ticker, clock, ticks, paused, missed } = tickerOf();
  ticker.start();
  await clock.run(50);
  expect(ticker.isLate).toBe(false);
  clock.stall(200);
  expect(ticker.isLate).toBe(true);
  await clock.run(50);
  expect(ticker.isLate).toBe(false);
  expect(ticks).toEqual([10, 20, 30, 40, 50, 250, 260, 270, 280, 290, 300]);
  expect(missed).toEqual([250]);
  expect(paused).toEqual([]);
});

test("after a pause what has arrived meanwhile runs first, and the pause is told before the tick", async () => {
  const { ticker, clock, ticks, paused } = tickerOf();
  ticker.start();
  await clock.run(10);
  const order: string[] = [];
  clock.stall(1000);
  // A message that waited in the socket while the process stood still.
  clock.after(-1000, () => undefined);
  clock.yield(() => order.push(`arrived, ${String(ticks.length)} ticks`));
  await clock.run(5);
  expect(order).toEqual(["arrived, 1 ticks"]);
  expect(paused).toEqual([990]);
  expect(ticks).toEqual([10, 1010]);
});

test("stopping ends it, also from within a tick", async () => {
  const clock = new VirtualClock();
  let count = 0;
  const ticker: Ticker = new Ticker(
    { tickMs: 10, pauseMs: 300 },
    {
      clock,
      onTick: () => {
        count += 1;
        if (count === 3) ticker.stop();
      },
      onMissed: () => undefined,
      onPaused: () => undefined,
    },
  );
  ticker.start();
  await clock.run(1000);
  expect(count).toBe(3);
  expect(clock.waiting).toBe(0);
});
