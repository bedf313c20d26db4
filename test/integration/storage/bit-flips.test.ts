// One bit flipped in any file of the log's database: tables, MANIFEST, CURRENT, write-ahead log. Opened, the log is either
// exactly what was acknowledged, or it is refused as damaged. LevelDB alone hands out a flipped bit of a table as good
// and forgets what follows one in its write-ahead log.
//
//   QUORATE_DURABILITY_EVERY_BYTE=1   every byte of every file; otherwise every so manieth
import { readdirSync, rmSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  entryHeaderBytes,
  type Found,
  flipBit,
  hardStateCopyKey,
  hardStateKey,
  isEntry,
  newest,
  puts,
} from "../../e2e/support/durability/files.ts";
import type { Opened } from "./opened-log.ts";
import { isAsTold, strideOf, WrittenLog } from "./written-log.ts";

/** LevelDB's lock, and what it says about itself. */
const withoutContent = /^(LOCK|LOG|LOG\.old)$/;
/** Where tables have their index: a bit there can hide a whole table, and an older one shows through. */
const everyByteOfTheLast = 256;

const written = new WrittenLog();

beforeAll(async () => {
  await written.live(12);
  await written.live(5);
  // Nothing but a table, so that the newest hard state is in one.
  await written.live(0);
});

afterAll(async () => {
  await written.remove();
});

const inCopy = (copy: string, { path }: Found): string => join(copy, basename(path));

describe("one flipped bit in a table", () => {
  const state = (): Found => newest(written.origin, hardStateKey);
  const stateCopy = (): Found => newest(written.origin, hardStateCopyKey);

  test.each([
    ["first", state],
    ["second", stateCopy],
  ])("in the %s copy of the hard state: refused with the block it lies in", async (_, find) => {
    const found = find();
    expect(found.isTable).toBe(true);
    for (let byte = 0; byte < found.value.length; byte += strideOf(7)) {
      const opened = await written.openDamaged((copy) =>
        flipBit(inCopy(copy, found), found.at(byte), byte % 8),
      );
      expect(opened.refused).toBe("QUORATE_STORAGE_CORRUPT_LOG");
    }
  });

  test("in both copies: refused", async () => {
    const opened = await written.openDamaged((copy) => {
      for (const found of [state(), stateCopy()]) flipBit(inCopy(copy, found), found.at(20));
    });
    expect(opened.refused).toBe("QUORATE_STORAGE_CORRUPT_LOG");
  });

  test.each([
    ["header", 20],
    ["payload", entryHeaderBytes + 3],
  ])("in the %s of an entry: refused", async (_, byte) => {
    const entries = puts(written.origin).filter(
      (found) => isEntry(found) && found.value.length > byte,
    );
    expect(entries.length).toBeGreaterThan(10);
    for (const entry of entries) {
      const opened = await written.openDamaged((copy) =>
        flipBit(inCopy(copy, entry), entry.at(byte)),
      );
      expect(opened.refused).toBe("QUORATE_STORAGE_CORRUPT_LOG");
    }
  });
});

describe("any file of the database", () => {
  const names = (): readonly string[] =>
    readdirSync(written.origin).filter((name) => !withoutContent.test(name));
  /** What was done → what came of it, when it is not the log as it was acknowledged. */
  const outcomes = new Map<string, Opened>();

  async function look(what: string, damage: (copy: string) => void): Promise<void> {
    const opened = await written.openDamaged(damage);
    if (!isAsTold(opened, written.lastTold)) outcomes.set(what, opened);
  }

  beforeAll(async () => {
    for (const name of names()) {
      const { size } = statSync(join(written.origin, name));
      await look(`${name} missing`, (copy) => rmSync(join(copy, name)));
      for (let at = 0; at < size; at += 1) {
        if (at % strideOf(37) !== 0 && at < size - everyByteOfTheLast) continue;
        await look(`${name} flipped at ${at} of ${size}`, (copy) =>
          flipBit(join(copy, name), at, at % 8),
        );
      }
    }
  }, 900_000);

  test("damaged, it never opens as something else than what was acknowledged", () => {
    const silent = [...outcomes].filter(([, { refused }]) => refused === undefined);
    expect(silent).toEqual([]);
    expect(outcomes.size).toBeGreaterThan(100);
  });

  test("damaged, it is called damaged, and the process lives to say so", () => {
    const uncalled = [...outcomes].flatMap(([what, { refused = "" }]) =>
      refused.startsWith("QUORATE_STORAGE_CORRUPT_") ? [] : [`${what}: ${refused}`],
    );
    expect(uncalled).toEqual([]);
  });
});
