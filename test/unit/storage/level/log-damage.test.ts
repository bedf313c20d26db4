// Real files with real damage: whatever is found ends in a coded error, and nothing wrong is served.
import { cp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Logger } from "../../../../src/base/logger.ts";
import { silentLogger } from "../../../../src/base/logger.ts";
import { index } from "../../../../src/base/numbers.ts";
import {
  entryKey,
  snapshotKey,
  stateCopyKey,
  stateKey,
} from "../../../../src/storage/level/keys.ts";
import type { LevelLogStore } from "../../../../src/storage/level/log-store.ts";
import { openLog } from "../../../../src/storage/level/open-log.ts";
import { droppedRecords } from "../../../../src/storage/level/wal-files.ts";
import {
  codeOf,
  entry,
  hardState,
  run,
  snapshotMeta,
  temporaryDirectory,
} from "../../../conformance/storage/harness.ts";
import { filesOf, flipBit, flipInTables, rawPairs, rawWrite } from "./raw.ts";

const corruptLog = "QUORATE_STORAGE_CORRUPT_LOG";
const corruptEntry = "QUORATE_STORAGE_CORRUPT_ENTRY";

let root: string;
let directory: string;
beforeEach(async () => {
  root = await temporaryDirectory();
  directory = join(root, "log");
});
afterEach(() => rm(root, { recursive: true, force: true }));

function open(
  options: {
    readonly isNew?: boolean;
    readonly logger?: Logger;
    readonly cacheBytesMax?: number;
  } = {},
): Promise<LevelLogStore> {
  const { isNew = false, logger = silentLogger, cacheBytesMax = 1e6 } = options;
  return openLog({ directory, isNew, cacheBytesMax }, { logger });
}

const marker = Buffer.from("a payload that can be found in the files");

/** Six synced appends; entry 3 carries the marker. */
async function fill(): Promise<void> {
  const store = await open({ isNew: true });
  for (let at = 1; at <= 6; at += 1) {
    const data = at === 3 ? marker : Buffer.from("other");
    await store.append({ entries: [entry(at, at, data)], hardState: hardState(at, 1, at - 1) });
  }
  await store.close();
}

/** As `fill`, and everything lies in table files. */
async function fillTables(): Promise<void> {
  await fill();
  await rawWrite(directory, []);
  expect((await filesOf(directory, ".ldb")).length).toBeGreaterThan(0);
}

/** The only write-ahead log with content. */
async function walFile(): Promise<string> {
  for (const file of await filesOf(directory, ".log")) {
    if ((await readFile(file)).length > 0) return file;
  }
  throw new Error("no write-ahead log");
}

describe("tables", () => {
  test("a flipped bit in an entry refuses the start", async () => {
    await fillTables();
    expect(await flipInTables(directory, marker, 5)).toBe(1);
    expect(await codeOf(() => open())).toBe(corruptLog);
  });

  test("a flipped bit that appears later is found by the read", async () => {
    await fillTables();
    const store = await open({ cacheBytesMax: 0 });
    await flipInTables(directory, marker, 5);
    expect(await codeOf(() => store.view.entries(index(1), index(7), 1e6))).toBe(corruptEntry);
    expect(await codeOf(() => store.view.entries(index(4), index(5), 1e6))).toBe(corruptEntry);
    expect(store.view.entries(index(5), index(7), 1e6)).toHaveLength(2);
    await store.close();
  });

  test("an older version of an entry in its place is found", async () => {
    await fill();
    const old = (await rawPairs(directory)).find(([key]) => key.equals(entryKey(3)));
    const store = await open();
    await store.append({ entries: [], hardState: hardState(6, 1, 5) });
    await store.close();
    await rm(directory, { recursive: true });
    const second = await open({ isNew: true });
    await second.append({ entries: run(1, 2, 1), hardState: undefined });
    await second.append({ entries: run(3, 6, 3), hardState: undefined });
    await second.close();
    await rawWrite(directory, [[entryKey(3), old?.[1]]]);
    expect(await codeOf(() => open())).toBe(corruptEntry);
  });

  test("an entry that is missing in the middle or at the end refuses the start", async () => {
    await fill();
    const copy = join(root, "copy");
    await cp(directory, copy, { recursive: true });
    await rawWrite(directory, [[entryKey(4), undefined]]);
    expect(await codeOf(() => open())).toBe(corruptEntry);
    directory = copy;
    await rawWrite(directory, [[entryKey(6), undefined]]);
    expect(await codeOf(() => open())).toBe(corruptLog);
  });

  test("entries behind the end refuse the start", async () => {
    await fill();
    const pairs = await rawPairs(directory);
    const last = pairs.find(([key]) => key.equals(entryKey(6)));
    await rawWrite(directory, [[entryKey(7), last?.[1]]]);
    expect(await codeOf(() => open())).toBe(corruptEntry);
  });
});

