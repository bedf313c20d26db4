import { silentLogger } from "../../../src/base/logger.ts";
import { SnapshotFiles } from "../../../src/storage/files/snapshot-files.ts";
import { openChunks } from "../../../src/storage/level/open-chunks.ts";
import { openLog } from "../../../src/storage/level/open-log.ts";
import { chunkStoreSuite } from "./chunk-store-suite.ts";
import {
  memoryChunks,
  memoryHarness,
  memoryLog,
  memorySnapshots,
  simulatedLevelLog,
} from "./faulty-stores.ts";
import { directoryHarness } from "./harness.ts";
import { logFaultsSuite } from "./log-faults-suite.ts";
import { logStoreSuite } from "./log-store-suite.ts";
import { snapshotStoreSuite } from "./snapshot-store-suite.ts";
import { chunkFaultsSuite, snapshotFaultsSuite } from "./store-faults-suite.ts";

const modules = { logger: silentLogger };

logStoreSuite("memory", memoryHarness(memoryLog), { modelRuns: 200 });
const levelLog = directoryHarness((directory, isNew) => openLog({ directory, isNew }, modules));
logStoreSuite("LevelDB", levelLog, { modelRuns: 12 });
const uncached = directoryHarness((directory, isNew) =>
  openLog({ directory, isNew, cacheBytesMax: 0, deadBytesMin: 0 }, modules),
);
logStoreSuite("LevelDB without a cache", uncached, { modelRuns: 12 });
const cachedSizes = { cacheBytesMax: 1 << 20, writeBufferBytes: 64_000 };
const tinySizes = { cacheBytesMax: 0, writeBufferBytes: 300 };
logStoreSuite("simulated LevelDB", simulatedLevelLog(cachedSizes), { modelRuns: 100 });
logStoreSuite("simulated LevelDB with little memory", simulatedLevelLog(tinySizes), {
  modelRuns: 100,
});

logFaultsSuite("memory", memoryHarness(memoryLog));
logFaultsSuite("simulated LevelDB", simulatedLevelLog(cachedSizes));
logFaultsSuite("simulated LevelDB with little memory", simulatedLevelLog(tinySizes));

snapshotStoreSuite("memory", memoryHarness(memorySnapshots));
snapshotStoreSuite(
  "files",
  directoryHarness(async (directory) => {
    const store = new SnapshotFiles({ directory }, modules);
    await store.start();
    return store;
  }),
);
snapshotFaultsSuite("memory", memoryHarness(memorySnapshots));

chunkStoreSuite("memory", memoryHarness(memoryChunks));
chunkStoreSuite(
  "LevelDB",
  directoryHarness((directory) => openChunks({ directory }, modules)),
);
chunkFaultsSuite("memory", memoryHarness(memoryChunks));
