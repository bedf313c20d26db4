// Percentiles per window: which write belongs to which window, and what one that failed counts.
import { expect, test } from "vitest";
import { failedMs, p99Ms, push, SteadyLoad, windows, within } from "../../../bench/lib/load.ts";
import { until } from "../../../bench/lib/wait.ts";
import type { QuorateClient } from "../../../src/client/quorate-client.ts";

/** A client whose writes end as `put` says. */
function clientWith(put: (key: string) => Promise<void>): QuorateClient {
  return { kv: { put } } as unknown as QuorateClient;
}

const value = new Uint8Array(8);

test("a write belongs to the window in which it was due, not in which it was answered", () => {
  const samples = [
    { dueMs: 99, latencyMs: 500 },
    { dueMs: 100, latencyMs: 1 },
    { dueMs: 199, latencyMs: 300 },
    { dueMs: 200, latencyMs: 2 },
  ];
  expect(within(samples, { fromMs: 100, toMs: 200 })).toEqual([1, 300]);
});

test("windows are whole ones; a span that is too short is one window", () => {
  expect(windows({ fromMs: 0, toMs: 2500 }, 1000)).toEqual([
    { fromMs: 0, toMs: 1000 },
    { fromMs: 1000, toMs: 2000 },
  ]);
  expect(windows({ fromMs: 10, toMs: 500 }, 1000)).toEqual([{ fromMs: 10, toMs: 500 }]);
});

test("one slow write in a hundred is not the p99, two are", () => {
  const quick = Array.from({ length: 98 }, () => 1);
  expect(p99Ms([...quick, 1, 900])).toBe(1);
  expect(p99Ms([...quick, 900, 900])).toBe(900);
});

test("push: each write is acknowledged once, keys stay in their set, a failed one is made again", async () => {
  const keys: string[] = [];
  const client = clientWith((key) => {
    keys.push(key);
    return keys.length === 3 ? Promise.reject(new Error("no leader")) : Promise.resolve();
  });
  const seen: number[] = [];
  const { failed } = await push(client, {
    ...{ count: 20, callers: 4, value, keys: 5 },
    onWritten: (written) => seen.push(written),
  });
  expect(failed).toBe(1);
  expect(keys).toHaveLength(21);
  expect(seen.at(-1)).toBe(20);
  expect(new Set(keys).size).toBe(5);
});

test("steady load: a stall of the server is one of every write that was due meanwhile", async () => {
  let answer: () => void = () => undefined;
  const stalled = new Promise<void>((resolve) => {
    answer = resolve;
  });
  let begun = 0;
  const client = clientWith(() => {
    begun += 1;
    return stalled;
  });
  const load = new SteadyLoad(client, { perSecond: 1000, value, keys: 10 });
  load.start();
  await until("many writes are under way", () => (begun >= 30 ? true : undefined));
  expect(load.samples).toEqual([]);
  const paused = load.pause();
  answer();
  await paused;
  const { samples } = load;
  expect(samples).toHaveLength(begun);
  const [first, second] = samples;
  expect((second?.dueMs ?? 0) - (first?.dueMs ?? 0)).toBeCloseTo(1);
  expect(first?.latencyMs).toBeGreaterThan(samples.at(-1)?.latencyMs ?? Number.POSITIVE_INFINITY);
});

test("steady load: a write that failed counts as the longest", async () => {
  const load = new SteadyLoad(
    clientWith(() => Promise.reject(new Error("gone"))),
    { perSecond: 1000, value, keys: 10 },
  );
  load.start();
  await until("a write has failed", () => (load.samples.length > 0 ? true : undefined));
  await load.pause();
  expect(new Set(load.samples.map(({ latencyMs }) => latencyMs))).toEqual(new Set([failedMs]));
});