describe("hard state", () => {
  async function damage(key: Uint8Array): Promise<void> {
    const pair = (await rawPairs(directory)).find(([found]) => found.equals(key));
    const value = Buffer.from(pair?.[1] ?? []);
    value[20] = (value[20] ?? 0) ^ 1;
    await rawWrite(directory, [[key, value]]);
  }

  test("one damaged copy is replaced by the other, with a warning", async () => {
    for (const key of [stateKey, stateCopyKey]) {
      await rm(directory, { recursive: true, force: true });
      await fill();
      await damage(key);
      const warnings: string[] = [];
      const store = await open({
        logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) },
      });
      expect(warnings).toHaveLength(1);
      expect(store.view.initialHardState()).toEqual(hardState(6, 1, 5));
      await store.append({ entries: [], hardState: hardState(7, 2, 6) });
      await store.close();
      warnings.length = 0;
      await (await open()).close();
      expect(warnings).toEqual([]);
    }
  });

  test("two damaged copies, or copies of different age, refuse the start", async () => {
    await fill();
    const old = (await rawPairs(directory)).find(([key]) => key.equals(stateKey));
    const store = await open();
    await store.append({ entries: [], hardState: hardState(9, 0, 6) });
    await store.close();
    await rawWrite(directory, [[stateKey, old?.[1]]]);
    expect(await codeOf(() => open())).toBe(corruptLog);
    await damage(stateKey);
    await damage(stateCopyKey);
    expect(await codeOf(() => open())).toBe(corruptLog);
  });

  test("a database that lost everything refuses the start", async () => {
    await fill();
    await rm(directory, { recursive: true });
    expect(await codeOf(() => open())).toBe(corruptLog);
  });

  test("a damaged or outdated description of the snapshot refuses the start", async () => {
    await fill();
    const old = (await rawPairs(directory)).find(([key]) => key.equals(snapshotKey));
    const store = await open();
    await store.compact(snapshotMeta(3, 3), index(3));
    await store.close();
    await rawWrite(directory, [[snapshotKey, old?.[1]]]);
    expect(await codeOf(() => open())).toBe(corruptLog);
    await damage(snapshotKey);
    expect(await codeOf(() => open())).toBe(corruptLog);
  });
});

describe("write-ahead log", () => {
  test("a flipped bit in a record in the middle refuses the start and changes nothing", async () => {
    await fill();
    const file = await walFile();
    const bytes = await readFile(file);
    await flipBit(file, bytes.indexOf(marker));
    const before = await readFile(file);
    expect(await codeOf(() => open())).toBe(corruptLog);
    expect((await readFile(file)).equals(before)).toBe(true);
  });

  test("a flipped bit in the last record refuses the start: it is complete, so it was acknowledged", async () => {
    await fill();
    const file = await walFile();
    await flipBit(file, (await readFile(file)).length - 20);
    expect(await codeOf(() => open())).toBe(corruptLog);
  });

  test("cut anywhere in its last records, the log opens at the last whole one", async () => {
    await fill();
    const file = await walFile();
    const { length } = await readFile(file);
    const name = file.slice(directory.length + 1);
    const original = directory;
    const perRecord = Math.floor((length - marker.length) / 7);
    for (let end = length - 1; end >= length - 3 * perRecord; end -= 7) {
      directory = join(root, String(end));
      await cp(original, directory, { recursive: true });
      await truncate(join(directory, name), end);
      const store = await open();
      const last = store.view.lastIndex();
      expect(last).toBeGreaterThanOrEqual(2);
      expect(last).toBeLessThanOrEqual(5);
      expect(store.view.initialHardState()).toEqual(hardState(last, 1, last - 1));
      await store.close();
    }
  });

  test("a last record with a sector of zeros is a torn tail and is cut off", async () => {
    const store = await open({ isNew: true });
    await store.append({ entries: [entry(1, 1)], hardState: hardState(1, 0, 0) });
    await store.append({
      entries: [entry(2, 1, Buffer.alloc(3000, 7))],
      hardState: hardState(1, 1, 1),
    });
    await store.close();
    const file = await walFile();
    const bytes = await readFile(file);
    await writeFile(file, bytes.fill(0, 1024, 1536));
    const seen: string[] = [];
    const again = await open({
      logger: { ...silentLogger, info: (_fields, message) => void seen.push(message) },
    });
    expect(seen).toHaveLength(1);
    expect([again.view.lastIndex(), again.view.initialHardState()]).toEqual([
      1,
      hardState(1, 0, 0),
    ]);
    await again.close();
  });

  test("what LevelDB itself would drop without a word is read from its LOG", async () => {
    await fill();
    expect(await droppedRecords(directory)).toEqual([]);
    const file = await walFile();
    await flipBit(file, (await readFile(file)).length - 20);
    await rawWrite(directory, []);
    expect(await droppedRecords(directory)).toHaveLength(1);
  });

  test("a damaged manifest refuses the start", async () => {
    await fillTables();
    const [manifest] = (await filesOf(directory, "")).filter((file) => file.includes("MANIFEST"));
    await flipBit(manifest ?? "", 60);
    expect(await codeOf(() => open())).toBe(corruptLog);
  });
});
