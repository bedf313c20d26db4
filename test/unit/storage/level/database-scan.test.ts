// Every bit of every file that a database consists of: what LevelDB would believe is found before it is asked.
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import { index } from "../../../../src/base/numbers.ts";
import { storageErrors } from "../../../../src/storage/errors.ts";
import { openDatabase } from "../../../../src/storage/level/database.ts";
import { scanDatabase } from "../../../../src/storage/level/database-scan.ts";
import { entryKey } from "../../../../src/storage/level/keys.ts";
import { openLog } from "../../../../src/storage/level/open-log.ts";
import { codeOf, run, temporaryDirectory } from "../../../conformance/storage/harness.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
});
afterEach(() => rmSync(dir, { recursive: true }));

const open = (): ReturnType<typeof openDatabase> =>
  openDatabase({
    directory: dir,
    writeBufferBytes: 64 * 1024,
    tableBytesMax: 1024 * 1024,
    damaged: storageErrors.CORRUPT_LOG,
  });

/** A database with some tables: more than fits the write buffer, several blocks each, some of it deleted again. */
async function fill(): Promise<void> {
  const database = await open();
  for (let i = 1; i <= 40; i += 1) {
    const batch = database.batch("large");
    for (let k = 0; k < 8; k += 1) batch.put(entryKey(i * 8 + k), Buffer.alloc(1000, i));
    if (i > 20) batch.del(entryKey(i));
    await batch.commit();
  }
  await database.compact(entryKey(0), entryKey(1000));
  await database.close();
}

const tablesIn = (): string[] => readdirSync(dir).filter((name) => name.endsWith(".ldb"));
const manifest = (): string => readdirSync(dir).find((name) => name.startsWith("MANIFEST"))!;

/** Flips one bit of each of these bytes in turn and calls `found` for it. */
async function withEachFlip(
  file: string,
  offsets: readonly number[],
  found: (offset: number) => Promise<void>,
): Promise<void> {
  const path = join(dir, file);
  const whole = readFileSync(path);
  for (const offset of offsets) {
    const bytes = Buffer.from(whole);
    bytes[offset] = (bytes[offset] ?? 0) ^ (1 << (offset % 8));
    writeFileSync(path, bytes);
    await found(offset);
  }
  writeFileSync(path, whole);
}

describe("a database whose files are as they were written", () => {
  test("is found to be, again and again, also after it was opened in between", async () => {
    await fill();
    for (let life = 0; life < 3; life += 1) {
      const scan = await scanDatabase(dir, "whole");
      expect(scan).toMatchObject({ isThere: true, damage: undefined });
      expect(scan.tables).toBeGreaterThan(0);
      expect(scan.tables).toBeLessThanOrEqual(tablesIn().length);
      await (await open()).close();
    }
  });

  test("is not there before it was created, also when its creation was cut short", async () => {
    expect(await scanDatabase(join(dir, "none"), "whole")).toMatchObject({
      isThere: false,
      damage: undefined,
    });
    writeFileSync(join(dir, "LOCK"), "");
    writeFileSync(join(dir, "MANIFEST-000001"), "half");
    expect(await scanDatabase(dir, "whole")).toMatchObject({ isThere: false, damage: undefined });
  });

  test("may have tables that belong to it no more, whatever is in them", async () => {
    await fill();
    writeFileSync(join(dir, "009999.ldb"), "left behind by a crash");
    expect((await scanDatabase(dir, "whole")).damage).toBeUndefined();
  });

  test("may have a manifest that ends in zeros, as a power loss leaves them", async () => {
    await fill();
    appendFileSync(join(dir, manifest()), Buffer.alloc(100));
    expect((await scanDatabase(dir, "whole")).damage).toBeUndefined();
    await (await open()).close();
  });

  test("may have a manifest whose last record a crash has cut", async () => {
    await fill();
    const path = join(dir, manifest());
    truncateSync(path, readFileSync(path).length - 3);
    const { damage } = await scanDatabase(dir, "whole");
    // What the cut record said was not acted upon; the tables before it are still there, or LevelDB would miss them too.
    if (damage !== undefined) expect(damage.reason).toBe("a table that is missing");
  });
});

describe("a flipped bit", () => {
  test("anywhere in a table is found, but for the padding of its footer", async () => {
    await fill();
    const [file] = tablesIn();
    const size = readFileSync(join(dir, file!)).length;
    const offsets = Array.from({ length: size }, (_, i) => i).filter(
      (i) => i % 97 === 0 || i > size - 400,
    );
    const missed: number[] = [];
    await withEachFlip(file!, offsets, async (offset) => {
      const { damage } = await scanDatabase(dir, "whole");
      if (damage?.file !== file) missed.push(offset);
    });
    // Of the 40 bytes for two places only as many are used as their numbers take.
    for (const offset of missed) {
      expect(offset).toBeGreaterThan(size - 48);
      expect(offset).toBeLessThan(size - 8);
    }
    expect(missed.length).toBeLessThan(40);
  });

  test("in the index of a table is found when only the index is looked at; one in its data is not", async () => {
    await fill();
    const [file] = tablesIn();
    const size = readFileSync(join(dir, file!)).length;
    await withEachFlip(file!, [100], async () => {
      expect((await scanDatabase(dir, "index")).damage).toBeUndefined();
    });
    await withEachFlip(file!, [size - 60], async () => {
      expect((await scanDatabase(dir, "index")).damage?.file).toBe(file);
    });
  });

  test("anywhere in the manifest or in CURRENT is found", async () => {
    await fill();
    for (const file of [manifest(), "CURRENT"]) {
      const size = readFileSync(join(dir, file)).length;
      const offsets = Array.from({ length: size }, (_, i) => i);
      await withEachFlip(file, offsets, async (offset) => {
        const { damage } = await scanDatabase(dir, "whole");
        expect([file, offset, damage === undefined]).toEqual([file, offset, false]);
      });
    }
  });
});

describe("a file that is missing or shorter", () => {
  test("is named", async () => {
    await fill();
    const [table] = tablesIn();
    for (const file of [table!, manifest(), "CURRENT"]) {
      const whole = readFileSync(join(dir, file));
      rmSync(join(dir, file));
      expect((await scanDatabase(dir, "whole")).damage).toMatchObject({ file, offset: 0 });
      writeFileSync(join(dir, file), whole.subarray(0, whole.length - 1));
      const { damage } = await scanDatabase(dir, "whole");
      // One byte less of the last record of a manifest is a torn record.
      if (file !== manifest()) expect(damage?.file).toBe(file);
      writeFileSync(join(dir, file), whole);
    }
  });
});

test("the log is not opened over any of it", async () => {
  const options = { directory: dir, isNew: true };
  const modules = { logger: silentLogger };
  const log = await openLog(options, modules);
  await log.append({ entries: run(1, 400, 1000), hardState: undefined });
  await log.close();
  const again = { directory: dir, isNew: false };
  // The first open after it makes a table of what was in the write-ahead log.
  await (await openLog(again, modules)).close();
  const [table] = tablesIn();
  const size = readFileSync(join(dir, table!)).length;
  for (const [file, offset] of [
    [table!, size - 60],
    [table!, 10],
    ["CURRENT", 3],
    [manifest(), 20],
  ] as const) {
    await withEachFlip(file, [offset], async () => {
      expect(await codeOf(() => openLog(again, modules))).toBe("QUORATE_STORAGE_CORRUPT_LOG");
    });
  }
  const whole = await openLog(again, modules);
  expect(whole.view.lastIndex()).toBe(index(400));
  await whole.close();
});
