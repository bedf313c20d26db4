// Snapshots in memory, in the format of the files and with their checks; one that is not committed is gone after a crash.
import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { assert } from "../../base/assert.ts";
import type { Index } from "../../base/numbers.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import type { SnapshotInfo, SnapshotStore, SnapshotWriter } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import {
  blockBytes,
  blockCount,
  bodySize,
  decodeFooter,
  decodeHeader,
  encodeFooter,
  encodeHeader,
  footerEndBytes,
  headerSize,
  headerStartBytes,
} from "../files/snapshot-format.ts";
import { WriteGate } from "../write-gate.ts";
import type { MemoryDevice } from "./device.ts";

/** Durable content of a snapshot store: the newest snapshot as a file. */
export interface MemorySnapshotContent {
  file: Buffer | undefined;
}

export interface MemorySnapshotStoreModules {
  readonly device: MemoryDevice;
  readonly content: MemorySnapshotContent;
}

interface OpenSnapshot {
  readonly info: SnapshotInfo;
  readonly bodyAt: number;
  readonly blocks: readonly number[];
}

function encodeFile(meta: SnapshotMeta, body: Buffer): Buffer {
  const blocks: number[] = [];
  for (let at = 0; at < body.length; at += blockBytes) {
    blocks.push(crc32(body.subarray(at, at + blockBytes)));
  }
  const checksum = createHash("sha256").update(body).digest("hex");
  const footer = encodeFooter({ blocks, checksum, sizeBytes: body.length });
  return Buffer.concat([encodeHeader(meta), body, footer]);
}

/** Throws CORRUPT_SNAPSHOT when header or footer are damaged. */
function openFile(file: Buffer): OpenSnapshot {
  const damaged = (): never => {
    throw storageErrors.CORRUPT_SNAPSHOT("the snapshot in memory is damaged: header or footer");
  };
  const bodyAt = headerSize(file.subarray(0, headerStartBytes));
  const sizeBytes = bodySize(file.subarray(-footerEndBytes));
  if (bodyAt === undefined || sizeBytes === undefined) return damaged();
  const footerBytes = blockCount(sizeBytes) * 4 + footerEndBytes;
  if (bodyAt + sizeBytes + footerBytes !== file.length) return damaged();
  const meta = decodeHeader(file.subarray(0, bodyAt));
  const footer = decodeFooter(file.subarray(-footerBytes));
  if (meta === undefined || footer === undefined) return damaged();
  return { info: { meta, sizeBytes, checksum: footer.checksum }, bodyAt, blocks: footer.blocks };
}

class MemorySnapshotWriter implements SnapshotWriter {
  readonly #meta: SnapshotMeta;
  readonly #gate: WriteGate;
  readonly #store: (meta: SnapshotMeta, file: Buffer) => Promise<void>;
  readonly #parts: Uint8Array[] = [];
  #isFinished = false;

  constructor(
    meta: SnapshotMeta,
    modules: {
      readonly gate: WriteGate;
      readonly store: (meta: SnapshotMeta, file: Buffer) => Promise<void>;
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
    const file = encodeFile(this.#meta, Buffer.concat(this.#parts));
    const { info } = openFile(file);
    await this.#store(this.#meta, file);
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
  #latest: OpenSnapshot | undefined;

  /** Throws CORRUPT_SNAPSHOT. */
  constructor(modules: MemorySnapshotStoreModules) {
    const { file } = modules.content;
    this.#device = modules.device;
    this.#content = modules.content;
    this.#latest = file === undefined ? undefined : openFile(file);
  }

  latest(): SnapshotInfo | undefined {
    return this.#latest?.info;
  }

  async create(meta: SnapshotMeta): Promise<SnapshotWriter> {
    return this.#gate.exclusive(() => {
      const store = (of: SnapshotMeta, file: Buffer): Promise<void> => this.#commit(of, file);
      return Promise.resolve(new MemorySnapshotWriter(meta, { gate: this.#gate, store }));
    });
  }

  /** Every block that is touched is checked. */
  async read(index: Index, offset: number, length: number): Promise<Uint8Array> {
    return this.#gate.exclusive(() => {
      const { file } = this.#content;
      const latest = this.#latest;
      if (file === undefined || latest?.info.meta.index !== index) {
        throw storageErrors.NOT_FOUND(`there is no snapshot at index ${String(index)}`, {
          fields: { index },
        });
      }
      const { bodyAt, info } = latest;
      const body = file.subarray(bodyAt, bodyAt + info.sizeBytes);
      const end = Math.min(offset + length, info.sizeBytes);
      for (let at = offset - (offset % blockBytes); at < end; at += blockBytes) {
        if (crc32(body.subarray(at, at + blockBytes)) === latest.blocks[at / blockBytes]) continue;
        throw storageErrors.CORRUPT_SNAPSHOT(
          `the snapshot in memory is damaged in the block at ${String(at)}`,
          { fields: { offset: at } },
        );
      }
      return Promise.resolve(body.subarray(offset, Math.max(offset, end)));
    });
  }

  async close(): Promise<void> {
    await this.#gate.close();
  }

  async #commit(meta: SnapshotMeta, file: Buffer): Promise<void> {
    await this.#gate.exclusive(() =>
      this.#gate.io(() =>
        this.#device.write(file.length, () => {
          if (meta.index < (this.#latest?.info.meta.index ?? 0)) return;
          this.#content.file = file;
          this.#latest = openFile(file);
        }),
      ),
    );
  }
}
