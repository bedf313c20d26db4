// The stores that can express faults of a disk: those in memory, and the shipped LevelDB log over a simulated LevelDB.
import type { ChunkStore, LogStore, SnapshotStore } from "../../../src/storage/contract.ts";
import {
  entriesEnd,
  entriesStart,
  snapshotKey,
  stateCopyKey,
  stateKey,
} from "../../../src/storage/level/keys.ts";
import { MemoryChunkStore } from "../../../src/storage/memory/chunk-store.ts";
import type { MemoryDevice } from "../../../src/storage/memory/device.ts";
import { MemoryLogContent, MemoryLogStore } from "../../../src/storage/memory/log-store.ts";
import {
  type MemorySnapshotContent,
  MemorySnapshotStore,
} from "../../../src/storage/memory/snapshot-store.ts";
import { LevelFiles } from "../../sim/storage/level-files.ts";
import { createLog } from "../../sim/storage/open-log.ts";
import { SimLog, type SimLogOptions } from "../../sim/storage/sim-log.ts";
import { FaultyDisk, type FaultyHarness, type Place } from "./faulty-disk.ts";

const corruptLog = "QUORATE_STORAGE_CORRUPT_LOG";
const corruptEntry = "QUORATE_STORAGE_CORRUPT_ENTRY";
const corruptSnapshot = "QUORATE_STORAGE_CORRUPT_SNAPSHOT";
const corruptChunk = "QUORATE_STORAGE_CORRUPT_CHUNK";

export interface MemoryForm<Content, Store> {
  readonly newContent: () => Content;
  readonly newStore: (over: { readonly device: MemoryDevice; readonly content: Content }) => Store;
  readonly places: (content: Content) => readonly Place[];
}

export function memoryHarness<Content, Store>(
  form: MemoryForm<Content, Store>,
): () => Promise<FaultyHarness<Store>> {
  return () => {
    const content = form.newContent();
    const disk = new FaultyDisk();
    const open = (): Promise<Store> => {
      return Promise.resolve().then(() => form.newStore({ device: disk.renew(), content }));
    };
    const loseKeepOrTear: FaultyHarness<Store>["loseKeepOrTear"] = (ending) => {
      disk.device.crash(ending === "kept" ? "kept" : "lost");
      return open();
    };
    return Promise.resolve({
      open,
      crash: () => loseKeepOrTear("lost"),
      dispose: () => Promise.resolve(),
      disk,
      loseKeepOrTear,
      canTear: false,
      places: () => form.places(content),
    });
  };
}

function flipped(bytes: Uint8Array, share: number): Buffer {
  const damaged = Buffer.from(bytes);
  const at = Math.min(bytes.length - 1, Math.floor(share * bytes.length));
  damaged[at] = (damaged[at] ?? 0) ^ 0x10;
  return damaged;
}

export const memoryLog: MemoryForm<MemoryLogContent, LogStore> = {
  newContent: () => new MemoryLogContent(),
  newStore: (over) => new MemoryLogStore(over),
  places: () => [],
};

export const memorySnapshots: MemoryForm<MemorySnapshotContent, SnapshotStore> = {
  newContent: () => ({ file: undefined }),
  newStore: (over) => new MemorySnapshotStore(over),
  places: (content) => {
    const { file } = content;
    if (file === undefined) return [];
    const flip = (share: number): void => {
      content.file = flipped(file, share);
    };
    return [{ name: "the snapshot", code: corruptSnapshot, flip }];
  },
};

export const memoryChunks: MemoryForm<Map<string, Uint8Array>, ChunkStore> = {
  newContent: () => new Map<string, Uint8Array>(),
  newStore: (over) => new MemoryChunkStore(over),
  places: (content) =>
    [...content].map(([digest, bytes]) => {
      const flip = (share: number): void => {
        content.set(digest, flipped(bytes, share));
      };
      return { name: `chunk ${digest}`, code: corruptChunk, flip };
    }),
};

const nameOf = (key: Uint8Array): string => Buffer.from(key).toString("latin1");

function levelPlaces(log: LevelFiles, open: SimLog): Place[] {
  open.flush();
  const at = (key: Uint8Array): ((share: number) => void) => {
    return (share) => void log.flipTable(nameOf(key), share);
  };
  const both = (share: number): void => {
    at(stateKey)(share);
    at(stateCopyKey)(share);
  };
  const inUse = open.store.view.firstIndex();
  const entries = log
    .names()
    .filter((name) => name >= nameOf(entriesStart) && name < nameOf(entriesEnd))
    .map((name) => ({ name, index: Buffer.from(name, "latin1").readUInt32BE(5) }))
    .filter(({ index }) => index >= inUse);
  return [
    { name: "the first copy of the hard state", code: undefined, flip: at(stateKey) },
    { name: "the second copy of the hard state", code: undefined, flip: at(stateCopyKey) },
    { name: "both copies of the hard state", code: corruptLog, flip: both },
    { name: "the snapshot's description", code: corruptLog, flip: at(snapshotKey) },
    ...entries.map(({ name, index }) => ({
      name: `entry ${index}`,
      code: corruptEntry,
      flip: (share: number) => void log.flipTable(name, share),
    })),
  ];
}

/** The shipped LevelDB log store over a simulated LevelDB. */
export function simulatedLevelLog(options: SimLogOptions): () => Promise<FaultyHarness<LogStore>> {
  return () => {
    const disk = new FaultyDisk();
    const files = new LevelFiles();
    createLog(files);
    let log: SimLog | undefined;
    const open = (): Promise<LogStore> => {
      log = new SimLog(options, { device: disk.renew(), files });
      log.store.start();
      return Promise.resolve(log.store);
    };
    const loseKeepOrTear: FaultyHarness<LogStore>["loseKeepOrTear"] = (ending) => {
      disk.device.crash(ending === "kept" ? "kept" : "lost");
      return Promise.resolve().then(() => {
        log?.end(ending);
        return open();
      });
    };
    return Promise.resolve({
      open: () => (log === undefined ? open() : loseKeepOrTear("lost")),
      crash: () => loseKeepOrTear("lost"),
      dispose: () => Promise.resolve(),
      disk,
      loseKeepOrTear,
      canTear: true,
      places: () => (log === undefined ? [] : levelPlaces(files, log)),
    });
  };
}
