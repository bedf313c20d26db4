import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type * as promises from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Replica } from "../../../../src/replica/contract.ts";
import type { Resources } from "../../../../src/resources/contract.ts";
import { LocalCluster } from "../../../../src/runner/cluster/local.ts";
import type { ResourceRef } from "../../../../src/state/rows.ts";

const trace: string[] = [];
let directory: string;

// What reaches the disk, in order: a crash cannot be made here, the order that survives one can be seen.
vi.mock("node:fs/promises", async (load) => {
  const real = await load<typeof promises>();
  const short = (path: unknown): string => relative(directory, String(path));
  return {
    ...real,
    open: async (...args: Parameters<typeof real.open>) => {
      const handle = await real.open(...args);
      const sync = handle.sync.bind(handle);
      handle.sync = async () => {
        trace.push(`sync ${short(args[0])}`);
        await sync();
      };
      return handle;
    },
    rename: async (from: string, to: string) => {
      trace.push(`rename ${short(from)} ${short(to)}`);
      await real.rename(from, to);
    },
  };
});

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-local-"));
  trace.length = 0;
});
afterEach(() => rmSync(directory, { recursive: true }));

function fetchOf(parts: readonly (string | Error)[], digestOf: string): Promise<void> {
  const download = async () => ({
    bytes: (async function* () {
      for (const part of parts) {
        if (part instanceof Error) throw part;
        yield Buffer.from(part);
      }
    })(),
  });
  const modules = { replica: {} as Replica, resources: { download } as unknown as Resources };
  const digest = createHash("sha256").update(digestOf).digest("hex");
  const resource: ResourceRef = { namespace: "default", name: "app.jar", version: 1, digest };
  const cluster = new LocalCluster({ serverId: "s1" }, modules);
  return cluster.fetch(resource, join(directory, "app.jar"));
}

test("the bytes are on disk before the name is, and the name before the fetch is done", async () => {
  await fetchOf(["one ", "two"], "one two");
  expect(trace).toEqual(["sync app.jar.partial", "rename app.jar.partial app.jar", "sync "]);
  expect(readFileSync(join(directory, "app.jar"), "utf8")).toBe("one two");
});

test("wrong bytes and a broken download leave nothing behind", async () => {
  await expect(fetchOf(["one"], "one two")).rejects.toMatchObject({
    code: "QUORATE_RUNNER_WRONG_RESOURCE",
  });
  await expect(fetchOf(["one", new Error("lost")], "one")).rejects.toThrow("lost");
  expect(["app.jar", "app.jar.partial"].map((n) => existsSync(join(directory, n)))).toEqual([
    false,
    false,
  ]);
});
