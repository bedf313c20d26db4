// Stores with one bug each. The suites must notice every one of them.
import type { LogBatch, LogStore, SnapshotStore } from "../../../src/storage/contract.ts";
import { MemoryChunkStore } from "../../../src/storage/memory/chunk-store.ts";
import type { MemoryDevice } from "../../../src/storage/memory/device.ts";
import { type MemoryLogContent, MemoryLogStore } from "../../../src/storage/memory/log-store.ts";
import { MemorySnapshotStore } from "../../../src/storage/memory/snapshot-store.ts";
import { type MemoryForm, memoryChunks, memoryLog, memorySnapshots } from "./faulty-stores.ts";

type LogForm = MemoryForm<MemoryLogContent, LogStore>;
interface Over<Content> {
  readonly device: MemoryDevice;
  readonly content: Content;
}

const withLog = (newStore: LogForm["newStore"]): LogForm => ({ ...memoryLog, newStore });

class EarlyLog extends MemoryLogStore {
  override append(batch: LogBatch): Promise<void> {
    super.append(batch).catch(() => undefined);
    return Promise.resolve();
  }
}

class TwoWritesLog extends MemoryLogStore {
  override async append(batch: LogBatch): Promise<void> {
    if (batch.entries.length > 0) await super.append({ ...batch, hardState: undefined });
    if (batch.hardState !== undefined)
      await super.append({ entries: [], hardState: batch.hardState });
  }
}

class ForgivingLog extends MemoryLogStore {
  readonly #over: Over<MemoryLogContent>;

  constructor(over: Over<MemoryLogContent>) {
    super(over);
    this.#over = over;
  }

  /** Tries again with a new gate, as if the failed write had never been. */
  override async append(batch: LogBatch): Promise<void> {
    try {
      await super.append(batch);
    } catch {
      await new MemoryLogStore(this.#over).append(batch);
    }
  }
}

class TruncatingNothingLog extends MemoryLogStore {
  override append(batch: LogBatch): Promise<void> {
    const next = this.view.lastIndex() + 1;
    return super.append({ ...batch, entries: batch.entries.filter(({ index }) => index >= next) });
  }
}

class TrustingSnapshots extends MemorySnapshotStore {
  readonly #over: Over<{ file: Buffer | undefined }>;

  constructor(over: Over<{ file: Buffer | undefined }>) {
    super(over);
    this.#over = over;
  }

  override async read(...given: Parameters<SnapshotStore["read"]>): Promise<Uint8Array> {
    try {
      return await super.read(...given);
    } catch (error) {
      const { file } = this.#over.content;
      if (file === undefined) throw error;
      return file.subarray(given[1], given[1] + given[2]);
    }
  }
}

class HastySnapshots extends MemorySnapshotStore {
  override async create(
    ...given: Parameters<SnapshotStore["create"]>
  ): ReturnType<SnapshotStore["create"]> {
    const writer = await super.create(...given);
    return {
      write: async (bytes) => {
        await writer.write(bytes);
        await writer.commit();
      },
      commit: () => writer.commit(),
      abort: () => writer.abort(),
    };
  }
}

class TrustingChunks extends MemoryChunkStore {
  readonly #content: Map<string, Uint8Array>;

  constructor(over: Over<Map<string, Uint8Array>>) {
    super(over);
    this.#content = over.content;
  }

  override get(digest: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.#content.get(digest));
  }
}

class EarlyChunks extends MemoryChunkStore {
  override put(chunks: Parameters<MemoryChunkStore["put"]>[0]): Promise<void> {
    super.put(chunks).catch(() => undefined);
    return Promise.resolve();
  }
}

export const logBugs: Readonly<Record<string, LogForm>> = {
  "acknowledges before it is synced": withLog((over) => new EarlyLog(over)),
  "writes entries and hard state one after the other": withLog((over) => new TwoWritesLog(over)),
  "goes on after a failed write": withLog((over) => new ForgivingLog(over)),
  "keeps what should be replaced": withLog((over) => new TruncatingNothingLog(over)),
};

export const snapshotBugs: Readonly<Record<string, typeof memorySnapshots>> = {
  "serves damaged blocks": { ...memorySnapshots, newStore: (over) => new TrustingSnapshots(over) },
  "is visible before the commit": {
    ...memorySnapshots,
    newStore: (over) => new HastySnapshots(over),
  },
};

export const chunkBugs: Readonly<Record<string, typeof memoryChunks>> = {
  "serves a damaged chunk": { ...memoryChunks, newStore: (over) => new TrustingChunks(over) },
  "acknowledges before it is synced": {
    ...memoryChunks,
    newStore: (over) => new EarlyChunks(over),
  },
};
