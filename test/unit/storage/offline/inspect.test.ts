import { createHash } from "node:crypto";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { openDataDirectory } from "../../../../src/storage/data-directory.ts";
import { decideQuarantine } from "../../../../src/storage/files/quarantine.ts";
import { inspectDataDirectory } from "../../../../src/storage/offline/inspect.ts";
import {
  codeOf,
  hardState,
  run,
  snapshotMeta,
  temporaryDirectory,
} from "../../../conformance/storage/harness.ts";
import { filesOf, flipBit } from "../level/raw.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** Digest of all files with their names. */
async function fingerprint(): Promise<string> {
  const hash = createHash("sha256");
  for (const item of (await readdir(dir, { recursive: true, withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    if (item.isFile())
      hash.update(item.name).update(await readFile(join(item.parentPath, item.name)));
  }
  return hash.digest("hex");
}

test("tells what is there, with and without an owner, and changes nothing", async () => {
  const data = await openDataDirectory({ dir, logger: silentLogger, serverId: "alpha" });
  await data.log.append({ entries: run(1, 3, 1), hardState: hardState(1, 0, 3) });
  await (await data.snapshots.create(snapshotMeta(3, 1))).commit();
  expect((await inspectDataDirectory(dir)).ownerPid).toBe(process.pid);
  await data.close();
  const before = await fingerprint();
  const report = await inspectDataDirectory(dir);
  expect(report).toMatchObject({
    directory: dir,
    ownerPid: undefined,
    identity: { serverId: "alpha" },
  });
  expect(report.snapshots.map(({ info }) => info?.meta)).toEqual([snapshotMeta(3, 1)]);
  expect(report.databases.map(({ name, wal }) => [name, wal.damage])).toEqual([
    ["log", undefined],
    ["chunks", undefined],
    ["chunk-index", undefined],
  ]);
  expect(await fingerprint()).toBe(before);
  const [wal] = await filesOf(join(dir, "log"), ".log");
  await flipBit(wal ?? "", 50);
  expect((await inspectDataDirectory(dir)).databases[0]?.wal.damage).toMatchObject({ offset: 0 });
});

test("what is damaged is told beside the rest", async () => {
  const data = await openDataDirectory({ dir, logger: silentLogger });
  await (await data.snapshots.create(snapshotMeta(3, 1))).commit();
  await data.close();
  await flipBit(join(dir, "identity"), 20);
  const [snapshot = ""] = await filesOf(join(dir, "snapshots"), ".snapshot");
  await flipBit(snapshot, 2);
  await writeFile(join(dir, "quarantine"), "{}");
  const report = await inspectDataDirectory(dir);
  expect(report.identity).toBeUndefined();
  expect(report.identityDamage).toContain("identity");
  expect(report.quarantineDamage).toContain("quarantine");
  expect(report.snapshots).toEqual([{ name: basename(snapshot), info: undefined }]);
});

test("the quarantine is told", async () => {
  const data = await openDataDirectory({ dir, logger: silentLogger });
  await data.close();
  const reason = { code: "QUORATE_STORAGE_CORRUPT_LOG", message: "m", atMs: 5 };
  decideQuarantine(dir, { ...reason, clusterId: "c", generation: 1, serverId: "s" });
  expect((await inspectDataDirectory(dir)).quarantine).toMatchObject(reason);
});

test("what is no data directory is refused", async () => {
  await writeFile(join(dir, "letter"), "dear");
  const refusals = [dir, join(dir, "nothing"), join(dir, "letter")].map(async (directory) =>
    codeOf(() => inspectDataDirectory(directory)),
  );
  expect(new Set(await Promise.all(refusals))).toEqual(
    new Set(["QUORATE_STORAGE_NOT_A_DATA_DIRECTORY"]),
  );
});
