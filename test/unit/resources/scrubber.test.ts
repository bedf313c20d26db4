import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { GiB, KiB } from "../../../src/base/units.ts";
import { ChunkWatch } from "../../../src/resources/chunk-watch.ts";
import {
  scrubBytesPerSecond,
  scrubPassMsMin,
  scrubStartDelayMsMax,
} from "../../../src/resources/limits.ts";
import { Scrubber } from "../../../src/resources/scrubber.ts";
import { storageErrors } from "../../../src/storage/errors.ts";
import { memoryDataDirectory } from "../../../src/storage/memory/data-directory.ts";
import { VirtualClock } from "../replica/virtual-clock.ts";

function chunk(seed: number) {
  const bytes = Buffer.alloc(64 * KiB, seed);
  return { digest: createHash("sha256").update(bytes).digest("hex"), bytes };
}

/** Chunks 1…count, those of `damaged` damaged; what was read, when, and what the log was asked for. */
async function setup(count: number, damaged: readonly number[] = []) {
  const clock = new VirtualClock();
  const { chunks: store } = memoryDataDirectory();
  const all = Array.from({ length: count }, (_, n) => chunk(n + 1));
  if (count > 0) await store.put(all);
  const bad = new Set(damaged.map((n) => chunk(n).digest));
  const reads: { readonly atMs: number; readonly digest: string }[] = [];
  const get = store.get.bind(store);
  store.get = async (digest) => {
    reads.push({ atMs: clock.nowMs(), digest });
    if (!bad.delete(digest)) return await get(digest);
    await store.remove([digest]);
    throw storageErrors.CORRUPT_CHUNK("the stored chunk does not match");
  };
  const watch = new ChunkWatch(store);
  let turns = 0;
  const take = (): Promise<void> => {
    turns += 1;
    return Promise.resolve();
  };
  const random = seededRandom(7);
  const modules = { chunks: watch, clock, wallClock: clock, random, logger: silentLogger, take };
  return { clock, watch, reads, scrubber: new Scrubber(modules), turns: () => turns, all };
}

describe("the scrub", () => {
  test("reads every chunk once in a pass, at its rate, and yields to the log before each", async () => {
    const { clock, scrubber, reads, turns, all } = await setup(20);
    scrubber.start();
    await clock.until("a pass is over", () => scrubber.stats().lastPassAtMs > 0, scrubPassMsMin);
    expect(reads.map(({ digest }) => digest).sort()).toEqual(all.map((c) => c.digest).sort());
    expect(turns()).toBe(20);
    expect(scrubber.stats().scrubbedBytes).toBe(20 * 64 * KiB);
    const tookMs = (reads.at(-1)?.atMs ?? 0) - (reads[0]?.atMs ?? 0);
    expect(tookMs).toBeCloseTo((19 * 64 * KiB * 1000) / scrubBytesPerSecond, 3);
    expect(reads[0]?.atMs).toBeLessThan(scrubStartDelayMsMax);
    await clock.run(scrubPassMsMin / 2);
    expect(reads).toHaveLength(20);
    await clock.run(scrubPassMsMin / 2);
    expect(reads).toHaveLength(40);
    await scrubber.stop();
    expect(clock.waiting).toBe(0);
  });

  test("goes on after damage, which is counted and told", async () => {
    const { clock, scrubber, reads, watch } = await setup(5, [2, 4]);
    const told: string[] = [];
    const unsubscribe = watch.onDamaged((digest) => told.push(digest));
    scrubber.start();
    await clock.until("a pass is over", () => scrubber.stats().lastPassAtMs > 0, scrubPassMsMin);
    expect(told.sort()).toEqual([chunk(2).digest, chunk(4).digest].sort());
    expect([reads.length, watch.counts()]).toEqual([5, { damaged: 2, repaired: 0 }]);
    await watch.put([chunk(2), chunk(3)]);
    await watch.remove([chunk(4).digest]);
    await watch.put([chunk(4)]);
    expect(watch.counts()).toEqual({ damaged: 2, repaired: 1 });
    unsubscribe();
    await scrubber.stop();
  });

  test("an empty store is a short pass", async () => {
    const { clock, scrubber } = await setup(0);
    scrubber.start();
    await clock.until("a pass is over", () => scrubber.stats().lastPassAtMs > 0, scrubPassMsMin);
    await scrubber.stop();
  });

  test("stops in the middle of a pass, and before one", async () => {
    const { clock, scrubber, reads } = await setup(20);
    scrubber.start();
    await clock.until("it reads", () => reads.length === 3, scrubPassMsMin);
    await scrubber.stop();
    await scrubber.stop();
    expect([scrubber.stats().lastPassAtMs, clock.waiting]).toEqual([0, 0]);
    const early = await setup(3);
    early.scrubber.start();
    await early.scrubber.stop();
    expect([early.reads.length, early.clock.waiting]).toEqual([0, 0]);
  });

  test("20 GiB take about a week", () => {
    const days = (20 * GiB) / scrubBytesPerSecond / 86_400;
    expect(days).toBeGreaterThan(6);
    expect(days).toBeLessThan(8);
  });
});
