// What the storage benchmark makes of its samples, and its verdicts: each goal missed by a little is a goal missed.
import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { cleanUp } from "../../../bench/lib/cleanup.ts";
import { writtenBytes, writtenBytesOf } from "../../../bench/lib/process-io.ts";
import { RandomBytes } from "../../../bench/lib/random-bytes.ts";
import { withScratch } from "../../../bench/lib/scratch.ts";
import { appendHolds, orderOf, resultOf } from "../../../bench/workloads/storage/append.ts";
import { type ChunksResult, chunksHold } from "../../../bench/workloads/storage/chunks.ts";
import { contenderNames, openContender } from "../../../bench/workloads/storage/contenders.ts";
import { entriesLacking, type Start, startHolds } from "../../../bench/workloads/storage/start.ts";
import { newChunks, newLog } from "../../../bench/workloads/storage/stores.ts";
import {
  type TruncationResult,
  truncationHolds,
} from "../../../bench/workloads/storage/truncation.ts";
import { ratioOf, type Upload, uploadHolds } from "../../../bench/workloads/storage/upload.ts";

describe("append", () => {
  test("six rounds have all six orders", () => {
    const orders = [0, 1, 2, 3, 4, 5].map((round) => orderOf(round).join(" "));
    expect(new Set(orders).size).toBe(6);
    expect(orderOf(6)).toEqual(orderOf(0));
    for (const order of orders) expect(order.split(" ").sort()).toEqual([...contenderNames].sort());
  });

  test("a ratio is one of the same round: a slow disk in one round is slow for both", () => {
    const result = resultOf(16, [
      { ours: 90, level: 100, file: 200 },
      { ours: 9, level: 10, file: 20 },
      { ours: 900, level: 1000, file: 2000 },
    ]);
    expect(result).toMatchObject({ batch: 16, ratioToLevel: 0.9, ratioToFile: 0.45 });
    expect(result.perSecond).toEqual({ ours: 90, level: 100, file: 200 });
  });

  test("one disturbed round decides nothing, but the means have it", () => {
    const good = { ours: 90, level: 100, file: 200 };
    const result = resultOf(1, [good, { ours: 1, level: 100, file: 200 }, good]);
    expect(result).toMatchObject({ ratioToLevel: 0.9, ratioOfMeans: 0.6 });
  });

  test("every batch size must meet the goal", () => {
    const result = (ratio: number): ReturnType<typeof resultOf> =>
      resultOf(1, [{ ours: ratio * 100, level: 100, file: 100 }]);
    expect(appendHolds([result(0.85), result(1.2)])).toBe(true);
    expect(appendHolds([result(0.84), result(1.2)])).toBe(false);
    expect(appendHolds([])).toBe(false);
  });

  test.each(contenderNames)("%s takes appends of any size, one after the other", async (name) => {
    await withScratch(async (directory) => {
      const contender = await openContender(name, directory);
      for (const count of [1, 3, 100]) {
        await contender.append(Array.from({ length: count }, () => Buffer.alloc(10, count)));
      }
      await contender.close();
    });
  });
});

describe("chunks", () => {
  const good: ChunksResult = {
    ...{ putBytes: 1, mibPerSecond: 250, amplification: 2.3, fileMibPerSecond: [500, 500] },
  };

  test("quick, and written about twice", () => {
    expect(chunksHold([good, good])).toBe(true);
  });

  test("too slow, written too often, nothing counted, or nothing measured: missed", () => {
    expect(chunksHold([good, { ...good, mibPerSecond: 249 }])).toBe(false);
    expect(chunksHold([good, { ...good, amplification: 2.31 }])).toBe(false);
    expect(chunksHold([{ ...good, amplification: 0 }])).toBe(false);
    expect(chunksHold([])).toBe(false);
  });

  test("what it stores is what it says: the store checks the digests", async () => {
    await withScratch(async (directory) => {
      const store = await newChunks(directory);
      const wrong = { digest: "0".repeat(64), bytes: Buffer.from("other") };
      await expect(store.put([wrong])).rejects.toThrow("digest");
      await store.close();
    });
  });
});

