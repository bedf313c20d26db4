import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { index } from "../../../../src/base/numbers.ts";
import { storageErrors } from "../../../../src/storage/errors.ts";
import type { Database } from "../../../../src/storage/level/database.ts";
import { openDatabase } from "../../../../src/storage/level/database.ts";
import { entryKey } from "../../../../src/storage/level/keys.ts";
import { LogContent } from "../../../../src/storage/level/log-content.ts";
import { LevelLogStore } from "../../../../src/storage/level/log-store.ts";
import { openLog } from "../../../../src/storage/level/open-log.ts";
import {
  codeOf,
  entry,
  hardState,
  run,
  snapshotMeta,
  temporaryDirectory,
} from "../../../conformance/storage/harness.ts";
import { rawPairs, withCommit } from "./raw.ts";

let root: string;
let directory: string;
beforeEach(async () => {
  root = await temporaryDirectory();
  directory = join(root, "log");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const noState = { hardState: undefined };

/** A real database whose writes can be told to fail, or to wait. */
async function faultyDatabase(): Promise<{
  database: Database;
  faults: { isFailing: boolean; gate: Promise<void> };
}> {
  const real = await openDatabase({
    directory,
    writeBufferBytes: 1 << 20,
    tableBytesMax: 1 << 20,
    damaged: storageErrors.CORRUPT_LOG,
  });
  const faults = { isFailing: false, gate: Promise.resolve() };
  const database: Database = {
    ...real,
    batch: (values) => {
      const batch = real.batch(values);
      const commit = async (): Promise<void> => {
        if (faults.isFailing) throw new Error("EIO");
        await batch.commit();
        await faults.gate;
      };
      return withCommit(batch, commit);
    },
  };
  return { database, faults };
}

function storeOver(database: Database): LevelLogStore {
  const content = new LogContent({ cacheBytesMax: 0 }, { database });
  return new LevelLogStore({}, { database, content, logger: silentLogger });
}

test("after a failed write everything fails, and the view stays with what is durable", async () => {
  const { database, faults } = await faultyDatabase();
  const store = storeOver(database);
  await store.append({ entries: run(1, 2, 1), ...noState });
  faults.isFailing = true;
  const failed = "QUORATE_STORAGE_WRITE_FAILED";
  expect(await codeOf(() => store.append({ entries: run(3, 3, 1), ...noState }))).toBe(failed);
  faults.isFailing = false;
  expect(await codeOf(() => store.append({ entries: run(3, 3, 1), ...noState }))).toBe(failed);
  expect(await codeOf(() => store.compact(snapshotMeta(1, 1), index(2)))).toBe(failed);
  expect(store.view.lastIndex()).toBe(2);
  await store.close();
});

test("while entries are being replaced on the disk, uncached reads still see the old ones", async () => {
  const { database, faults } = await faultyDatabase();
  const store = storeOver(database);
  await store.append({ entries: run(1, 3, 1), ...noState });
  await store.append({ entries: run(4, 5, 1), ...noState });
  let release = (): void => undefined;
  faults.gate = new Promise((resolve) => {
    release = resolve;
  });
  const pending = store.append({ entries: run(2, 3, 2), ...noState });
  const written = async (): Promise<boolean> => (await database.get(entryKey(4))) === undefined;
  expect(await written()).toBe(false);
  await expect.poll(written).toBe(true);
  expect(store.view.entries(index(2), index(6), 1e6)?.map(({ term }) => term)).toEqual([
    1, 1, 1, 1,
  ]);
  release();
  await pending;
  expect(store.view.entries(index(2), index(4), 1e6)?.map(({ term }) => term)).toEqual([2, 2]);
  await store.close();
});

test("compacted entries are deleted, a gap up to a far snapshot costs nothing", async () => {
  const store = await openLog(
    { directory, isNew: true, deadBytesMin: 0 },
    { logger: silentLogger },
  );
  await store.append({ entries: run(1, 5000, 1), hardState: hardState(1, 0, 5000) });
  await store.compact(snapshotMeta(4990, 1), index(4900));
  await store.idle();
  await store.compact(snapshotMeta(1e9, 2), index(1));
  await store.idle();
  await store.append({ entries: run(1e9 + 1, 1e9 + 3, 2), ...noState });
  await store.close();
  // One group of entries, and what every log has.
  expect(await rawPairs(directory)).toHaveLength(1 + 3);
});

test("deletions that a stop interrupted go on at the next open", async () => {
  const store = await openLog({ directory, isNew: true }, { logger: silentLogger });
  await store.append({ entries: run(1, 20_000, 1), hardState: hardState(1, 0, 20_000) });
  await store.compact(snapshotMeta(20_000, 1), index(20_000));
  await store.close();
  const again = await openLog({ directory, isNew: false }, { logger: silentLogger });
  await again.idle();
  expect([again.view.firstIndex(), again.view.lastIndex()]).toEqual([20_000, 20_000]);
  await again.close();
  expect(await rawPairs(directory)).toHaveLength(1 + 3);
});

test("the disk does not grow over many rounds of appending and compacting", async () => {
  const { database } = await faultyDatabase();
  const content = new LogContent({ cacheBytesMax: 0 }, { database });
  const store = new LevelLogStore(
    { deadBytesMin: 256 * 1024 },
    { database, content, logger: silentLogger },
  );
  const data = Buffer.alloc(4096, 1);
  let last = 0;
  for (let round = 0; round < 60; round += 1) {
    const entries = Array.from({ length: 50 }, (_, i) => entry(last + 1 + i, 1, data));
    last += 50;
    await store.append({ entries, hardState: hardState(1, 0, last) });
    await store.compact(snapshotMeta(last, 1), index(last - 10));
    await store.idle();
  }
  const bytes = await database.approximateBytes(Uint8Array.of(0), Uint8Array.of(9));
  expect(bytes).toBeLessThan((50 * 4096 * 60) / 4);
  await store.close();
});

test("memory for entries stays within its limit; older ones come from the disk", async () => {
  const store = await openLog(
    { directory, isNew: true, cacheBytesMax: 20_000 },
    { logger: silentLogger },
  );
  for (let from = 1; from <= 500; from += 50)
    await store.append({ entries: run(from, from + 49, from), ...noState });
  expect(store.stats().cachedBytes).toBeLessThanOrEqual(20_000);
  const read = store.view.entries(index(1), index(501), 1e9) ?? [];
  expect(read.map((e) => [e.index, e.term, Buffer.from(e.data).toString()])).toEqual(
    Array.from({ length: 500 }, (_, i) => [
      i + 1,
      i - (i % 50) + 1,
      `${String(i + 1)}/${String(i - (i % 50) + 1)}`,
    ]),
  );
  await store.close();
});
