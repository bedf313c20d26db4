import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { cleanUp, onInterrupt } from "../../../bench/lib/cleanup.ts";
import { whyUnwritable } from "../../../bench/lib/json-file.ts";
import { Latencies } from "../../../bench/lib/report.ts";
import { readOptions } from "../../../bench/options.ts";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-options-"));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

describe("the command line", () => {
  test("has defaults for everything", () => {
    expect(readOptions([])).toMatchObject({ workloads: [], servers: 3, kills: 20, loss: "kill" });
    expect(readOptions([])?.peer).toBeUndefined();
  });

  test("names workloads and their settings", () => {
    const words = ["failover", "restart", "--kills", "200", "--peer", "etcd", "--log-mb", "7"];
    expect(readOptions(words)).toMatchObject({
      ...{ workloads: ["failover", "restart"], kills: 200, peer: "etcd", logMb: 7 },
    });
  });

  test("the parts of storage: all, or those that are named", () => {
    const all = ["append", "chunks", "truncation", "start", "upload"];
    expect(readOptions(["storage"])).toMatchObject({ parts: all, logGb: 10, startJobs: 100_000 });
    const words = ["storage", "--parts", "upload,append", "--upload-mb", "64"];
    expect(readOptions(words)).toMatchObject({ parts: ["upload", "append"], uploadMb: 64 });
  });

  test.each([
    [["storage", "--parts", "append,uploads"], /no part "uploads": choose from append,/],
    [["storage", "--parts", ""], /no part ""/],
    [["failovr"], /"failovr": choose from/],
    [["failover", "extra"], /"extra"/],
    [["--kills", "0"], /--kills must be a whole number above 0, not "0"/],
    [["--peer", "zookeper"], /etcd/],
    [["--lease", "slow"], /fast, default, relaxed/],
    [["--unheard-of"], /--unheard-of/],
    [["--json", "/no/such/folder/x.json"], /does not exist/],
  ])("refuses %j before anything is started", (words, what) => {
    expect(() => readOptions(words)).toThrow(
      expect.objectContaining({
        code: "QUORATE_BENCH_BAD_OPTION",
        message: expect.stringMatching(what) as string,
      }),
    );
  });
});

describe("a file for results", () => {
  test("can be new or there, in a folder that exists", () => {
    const path = join(directory, "x.json");
    expect(whyUnwritable(path)).toBeUndefined();
    writeFileSync(path, "");
    expect(whyUnwritable(path)).toBeUndefined();
  });

  test("cannot be a folder, or be in one that does not exist", () => {
    expect(whyUnwritable(directory)).toContain("is a folder");
    expect(whyUnwritable(join(directory, "none", "x.json"))).toContain("does not exist");
  });
});

describe("an interrupted run", () => {
  test("cleans up all that is left, also when one cleanup fails", async () => {
    const done: string[] = [];
    const forget = onInterrupt(() => Promise.resolve().then(() => void done.push("forgotten")));
    const stays = [
      onInterrupt(() => Promise.reject(new Error("cannot"))),
      onInterrupt(() => Promise.resolve().then(() => void done.push("done"))),
    ];
    forget();
    await cleanUp();
    expect(done).toEqual(["done"]);
    for (const each of stays) each();
  });
});

test("no percentile is above the largest sample", () => {
  const latencies = new Latencies();
  for (const ms of [195.3, 1125.6]) latencies.add(ms);
  const { p50, p99, max } = latencies.percentiles();
  expect(max).toBe(1125.6);
  expect(p99).toBeLessThanOrEqual(max);
  expect(p50).toBeLessThan(200);
});