describe("truncation", () => {
  const mib = 1024 * 1024;
  const appendMs = { p50: 1, p90: 2, p99: 10, max: 500 };
  const worst = { liveBytes: 1, directoryBytes: 1 };
  const good: TruncationResult = {
    ...{ liveBytesMax: 40 * mib, directoryBytesMax: 112 * mib, worst, appendMs },
  };

  test("twice what is live and the fixed overhead, and no append waits long", () => {
    expect(truncationHolds(good)).toBe(true);
    expect(truncationHolds({ ...good, directoryBytesMax: 112 * mib + 1 })).toBe(false);
    expect(truncationHolds({ ...good, appendMs: { ...appendMs, max: 500.1 } })).toBe(false);
    expect(truncationHolds({ ...good, liveBytesMax: 0, directoryBytesMax: 0 })).toBe(false);
  });

  test("a log that is cut as a server does it keeps its trailing entries, and goes on", async () => {
    await withScratch(async (directory) => {
      const log = await newLog(directory);
      const values = Array.from({ length: 30 }, () => Buffer.alloc(10));
      await log.append(values);
      await log.compact(100);
      expect(log.entries).toBe(30);
      await log.compact(10);
      expect(log.entries).toBe(10);
      await log.append(values);
      expect([log.entries, log.lastIndex]).toEqual([40, 60]);
      await log.idle();
      await log.close();
    });
  });
});

describe("start", () => {
  const good: Start = { how: "stopped", readyMs: 3000, cpuMs: 1000, rssBytes: 400_000_000 };

  test("every start must be quick and small", () => {
    expect(startHolds([good, { ...good, how: "killed" }])).toBe(true);
    expect(startHolds([good, { ...good, readyMs: 3000.1 }])).toBe(false);
    expect(startHolds([good, { ...good, rssBytes: 400_000_001 }])).toBe(false);
    expect(startHolds([{ ...good, rssBytes: 0 }])).toBe(false);
    expect(startHolds([])).toBe(false);
  });

  test("what is lacking behind the snapshot; too much behind it wants a new one", () => {
    expect(entriesLacking({ lastIndex: 60_000, snapshotIndex: 50_000 }, 10_000)).toBe(0);
    expect(entriesLacking({ lastIndex: 50_001, snapshotIndex: 50_000 }, 10_000)).toBe(9999);
    expect(entriesLacking({ lastIndex: 60_001, snapshotIndex: 50_000 }, 10_000)).toBeUndefined();
    expect(entriesLacking({ lastIndex: 5, snapshotIndex: 0 }, 10_000)).toBeUndefined();
  });
});

describe("upload", () => {
  const good: Upload = {
    ...{ pacing: "paced", uploadMs: 10_000, mibPerSecond: 100, p50IdleMs: 3, p99IdleMs: 10 },
    ...{ p50DuringMs: 5, p99DuringMs: 30, maxDuringMs: 60, samplesDuring: 2000, p99Ratio: 3 },
    elections: 0,
  };
  const costly: Upload = { ...good, p99Ratio: 3.01 };
  const unpaced: Upload = { ...good, pacing: "unpaced", p99Ratio: 20 };

  test("only the paced rounds are held to the goal, by their median, the worse one of two", () => {
    expect(uploadHolds([good, unpaced])).toBe(true);
    expect(uploadHolds([good, costly, good])).toBe(true);
    expect(uploadHolds([costly, good, costly])).toBe(false);
    expect(uploadHolds([good, costly])).toBe(false);
    expect(ratioOf([good, unpaced], "unpaced")).toBe(20);
  });

  test("an election, or nothing measured with pacing: missed", () => {
    expect(uploadHolds([good, good, { ...unpaced, elections: 1 }])).toBe(false);
    expect(uploadHolds([unpaced])).toBe(false);
    expect(uploadHolds([])).toBe(false);
  });
});

describe("what the parts stand on", () => {
  test("bytes written, as the kernel tells them", () => {
    expect(writtenBytesOf("rchar: 1\nwrite_bytes: 8192\ncancelled_write_bytes: 4096\n")).toBe(8192);
    expect(() => writtenBytesOf("cancelled_write_bytes: 1\n")).toThrow("does not count");
    expect(writtenBytes()).toBeGreaterThanOrEqual(0);
  });

  test("random bytes are new each time, and the same after a rewind", () => {
    const source = new RandomBytes(8192);
    const first = Buffer.from(source.next());
    const second = Buffer.from(source.next());
    expect(first.subarray(0, 4096).equals(second.subarray(0, 4096))).toBe(false);
    expect(first.subarray(4096).equals(second.subarray(4096))).toBe(false);
    source.rewind();
    expect(source.next().equals(first)).toBe(true);
  });

  test("a scratch folder is gone afterwards, also after a failure and an interruption", async () => {
    const folders: string[] = [];
    const fail = withScratch((directory) => {
      folders.push(directory);
      writeFileSync(join(directory, "x"), "x");
      return Promise.reject(new Error("on purpose"));
    });
    await expect(fail).rejects.toThrow("on purpose");
    await withScratch(async (directory) => {
      folders.push(mkdtempSync(join(directory, "inner-")), directory);
      await cleanUp();
      expect(existsSync(directory)).toBe(false);
    });
    expect(folders.filter(existsSync)).toEqual([]);
  });
});
