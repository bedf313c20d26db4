import { silentLogger } from "../../../src/base/logger.ts";
import { SnapshotFiles } from "../../../src/storage/files/snapshot-files.ts";
import { openChunks } from "../../../src/storage/level/open-chunks.ts";
import { openLog } from "../../../src/storage/level/open-log.ts";
import { MemoryChunkStore } from "../../../src/storage/memory/chunk-store.ts";
import { MemoryDevice } from "../../../src/storage/memory/device.ts";
import { MemoryLogContent, MemoryLogStore } from "../../../src/storage/memory/log-store.ts";
import type { MemorySnapshotContent } from "../../../src/storage/memory/snapshot-store.ts";
import { MemorySnapshotStore } from "../../../src/storage/memory/snapshot-store.ts";
import { chunkStoreSuite } from "./chunk-store-suite.ts";
import type { Harness } from "./harness.ts";
import { directoryHarness } from "./harness.ts";
import { logStoreSuite } from "./log-store-suite.ts";
import { snapshotStoreSuite } from "./snapshot-store-suite.ts";

const modules = { logger: silentLogger };

function memoryHarness<Content, Store>(
  newContent: () => Content,
  newStore: (over: { device: MemoryDevice; content: Content }) => Store,
): () => Promise<Harness<Store>> {
  return () => {
    const content = newContent();
    let device = new MemoryDevice({});
    const open = (): Promise<Store> => {
      device = new MemoryDevice({});
      return Promise.resolve(newStore({ device, content }));
    };
    const crash = (): Promise<Store> => {
      device.crash("lost");
      return open();
    };
    return Promise.resolve({ open, crash, dispose: () => Promise.resolve() });
  };
}

const memoryLog = memoryHarness(
  () => new MemoryLogContent(),
  (over) => new MemoryLogStore(over),
);
logStoreSuite("memory", memoryLog, { modelRuns: 200 });
const levelLog = directoryHarness((directory, isNew) => openLog({ directory, isNew }, modules));
logStoreSuite("LevelDB", levelLog, { modelRuns: 12 });
const uncached = directoryHarness((directory, isNew) =>
  openLog({ directory, isNew, cacheBytesMax: 0, deadBytesMin: 0 }, modules),
);
logStoreSuite("LevelDB without a cache", uncached, { modelRuns: 12 });

snapshotStoreSuite(
  "memory",
  memoryHarness(
    (): MemorySnapshotContent => ({ latest: undefined }),
    (over) => new MemorySnapshotStore(over),
  ),
);
snapshotStoreSuite(
  "files",
  directoryHarness(async (directory) => {
    const store = new SnapshotFiles({ directory }, modules);
    await store.start();
    return store;
  }),
);

chunkStoreSuite(
  "memory",
  memoryHarness(
    () => new Map<string, Uint8Array>(),
    (over) => new MemoryChunkStore(over),
  ),
);
chunkStoreSuite(
  "LevelDB",
  directoryHarness((directory) => openChunks({ directory }, modules)),
);
