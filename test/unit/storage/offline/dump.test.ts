import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { entryKey, stateCopyKey, stateKey } from "../../../../src/storage/level/keys.ts";
import {
  type DamagedEntry,
  type DumpedEntry,
  type DumpedState,
  type DumpOptions,
  dumpLog,
} from "../../../../src/storage/offline/dump.ts";
import { codeOf, entry, temporaryDirectory } from "../../../conformance/storage/harness.ts";
import { flipInTables, rawWrite } from "../level/raw.ts";
import { fill, firstIndex, lastIndex } from "./directory.ts";
import { treeOf } from "./tree.ts";

let dir: string;
beforeEach(async () => {
  dir = await temporaryDirectory();
  await fill(dir);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

interface Dumped {
  readonly states: readonly (DumpedState | undefined)[];
  readonly entries: readonly (DumpedEntry | DamagedEntry)[];
}

async function dump(range: Omit<DumpOptions, "directory"> = {}): Promise<Dumped> {
  const states: (DumpedState | undefined)[] = [];
  const entries: (DumpedEntry | DamagedEntry)[] = [];
  await dumpLog(
    { directory: dir, ...range },
    {
      state: (state) => Promise.resolve(void states.push(state)),
      entry: (one) => Promise.resolve(void entries.push(one)),
    },
  );
  return { states, entries };
}

test("hard state and all entries, and nothing is written", async () => {
  const before = await treeOf(dir);
  const { states, entries } = await dump();
  expect(states).toMatchObject([
    { term: 2, vote: 4, commit: 25, firstIndex, lastIndex, snapshotIndex: 10, intactCopies: 2 },
  ]);
  expect(entries.map(({ index }) => index)).toEqual(
    Array.from({ length: lastIndex - firstIndex + 1 }, (_, i) => firstIndex + i),
  );
  expect(entries[2]).toMatchObject(entry(10, 1));
  const { data, ...last } = entry(lastIndex, 2);
  expect(entries.at(-1)).toMatchObject({ ...last, data: Uint8Array.from(data) });
  expect(await treeOf(dir)).toEqual(before);
});

test("a range, cut to what there is", async () => {
  const indices = async (range: Omit<DumpOptions, "directory">): Promise<number[]> =>
    (await dump(range)).entries.map(({ index }) => index);
  expect(await indices({ from: 10, to: 12 })).toEqual([10, 11, 12]);
  expect(await indices({ from: 0, to: 9 })).toEqual([8, 9]);
  expect(await indices({ from: 29, to: 99 })).toEqual([29, 30]);
  expect(await indices({ from: 50 })).toEqual([]);
});

test("damage is shown where it is", async () => {
  await rawWrite(join(dir, "log"), [
    [entryKey(12), Buffer.of(1, 2)],
    [stateKey, undefined],
  ]);
  const { states, entries } = await dump({ from: 11, to: 13 });
  expect(states[0]).toMatchObject({ lastIndex, intactCopies: 1 });
  expect(entries).toMatchObject([
    { index: 11, term: 1 },
    { index: 12, code: "QUORATE_STORAGE_CORRUPT_ENTRY", damage: "log entry 12 is cut short" },
    { index: 13, term: 1 },
  ]);
});

test("without a hard state there are no entries to be sure of", async () => {
  await rawWrite(join(dir, "log"), [
    [stateCopyKey, undefined],
    [stateKey, undefined],
  ]);
  expect(await dump()).toEqual({ states: [undefined], entries: [] });
});

test("no log is an error", async () => {
  await rm(join(dir, "log"), { recursive: true });
  expect(await codeOf(() => dump())).toBe("QUORATE_STORAGE_CORRUPT_LOG");
});

test("damaged tables are not handed to LevelDB, which would leave out entries or end this process", async () => {
  await rawWrite(join(dir, "log"), []);
  expect(await flipInTables(join(dir, "log"), Buffer.from("12/1"), 1)).toBeGreaterThan(0);
  const told: unknown[] = [];
  const note = (one: unknown): Promise<void> => Promise.resolve(void told.push(one));
  const code = await codeOf(() => dumpLog({ directory: dir }, { state: note, entry: note }));
  expect([code, told]).toEqual(["QUORATE_STORAGE_CORRUPT_LOG", []]);
});
