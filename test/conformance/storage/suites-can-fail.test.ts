import { describe, expect, test } from "vitest";
import { chunkStoreSuite } from "./chunk-store-suite.ts";
import { memoryChunks, memoryHarness, memoryLog, memorySnapshots } from "./faulty-stores.ts";
import { type Framework, failuresOf } from "./framework.ts";
import { logFaultsSuite } from "./log-faults-suite.ts";
import { logStoreSuite } from "./log-store-suite.ts";
import { chunkBugs, logBugs, snapshotBugs } from "./planted-bugs.ts";
import { snapshotStoreSuite } from "./snapshot-store-suite.ts";
import { chunkFaultsSuite, snapshotFaultsSuite } from "./store-faults-suite.ts";

type Form<Bugs> = Bugs extends Readonly<Record<string, infer One>> ? One : never;

const logSuites = (form: Form<typeof logBugs>) => (framework: Framework) => {
  logStoreSuite("", memoryHarness(form), { modelRuns: 20, framework });
  logFaultsSuite("", memoryHarness(form), framework);
};
const snapshotSuites = (form: Form<typeof snapshotBugs>) => (framework: Framework) => {
  snapshotStoreSuite("", memoryHarness(form), framework);
  snapshotFaultsSuite("", memoryHarness(form), framework);
};
const chunkSuites = (form: Form<typeof chunkBugs>) => (framework: Framework) => {
  chunkStoreSuite("", memoryHarness(form), framework);
  chunkFaultsSuite("", memoryHarness(form), framework);
};

describe("the suites notice", () => {
  test.each(Object.entries(logBugs))("a log that %s", async (_bug, form) => {
    expect(await failuresOf(logSuites(form))).not.toEqual([]);
  });

  test.each(Object.entries(snapshotBugs))("a snapshot store that %s", async (_bug, form) => {
    expect(await failuresOf(snapshotSuites(form))).not.toEqual([]);
  });

  test.each(Object.entries(chunkBugs))("a chunk store that %s", async (_bug, form) => {
    expect(await failuresOf(chunkSuites(form))).not.toEqual([]);
  });

  test("nothing in stores without a bug", async () => {
    expect(await failuresOf(logSuites(memoryLog))).toEqual([]);
    expect(await failuresOf(snapshotSuites(memorySnapshots))).toEqual([]);
    expect(await failuresOf(chunkSuites(memoryChunks))).toEqual([]);
  });
});
