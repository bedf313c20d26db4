import { writeFileSync } from "node:fs";
import { chmod, readdir, readFile, rename, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { openDataDirectory } from "../../../../src/storage/data-directory.ts";
import { decideQuarantine } from "../../../../src/storage/files/quarantine.ts";
import { lockDirectory } from "../../../../src/storage/level/directory-lock.ts";
import { statedEnd } from "../../../../src/storage/level/entry-codec.ts";
import {
  arrivalKey,
  chunkKey,
  entryKey,
  nextArrivalKey,
  snapshotKey,
  stateCopyKey,
  stateKey,
} from "../../../../src/storage/level/keys.ts";
import { type Verification, verifyDataDirectory } from "../../../../src/storage/offline/verify.ts";
import { codeOf, run, temporaryDirectory } from "../../../conformance/storage/harness.ts";
import { markStopped } from "../files/stopped.ts";
import { filesOf, flipBit, flipInTables, rawPairs, rawWrite } from "../level/raw.ts";
import { chunks, fill, firstIndex, groupStart, lastIndex } from "./directory.ts";
import { treeOf } from "./tree.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
  await fill(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const verify = (): Promise<Verification> => verifyDataDirectory({ directory: dir });
const path = (...names: readonly string[]): string => join(dir, ...names);

/** `where code` of each finding, without the common part of the code. */
async function findings(): Promise<readonly string[]> {
  const { findings: found } = await verify();
  for (const { what, doThis } of found) expect([what, doThis]).not.toContain("");
  return found.map(({ where, code }) => `${where} ${code.replace("QUORATE_STORAGE_CORRUPT_", "")}`);
}

async function only(directory: string, suffix: string): Promise<string> {
  const [file = ""] = await filesOf(path(directory), suffix);
  return file;
}

async function valueOf(database: string, key: Uint8Array): Promise<Buffer> {
  const pairs = await rawPairs(path(database));
  const found = pairs.find(([at]) => at.equals(key));
  if (found === undefined) throw new Error("no such key");
  return Buffer.from(found[1]);
}

async function damageValue(database: string, key: Uint8Array, at: number): Promise<void> {
  const value = await valueOf(database, key);
  value[at] = (value[at] ?? 0) ^ 1;
  await rawWrite(path(database), [[key, value]]);
}

/** The identity file, intact, with some fields changed. */
async function identityWith(changes: object): Promise<string> {
  const file = JSON.parse(await readFile(path("identity"), "utf8")) as { identity: object };
  const identity = { ...file.identity, ...changes };
  const checksum = crc32(JSON.stringify(identity)).toString(16).padStart(8, "0");
  return JSON.stringify({ identity, checksum });
}

describe("an intact directory", () => {
  test("has no findings", async () => {
    const report = await verify();
    expect(report).toMatchObject({ directory: dir, findings: [], notes: [] });
    const entries = lastIndex - firstIndex + 1;
    expect(report.checked).toEqual({ entries, chunks: chunks.length, snapshots: 1 });
  });

  test("is not written to, and may be read-only", async () => {
    const items = await readdir(dir, { recursive: true, withFileTypes: true });
    const folders = [
      dir,
      ...items.filter((one) => one.isDirectory()).map((one) => join(one.parentPath, one.name)),
    ];
    for (const folder of folders) await chmod(folder, 0o500);
    const before = await treeOf(dir);
    // Nothing stays where temporary files are made either; a place of its own, since others work there, too.
    const temporary = await temporaryDirectory();
    vi.stubEnv("TMPDIR", temporary);
    expect((await verify()).findings).toEqual([]);
    vi.unstubAllEnvs();
    expect(await treeOf(dir)).toEqual(before);
    expect(await readdir(temporary)).toEqual([]);
    await rm(temporary, { recursive: true });
    await writeFile(path("identity"), await readFile(path("identity")));
    expect(await treeOf(dir)).not.toEqual(before);
    for (const folder of folders) await chmod(folder, 0o700);
  });

  test("progress goes up to about all bytes", async () => {
    const seen: number[] = [];
    let total = 0;
    const onProgress = (done: number, all: number): void => {
      seen.push(done);
      total = all;
    };
    await verifyDataDirectory({ directory: dir, onProgress });
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeGreaterThan(200_000);
    expect(seen.at(-1)).toBeLessThanOrEqual(total);
  });

  test("a new directory and one whose index of chunks was deleted are clean", async () => {
    await rm(path("chunk-index"), { recursive: true });
    const without = await verify();
    expect(without.findings).toEqual([]);
    expect(without.notes).toHaveLength(1);
    const fresh = await temporaryDirectory();
    await (await openDataDirectory({ dir: fresh, logger: silentLogger })).close();
    expect((await verifyDataDirectory({ directory: fresh })).findings).toEqual([]);
    await rm(fresh, { recursive: true });
  });

  test("a torn tail is no damage", async () => {
    const wal = await only("log", ".log");
    await truncate(wal, (await readFile(wal)).length - 3);
    const { findings: found, notes } = await verify();
    expect(found).toEqual([]);
    expect(notes[0]).toContain("never acknowledged");
  });

  test("a quarantine is told", async () => {
    const reason = { code: "QUORATE_STORAGE_CORRUPT_LOG", message: "m", atMs: 5 };
    decideQuarantine(dir, { ...reason, clusterId: "c", generation: 1, serverId: "alpha" });
    expect((await verify()).notes[0]).toContain("quarantine");
  });

  test("so is that no server starts with it any more", async () => {
    await markStopped(dir);
    const { findings: found, notes } = await verify();
    expect(found.map(({ where, code }) => [where, code])).toEqual([
      ["quarantine", "QUORATE_STORAGE_QUARANTINED_TOO_OFTEN"],
    ]);
    expect(notes[0]).toContain("stopped");
  });
});

describe("small files", () => {
  test.each(["identity", "formation", "contacts", "quarantine"])("%s", async (name) => {
    await writeFile(path(name), "{}");
    expect(await findings()).toEqual([`${name} IDENTITY`]);
  });

  test("a missing identity beside a log", async () => {
    await rm(path("identity"));
    expect(await findings()).toEqual(["identity IDENTITY"]);
  });
});

describe("the log", () => {
  test.each([
    ["first", stateKey],
    ["second", stateCopyKey],
  ])("the %s copy of the hard state alone", async (_name, key) => {
    await damageValue("log", key, 30);
    expect(await findings()).toEqual(["log: hard state LOG"]);
  });

  test("both copies", async () => {
    await damageValue("log", stateKey, 30);
    await damageValue("log", stateCopyKey, 40);
    expect(await findings()).toEqual(["log: hard state LOG"]);
  });

  test("copies of different age", async () => {
    const old = await valueOf("log", stateCopyKey);
    const data = await openDataDirectory({ dir, logger: silentLogger });
    await data.log.append({ entries: [], hardState: data.log.view.initialHardState() });
    await data.close();
    await rawWrite(path("log"), [[stateCopyKey, old]]);
    expect(await findings()).toEqual(["log: hard state LOG"]);
  });

  test("several entries, each of them, and what follows is still checked", async () => {
    await damageValue("log", entryKey(11), 30);
    await rawWrite(path("log"), [
      [entryKey(14), undefined],
      [entryKey(18), await valueOf("log", entryKey(17))],
    ]);
    expect(await findings()).toEqual([11, 14, 18].map((at) => `log: entry ${String(at)} ENTRY`));
  });

  /** Where in the group that begins with `groupStart` an entry begins. */
  async function placeInGroup(index: number): Promise<number> {
    const group = await valueOf("log", entryKey(groupStart));
    let at = 0;
    for (let i = groupStart; i < index; i += 1) at = statedEnd(group, at) ?? group.length;
    return at;
  }

  test("an entry among others that lie together: those behind it are still checked", async () => {
    for (const index of [22, 25]) {
      const at = await placeInGroup(index);
      await damageValue("log", entryKey(groupStart), at + 30);
    }
    expect(await findings()).toEqual([22, 25].map((at) => `log: entry ${String(at)} ENTRY`));
  });

  test("an entry whose length is damaged hides those that lie behind it", async () => {
    const at = await placeInGroup(27);
    await damageValue("log", entryKey(groupStart), at + 25);
    expect(await findings()).toEqual([27, 28, 29, 30].map((one) => `log: entry ${one} ENTRY`));
  });

  test("entries that lie together behind the last one", async () => {
    const group = await valueOf("log", entryKey(groupStart));
    await rawWrite(path("log"), [[entryKey(groupStart), Buffer.concat([group, Buffer.of(1)])]]);
    expect(await findings()).toEqual(["log LOG"]);
  });

  test("an entry that is intact and does not belong there breaks the chain", async () => {
    const value = await valueOf("log", entryKey(13));
    value.writeUInt32BE(7, 4);
    value.writeUInt32BE(crc32(value.subarray(4)), 0);
    await rawWrite(path("log"), [[entryKey(13), value]]);
    expect(await findings()).toEqual(["log: entry 13 ENTRY", "log: entry 14 ENTRY"]);
  });

  test("entries behind the last one", async () => {
    await rawWrite(path("log"), [[entryKey(lastIndex + 2), Buffer.of(1)]]);
    expect(await findings()).toEqual(["log LOG"]);
  });

  test("the snapshot's description", async () => {
    await damageValue("log", snapshotKey, 5);
    expect(await findings()).toEqual(["log LOG"]);
  });

  test("a flipped bit in a table", async () => {
    await rawWrite(path("log"), []);
    expect(await flipInTables(path("log"), Buffer.from("12/1"), 1)).toBeGreaterThan(0);
    expect((await findings())[0]).toMatch(/^log\/\d+\.ldb at byte \d+ LOG$/);
  });

  test("a flipped bit in the write-ahead log", async () => {
    await flipBit(await only("log", ".log"), 60);
    const found = await findings();
    expect(found[0]).toMatch(/^log\/\d+\.log at byte 0 LOG$/);
  });

  test("a missing table", async () => {
    await rm(await only("log", ".ldb"));
    expect((await findings())[0]).toMatch(/^log\/\d+\.ldb at byte 0 LOG$/);
  });

  test.each([
    ["log", "LOG"],
    ["chunks", "CHUNK"],
    ["chunk-index", "CHUNK"],
  ])(
    "a flipped bit in the index of a table of %s, which LevelDB would believe",
    async (name, kind) => {
      await rawWrite(path(name), []);
      const table = (await readdir(path(name))).find((one) => one.endsWith(".ldb"))!;
      const { length } = await readFile(path(name, table));
      await flipBit(path(name, table), length - 60);
      const found = await findings();
      expect(found).toHaveLength(1);
      expect(found[0]).toMatch(new RegExp(`^${name}/${table} at byte \\d+ ${kind}$`));
    },
  );

  test("all of it missing", async () => {
    await rename(path("log"), path("cache"));
    expect(await findings()).toEqual(["log LOG"]);
  });

  test("a finding for each of very many would be read by nobody", async () => {
    const data = await openDataDirectory({ dir, logger: silentLogger });
    for (const one of run(lastIndex + 1, 130, 2)) {
      await data.log.append({ entries: [one], hardState: undefined });
    }
    await data.close();
    const gone = Array.from({ length: 80 }, (_, i) => [entryKey(40 + i), undefined] as const);
    await rawWrite(path("log"), gone);
    const { findings: found } = await verify();
    expect(found).toHaveLength(51);
    expect(found.at(-1)?.what).toContain("30 more");
  });
});

describe("snapshots", () => {
  test.each([
    ["header", 4],
    ["body", 100_000],
  ])("a flipped bit in the %s", async (_name, at) => {
    const file = await only("snapshots", ".snapshot");
    await flipBit(file, at);
    const [first, second] = await findings();
    expect(first).toBe(`snapshots/${file.split("/").at(-1) ?? ""} SNAPSHOT`);
    expect(second).toBe("snapshots SNAPSHOT");
  });

  test("the one that the log begins after is missing", async () => {
    await rm(await only("snapshots", ".snapshot"));
    expect(await findings()).toEqual(["snapshots SNAPSHOT"]);
  });
});

describe("chunks", () => {
  const [one, two] = chunks.map(({ digest }) => digest);

  test("a flipped bit", async () => {
    await damageValue("chunks", chunkKey(1, one ?? ""), 77);
    const { findings: found } = await verify();
    expect(found).toMatchObject([{ where: "chunks", code: "QUORATE_STORAGE_CORRUPT_CHUNK" }]);
    expect(found[0]?.what).toContain(one);
  });

  test("missing bytes and a key that is none: each is told", async () => {
    await rawWrite(path("chunks"), [
      [chunkKey(2, two ?? ""), undefined],
      [Buffer.concat([arrivalKey(1), Buffer.of(9)]), Buffer.of(1)],
    ]);
    expect(await findings()).toEqual(["chunks CHUNK", "chunks CHUNK"]);
  });

  test("a damaged index, and the chunks are verified all the same", async () => {
    await damageValue("chunk-index", nextArrivalKey, 2);
    await damageValue("chunks", chunkKey(2, two ?? ""), 3);
    expect(await findings()).toEqual(["chunk-index CHUNK", "chunks CHUNK"]);
  });

  test("what a crash left behind is no damage", async () => {
    await rawWrite(path("chunks"), [[chunkKey(9, one ?? ""), Buffer.of(1)]]);
    const { findings: found, notes } = await verify();
    expect(found).toEqual([]);
    expect(notes[0]).toContain("left behind");
  });
});

describe("refused", () => {
  test("while a server has it open", async () => {
    const data = await openDataDirectory({ dir, logger: silentLogger });
    expect(await codeOf(verify)).toBe("QUORATE_STORAGE_DATA_DIRECTORY_IN_USE");
    // A container's server has a pid that says nothing here; the kernel knows of its lock.
    await rm(path("LOCK"));
    expect(await codeOf(verify)).toBe("QUORATE_STORAGE_DATA_DIRECTORY_IN_USE");
    await data.close();
    expect(await codeOf(verify)).toBe("none");
  });

  test("while a server is about to open it", async () => {
    const lock = await lockDirectory(dir, { logger: silentLogger });
    await rm(path("LOCK"));
    expect(await codeOf(verify)).toBe("QUORATE_STORAGE_DATA_DIRECTORY_IN_USE");
    await lock.release();
    expect(await codeOf(verify)).toBe("none");
  });

  test("when a server was started meanwhile", async () => {
    const text = await identityWith({ bootCounter: 99 });
    const onProgress = (): void => {
      writeFileSync(path("identity"), text);
    };
    expect(await codeOf(() => verifyDataDirectory({ directory: dir, onProgress }))).toBe(
      "QUORATE_STORAGE_DATA_DIRECTORY_IN_USE",
    );
    expect(await codeOf(verify)).toBe("none");
  });

  test("a newer format, and what is no data directory", async () => {
    await writeFile(path("identity"), await identityWith({ formatVersion: 99 }));
    expect(await codeOf(verify)).toBe("QUORATE_STORAGE_NEWER_FORMAT");
    expect(await codeOf(() => verifyDataDirectory({ directory: path("cache") }))).toBe(
      "QUORATE_STORAGE_NOT_A_DATA_DIRECTORY",
    );
  });
});
