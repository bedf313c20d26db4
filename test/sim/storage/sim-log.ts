// One life of the shipped log store over a simulated LevelDB.
import { silentLogger } from "../../../src/base/logger.ts";
import { stateKey } from "../../../src/storage/level/keys.ts";
import {
  decodeLogState,
  emptyLogState,
  type LogState,
} from "../../../src/storage/level/log-state.ts";
import { LevelLogStore } from "../../../src/storage/level/log-store.ts";
import type { CrashOutcome, MemoryDevice } from "../../../src/storage/memory/device.ts";
import { LevelDatabase } from "./level-database.ts";
import type { LevelFiles, Tear } from "./level-files.ts";
import { loadLog, openFiles } from "./open-log.ts";

export interface SimLogOptions {
  /** Newest entries that are in memory; older ones are read from the disk, and checked. */
  readonly cacheBytesMax: number;
  readonly writeBufferBytes: number;
}

/** What becomes of the write under way. */
export type Ending = CrashOutcome | Tear;

const neverMerged = Number.MAX_SAFE_INTEGER;

export class SimLog {
  readonly store: LevelLogStore;
  readonly #database: LevelDatabase;
  readonly #files: LevelFiles;
  #lastRecord: Uint8Array | undefined;
  #lastState: LogState = emptyLogState;

  /** Throws CORRUPT_LOG or CORRUPT_ENTRY. */
  constructor(
    options: SimLogOptions,
    modules: { readonly device: MemoryDevice; readonly files: LevelFiles },
  ) {
    const database = new LevelDatabase(options, modules);
    this.#files = modules.files;
    this.#database = database;
    const content = loadLog(options, { database });
    this.store = new LevelLogStore(
      { deadBytesMin: neverMerged },
      { database, content, logger: silentLogger },
    );
  }

  /** What the disk holds for certain, whatever the store says. */
  get durable(): LogState {
    const record = this.sound(() => this.#database.getSync(stateKey, undefined));
    if (record !== this.#lastRecord) {
      this.#lastRecord = record;
      this.#lastState = decodeLogState(record) ?? emptyLogState;
    }
    return this.#lastState;
  }

  /** What `read` sees if nothing has ever damaged the disk: for those who judge. */
  sound<T>(read: () => T): T {
    return this.#database.sound(read);
  }

  /** LevelDB moves what it has in memory into tables. */
  flush(): void {
    this.#database.flush();
  }

  /**
   * After the device's crash: the next process reads the files, `harm` having been done to them. Throws CORRUPT_LOG. A
   * write that failed may be on the disk as well as one that was not finished.
   */
  end(ending: Ending, harm: () => void = () => undefined): void {
    const operations = this.#database.underWay;
    if (ending === "kept" && operations !== undefined) this.#files.append(operations);
    harm();
    const isTorn = typeof ending === "object" && operations !== undefined;
    openFiles(this.#files, isTorn ? { operations, tear: ending } : undefined);
  }
}
