import { expect, test } from "vitest";
import { silentLogger } from "../../../../src/base/logger.ts";
import type { Database } from "../../../../src/storage/level/database.ts";
import { entryKey, readEntryKey } from "../../../../src/storage/level/keys.ts";
import type { LogContent } from "../../../../src/storage/level/log-content.ts";
import { LogTrimmer } from "../../../../src/storage/level/log-trimmer.ts";
import { WriteGate } from "../../../../src/storage/write-gate.ts";

/** A log of which [deadFrom, deadTo) is dead; each measurement waits to be answered. */
function makeLog() {
  const state = { deadFrom: 1, deadTo: 1 };
  const measurements: (() => void)[] = [];
  const content = {
    state,
    trimmed: (to: number) => {
      state.deadFrom = to;
    },
  } as unknown as LogContent;
  const database = {
    keyPages: async function* (_from: Uint8Array, to: Uint8Array) {
      const last = readEntryKey(to) - 1;
      if (last >= state.deadFrom) yield [entryKey(last)];
    },
    batch: () => ({ del: () => undefined, commit: () => Promise.resolve() }),
    approximateBytes: () => new Promise<number>((resolve) => measurements.push(() => resolve(0))),
  } as unknown as Database;
  const gate = new WriteGate({ store: "log" });
  const trimmer = new LogTrimmer({}, { database, content, gate, logger: silentLogger });
  return { state, measurements, trimmer };
}

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what a compaction drops during the measurement is deleted as well", async () => {
  const { state, measurements, trimmer } = makeLog();
  state.deadTo = 5000;
  trimmer.wake();
  await turns();
  expect([state.deadFrom, measurements.length]).toEqual([5000, 1]);
  state.deadTo = 9000;
  trimmer.wake();
  measurements[0]!();
  await turns();
  expect([state.deadFrom, measurements.length]).toEqual([9000, 2]);
  measurements[1]!();
  await trimmer.idle();
});

test("a stop during the measurement begins nothing more", async () => {
  const { state, measurements, trimmer } = makeLog();
  trimmer.wake();
  await turns();
  state.deadTo = 100;
  const stopped = trimmer.stop();
  measurements[0]!();
  await stopped;
  expect([state.deadFrom, measurements.length]).toEqual([1, 1]);
});
