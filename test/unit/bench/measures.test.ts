// What is read from the kernel, from the disk and from a server's status, and the verdict on a catch-up.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { diskBytes } from "../../../bench/lib/disk-usage.ts";
import { viewOf } from "../../../bench/lib/door.ts";
import type { Machine } from "../../../bench/lib/local-cluster.ts";
import { MemoryWatch, memoryOf } from "../../../bench/lib/process-memory.ts";
import { meetsGoals, p99RatioOf, type Round } from "../../../bench/workloads/catch-up.ts";

describe("memory", () => {
  test("resident now and at most, in bytes", () => {
    const text = "Name:\tnode\nVmPeak:\t  999 kB\nVmHWM:\t    2048 kB\nVmRSS:\t    1024 kB\n";
    expect(memoryOf(text)).toEqual({ rssBytes: 1_048_576, peakBytes: 2_097_152 });
  });

  test("a process without memory has none", () => {
    expect(memoryOf("Name:\tnode\nState:\tZ (zombie)\n")).toBeUndefined();
  });

  test("this process, as the kernel tells it", () => {
    const memory = memoryOf(readFileSync("/proc/self/status", "utf8"));
    expect(memory?.rssBytes).toBeGreaterThan(10_000_000);
    expect(memory?.peakBytes).toBeGreaterThanOrEqual(memory?.rssBytes ?? Number.POSITIVE_INFINITY);
  });

  test("the peak of a machine outlives its process, and a new process is counted", () => {
    // No process has this number: Linux ends far below it.
    const nobody = 2 ** 30;
    let pid: number | undefined = process.pid;
    const machine = { id: "s1", serverPid: () => pid } as unknown as Machine;
    const watch = new MemoryWatch([machine]);
    watch.sample();
    const peak = watch.peaks()["s1"] ?? 0;
    expect(peak).toBeGreaterThan(0);
    expect(watch.successors).toBe(0);
    pid = nobody;
    const other = new MemoryWatch([machine]);
    other.sample();
    expect(other.peaks()).toEqual({ s1: 0 });
    pid = process.pid;
    other.sample();
    expect(other.successors).toBe(1);
    expect(other.peaks()["s1"]).toBeGreaterThan(0);
  });
});

describe("disk", () => {
  let directory: string;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "quorate-disk-"));
  });

  afterEach(() => {
    rmSync(directory, { recursive: true, force: true });
  });

  test("files of all folders below; nothing for a folder that is not there", () => {
    mkdirSync(join(directory, "log"));
    writeFileSync(join(directory, "identity"), Buffer.alloc(100_000, 1));
    writeFileSync(join(directory, "log", "000001.log"), Buffer.alloc(200_000, 1));
    expect(diskBytes(directory)).toBeGreaterThanOrEqual(300_000);
    expect(diskBytes(join(directory, "log"))).toBeLessThan(diskBytes(directory));
    expect(diskBytes(join(directory, "none"))).toBe(0);
  });
});

describe("status", () => {
  const indices = { commitIndex: 9, appliedIndex: 8, lastIndex: 10, snapshotIndex: 3 };

  test("is taken as it is", () => {
    const view = { leaderId: "s1", term: 2, ...indices };
    expect(viewOf({ ...view, role: "leader" })).toEqual(view);
  });

  test("an answer that lacks something is no status", () => {
    expect(() => viewOf({ leaderId: "s1", ...indices })).toThrow("term");
    expect(() => viewOf({ term: 2, ...indices })).toThrow("leaderId");
    expect(() => viewOf(null)).toThrow("no object");
  });
});

describe("verdict on a catch-up", () => {
  const good: Round = {
    ...{ way: "log", entriesBehind: 9000, contactMs: 900, caughtUpMs: 1000 },
    ...{
      entriesPerSecond: 90_000,
      followerCpuMs: 1500,
      windowMs: 5000,
      p99BeforeMs: [5],
      p99ControlMs: 10,
      p99DuringMs: 15,
    },
    ...{ p99CatchingUpMs: 20, p99Ratio: 1.5, p99RatioToBefore: 3, elections: 0 },
  };
  const slow: Round = { ...good, entriesPerSecond: 49_999 };
  const costly: Round = { ...good, p99Ratio: 2.1 };

  test("quick by the log, or by a snapshot", () => {
    expect(meetsGoals([good])).toBe(true);
    expect(meetsGoals([{ ...slow, way: "snapshot" }])).toBe(true);
  });

  test("too slow, too costly, an election, or nothing measured: missed", () => {
    expect(meetsGoals([slow])).toBe(false);
    expect(meetsGoals([costly])).toBe(false);
    expect(meetsGoals([good, good, { ...good, elections: 1 }])).toBe(false);
    expect(meetsGoals([])).toBe(false);
  });

  test("one bad round of three does not decide, two do", () => {
    expect(meetsGoals([good, costly, good])).toBe(true);
    expect(meetsGoals([costly, good, costly])).toBe(false);
    expect(meetsGoals([slow, good, good])).toBe(true);
    expect(meetsGoals([good, costly])).toBe(false);
    expect(meetsGoals([good, slow])).toBe(false);
  });

  test("the ratio is to the usual window before, not to the best or the worst", () => {
    expect(p99RatioOf(20, [10, 2, 50])).toBe(2);
    expect(p99RatioOf(20, [])).toBe(0);
  });
});
