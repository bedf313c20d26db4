// Snapshots in memory; one that is not committed is gone after a crash.
import { createHash } from "node:crypto";
import { assert } from "../../base/assert.ts";
import type { Index } from "../../base/numbers.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import type { SnapshotInfo, SnapshotStore, SnapshotWriter } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { WriteGate } from "../write-gate.ts";
import type { MemoryDevice } from "./device.ts";

interface StoredSnapshot {
  readonly info: SnapshotInfo;
  readonly bytes: Buffer;
}

/** Durable content of a snapshot store. */
export interface MemorySnapshotContent {
  latest: StoredSnapshot | undefined;
}

export interface MemorySnapshotStoreModules {
  readonly device: MemoryDevice;
  readonly content: MemorySnapshotContent;
}

class MemorySnapshotWriter implements SnapshotWriter {
  readonly #meta: SnapshotMeta;
  readonly #gate: WriteGate;
  readonly #store: (snapshot: StoredSnapshot) => Promise<void>;
  readonly #parts: Uint8Array[] = [];
  #isFinished = false;

  constructor(
    meta: SnapshotMeta,
    modules: {
      readonly gate: WriteGate;
      readonly store: (snapshot: StoredSnapshot) => Promise<void>;
    },
  ) {
    this.#meta = meta;
    this.#gate = modules.gate;
    this.#store = modules.store;
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isFinished, "a finished snapshot takes no more bytes");
    this.#parts.push(Buffer.from(bytes));
    return this.#gate.exclusive(() => Promise.resolve());
  }

  async commit(): Promise<SnapshotInfo> {
    assert(!this.#isFinished, "a snapshot is committed or aborted once");
    this.#isFinished = true;
    const bytes = Buffer.concat(this.#parts);
    const checksum = createHash("sha256").update(bytes).digest("hex");
    const info: SnapshotInfo = { meta: this.#meta, sizeBytes: bytes.length, checksum };
    await this.#store({ info, bytes });
    return info;
  }

  abort(): Promise<void> {
    this.#isFinished = true;
    return Promise.resolve();
  }
}

export class MemorySnapshotStore implements SnapshotStore {
  readonly #device: MemoryDevice;
  readonly #content: MemorySnapshotContent;
  readonly #gate = new WriteGate({ store: "the snapshot store" });

  constructor(modules: MemorySnapshotStoreModules) {
    this.#device = modules.device;
    this.#content = modules.content;
  }

  latest(): SnapshotInfo | undefined {
    return this.#content.latest?.info;
  }

  async create(meta: SnapshotMeta): Promise<SnapshotWriter> {
    return this.#gate.exclusive(() => {
      const store = (snapshot: StoredSnapshot): Promise<void> => this.#commit(snapshot);
      return Promise.resolve(new MemorySnapshotWriter(meta, { gate: this.#gate, store }));
    });
  }

  async read(index: Index, offset: number, length: number): Promise<Uint8Array> {
    return this.#gate.exclusive(() => {
      const { latest } = this.#content;
      if (latest?.info.meta.index !== index) {
        throw storageErrors.NOT_FOUND(`there is no snapshot at index ${String(index)}`, {
          fields: { index },
        });
      }
      return Promise.resolve(latest.bytes.subarray(offset, offset + length));
    });
  }

  async close(): Promise<void> {
    await this.#gate.close();
  }

  async #commit(snapshot: StoredSnapshot): Promise<void> {
    const content = this.#content;
    await this.#gate.exclusive(() =>
      this.#gate.io(() =>
        this.#device.write(snapshot.bytes.length, () => {
          const newest = content.latest?.info.meta.index ?? 0;
          if (snapshot.info.meta.index >= newest) content.latest = snapshot;
        }),
      ),
    );
  }
}
