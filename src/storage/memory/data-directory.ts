// A data directory that is gone with the process: for the simulator, for tests, and for an embedded server
// whose data may be thrown away.
import { assert } from "../../base/assert.ts";
import type { ChunkStore, DataDirectory, Identity, LogStore, SnapshotStore } from "../contract.ts";
import type { RandomHex } from "../files/identity.ts";
import { newIdentity, nextBoot, randomHex } from "../files/identity.ts";
import { MemoryChunkStore } from "./chunk-store.ts";
import type { CrashOutcome, WriteSchedule } from "./device.ts";
import { MemoryDevice } from "./device.ts";
import { MemoryLogContent, MemoryLogStore } from "./log-store.ts";
import type { MemorySnapshotContent } from "./snapshot-store.ts";
import { MemorySnapshotStore } from "./snapshot-store.ts";

export interface MemoryDataDirectoryOptions {
  readonly serverId?: string;
  /** When writes are synced; default: at once. */
  readonly schedule?: WriteSchedule;
  /** Default: the machine's. */
  readonly random?: RandomHex;
}

/** What survives a crash. */
interface DurableContent {
  readonly log: MemoryLogContent;
  readonly snapshots: MemorySnapshotContent;
  readonly chunks: Map<string, Uint8Array>;
  identity: Identity;
  formation: Uint8Array | undefined;
}

/** `restart` is what a simulator needs beside the contract. */
export class MemoryDataDirectory implements DataDirectory {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
  readonly chunks: ChunkStore;
  readonly #options: MemoryDataDirectoryOptions;
  readonly #device: MemoryDevice;
  readonly #content: DurableContent;

  constructor(options: MemoryDataDirectoryOptions, content: DurableContent) {
    const { schedule } = options;
    const device = new MemoryDevice(schedule === undefined ? {} : { schedule });
    this.#options = options;
    this.#device = device;
    this.#content = content;
    this.log = new MemoryLogStore({ device, content: content.log });
    this.snapshots = new MemorySnapshotStore({ device, content: content.snapshots });
    this.chunks = new MemoryChunkStore({ device, content: content.chunks });
  }

  get identity(): Identity {
    return this.#content.identity;
  }

  get formation(): Uint8Array | undefined {
    return this.#content.formation;
  }

  saveIdentity(identity: Identity): Promise<void> {
    return this.#device.write(1, () => {
      this.#content.identity = identity;
    });
  }

  saveFormation(accepted: Uint8Array): Promise<void> {
    assert(this.formation === undefined, "a data directory accepts one formation proposal");
    return this.#device.write(accepted.length, () => {
      this.#content.formation = accepted;
    });
  }

  /**
   * The process dies (this object must not be used any more: its promises never settle) and starts again over
   * what was durable, with the next boot counter and a new nonce.
   */
  restart(outcome: CrashOutcome): MemoryDataDirectory {
    this.#device.crash(outcome);
    return boot(this.#options, this.#content);
  }

  async close(): Promise<void> {
    await this.log.close();
    await this.snapshots.close();
    await this.chunks.close();
  }
}

/** As at the opening of a real directory, the log adopts a snapshot whose installation a crash cut short. */
function boot(options: MemoryDataDirectoryOptions, content: DurableContent): MemoryDataDirectory {
  content.identity = nextBoot(content.identity, options.random ?? randomHex);
  const directory = new MemoryDataDirectory(options, content);
  const installed = directory.snapshots.latest()?.meta;
  if (installed !== undefined && installed.index > content.log.snapshot().index) {
    content.log.compact(installed, content.log.firstIndex());
  }
  return directory;
}

/** A new, empty directory at its first boot. */
export function memoryDataDirectory(options: MemoryDataDirectoryOptions = {}): MemoryDataDirectory {
  return boot(options, {
    log: new MemoryLogContent(),
    snapshots: { file: undefined },
    chunks: new Map(),
    identity: newIdentity(options.serverId, options.random ?? randomHex),
    formation: undefined,
  });
}
