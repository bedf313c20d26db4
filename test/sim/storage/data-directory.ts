// The data directory of a simulated machine: the shipped log store over a simulated LevelDB, and the shipped memory forms
// of the other stores. It is opened again after every crash, and then, or when something is read, damage is found.
import { assert } from "../../../src/base/assert.ts";
import type { HardState } from "../../../src/raft/types.ts";
import type { DataDirectory, Identity, LogStore } from "../../../src/storage/contract.ts";
import { storageErrors } from "../../../src/storage/errors.ts";
import { newIdentity, nextBoot, type RandomHex } from "../../../src/storage/files/identity.ts";
import type { LogState } from "../../../src/storage/level/log-state.ts";
import { MemoryChunkStore } from "../../../src/storage/memory/chunk-store.ts";
import { MemoryDevice, type WriteSchedule } from "../../../src/storage/memory/device.ts";
import {
  type MemorySnapshotContent,
  MemorySnapshotStore,
} from "../../../src/storage/memory/snapshot-store.ts";
import { LevelFiles } from "./level-files.ts";
import { createLog } from "./open-log.ts";
import { type Ending, SimLog, type SimLogOptions } from "./sim-log.ts";

export interface SimDataOptions extends SimLogOptions {
  readonly serverId: string;
  readonly schedule: WriteSchedule;
  readonly random: RandomHex;
}

/** What is on the disk. */
export interface SimContent {
  readonly log: LevelFiles;
  readonly snapshots: MemorySnapshotContent;
  readonly chunks: Map<string, Uint8Array>;
  identity: Identity;
}

export class SimDataDirectory implements DataDirectory {
  readonly log: LogStore;
  readonly snapshots: MemorySnapshotStore;
  readonly chunks: MemoryChunkStore;
  readonly content: SimContent;
  readonly #options: SimDataOptions;
  readonly #device: MemoryDevice;
  readonly #log: SimLog;

  /** Throws what is found damaged: CORRUPT_LOG, CORRUPT_ENTRY, CORRUPT_SNAPSHOT. */
  constructor(options: SimDataOptions, content: SimContent) {
    const device = new MemoryDevice({ schedule: options.schedule });
    this.#options = options;
    this.#device = device;
    this.content = content;
    this.#log = new SimLog(options, { device, files: content.log });
    this.log = this.#log.store;
    this.snapshots = new MemorySnapshotStore({ device, content: content.snapshots });
    this.chunks = new MemoryChunkStore({ device, content: content.chunks });
    if ((this.snapshots.latest()?.meta.index ?? 0) < this.log.view.snapshot().index) {
      throw storageErrors.CORRUPT_SNAPSHOT("the snapshot that the log begins after is missing");
    }
  }

  get identity(): Identity {
    return this.content.identity;
  }

  get formation(): undefined {
    return undefined;
  }

  /** What the disk holds for certain, whatever the store says. */
  get durable(): LogState {
    return this.#log.durable;
  }

  /** In the process that uses it: a snapshot whose installation a crash cut short is adopted by the log. */
  async start(): Promise<void> {
    this.#log.store.start();
    const installed = this.snapshots.latest()?.meta;
    if (installed === undefined || installed.index <= this.log.view.snapshot().index) return;
    await this.log.compact(installed, this.log.view.firstIndex());
  }

  /** What `read` sees if nothing has ever damaged the disk: for those who judge. */
  sound<T>(read: () => T): T {
    return this.#log.sound(read);
  }

  /** LevelDB moves what it has in memory into tables. */
  flush(): void {
    this.#log.flush();
  }

  saveIdentity(identity: Identity): Promise<void> {
    this.content.identity = identity;
    return Promise.resolve();
  }

  saveFormation(): Promise<void> {
    return Promise.reject(new Error("nothing is formed here"));
  }

  /**
   * The process dies, and another one opens what is on the disk. This object must not be used any more but for reading.
   * `harm` happens to the disk meanwhile. Throws what is found damaged, or Forgotten.
   */
  restart(ending: Ending, harm: (content: SimContent) => void = () => undefined): SimDataDirectory {
    const before = this.durable;
    this.#device.crash(ending === "kept" ? "kept" : "lost");
    this.#log.end(ending, () => {
      harm(this.content);
    });
    this.content.identity = nextBoot(this.content.identity, this.#options.random);
    const opened = new SimDataDirectory(this.#options, this.content);
    assertNothingForgotten(before, opened.durable);
    return opened;
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.snapshots.close();
    await this.chunks.close();
  }
}

/** The disk came back with less than it had synced, and nobody noticed. */
export class Forgotten extends Error {
  override readonly name = "Forgotten";
}

const text = ({ term, vote, commit }: HardState, { sequence, lastIndex }: LogState): string =>
  `batch ${sequence} (term ${term}, vote ${vote}, commit ${commit}, last index ${lastIndex})`;

function assertNothingForgotten(synced: LogState, found: LogState): void {
  if (found.sequence >= synced.sequence) return;
  throw new Forgotten(
    `opened at ${text(found.hardState, found)}, although ${text(synced.hardState, synced)} was synced`,
  );
}

/** A new, empty directory at its first boot. */
export function newSimData(
  options: SimDataOptions,
  /** Chunks outlive a quarantine: they are verified one by one. */
  chunks: Map<string, Uint8Array> = new Map(),
): SimDataDirectory {
  assert(options.serverId !== "", "a simulated server has an id");
  const log = new LevelFiles();
  createLog(log);
  const identity = nextBoot(newIdentity(options.serverId, options.random), options.random);
  return new SimDataDirectory(options, {
    log,
    snapshots: { file: undefined },
    chunks,
    identity,
  });
}
