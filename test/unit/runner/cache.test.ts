import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ResourceCache } from "../../../src/runner/executors/cache.ts";
import { pruneJobDirectories } from "../../../src/runner/executors/job-directories.ts";
import type { ResourceRef } from "../../../src/state/rows.ts";

let data: string;
let fetched: string[];
let nowMs: number;
let cache: ResourceCache;
const resource = (digit: string, name = "app.jar"): ResourceRef => ({
  ...{ namespace: "default", name, version: 1, digest: digit.repeat(64) },
});

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "quorate-cache-"));
  fetched = [];
  nowMs = 1_000_000;
  cache = new ResourceCache(
    { dataDirectory: data, bytesMax: 250 },
    {
      cluster: {
        fetch: async (ref, path) => {
          fetched.push(ref.digest[0]!);
          await new Promise((resolve) => setImmediate(resolve));
          writeFileSync(path, "x".repeat(100));
        },
      },
      wallClock: { wallMs: () => (nowMs += 1000) },
    },
  );
});
afterEach(() => rmSync(data, { recursive: true }));

test("fetched once, also when asked for at the same time; the path ends in the resource's own name", async () => {
  const both = await Promise.all([cache.pathOf(resource("a")), cache.pathOf(resource("a"))]);
  expect(both[0]).toBe(join(data, "cache", "a".repeat(64), "app.jar"));
  expect(both[1]).toBe(both[0]);
  await cache.pathOf(resource("a"));
  expect(fetched).toEqual(["a"]);
});

test("a name cannot leave the cache", async () => {
  const path = await cache.pathOf(resource("a", "../../etc/app.jar"));
  expect(path).toBe(join(data, "cache", "a".repeat(64), "app.jar"));
  for (const bad of [
    resource("a", ".."),
    resource("a", ""),
    { ...resource("a"), digest: "../x" },
  ]) {
    await expect(cache.pathOf(bad)).rejects.toMatchObject({
      code: "QUORATE_RUNNER_BAD_RESOURCE_NAME",
    });
  }
});

test("above the limit the least recently used goes, but nothing that is in use", async () => {
  for (const digit of ["a", "b", "c", "d"]) await cache.pathOf(resource(digit));
  await cache.pathOf(resource("b"));
  await cache.prune(new Set(["a".repeat(64)]));
  const left = ["a", "b", "c", "d"].filter((d) => existsSync(join(data, "cache", d.repeat(64))));
  expect(left).toEqual(["a", "b"]);
});

test("directories of jobs: the longest unused go above the limit", async () => {
  for (const [at, name] of ["j1", "j2", "j3", "j4"].entries()) {
    mkdirSync(join(data, "jobs", name), { recursive: true });
    utimesSync(join(data, "jobs", name), at + 1, at + 1);
  }
  await pruneJobDirectories(data, new Set(["j1"]), 1);
  const left = ["j1", "j2", "j3", "j4"].filter((name) => existsSync(join(data, "jobs", name)));
  expect(left).toEqual(["j1", "j4"]);
  await pruneJobDirectories(join(data, "nowhere"), new Set());
});
