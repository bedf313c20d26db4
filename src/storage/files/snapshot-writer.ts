// Writes one snapshot beside the others; it becomes one of them by a rename.
import { createHash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { crc32 } from "node:zlib";
import { assert } from "../../base/assert.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import type { SnapshotInfo, SnapshotWriter } from "../contract.ts";
import type { WriteGate } from "../write-gate.ts";
import { fileMode, syncDirectory } from "./atomic-file.ts";
import { blockBytes, encodeFooter, encodeHeader } from "./snapshot-format.ts";

export interface FileSnapshotWriterOptions {
  readonly meta: SnapshotMeta;
  readonly path: string;
  readonly temporary: string;
}

export interface FileSnapshotWriterModules {
  readonly gate: WriteGate;
  /** Called once the file is in place and durable. */
  readonly committed: (path: string) => Promise<SnapshotInfo>;
}

export class FileSnapshotWriter implements SnapshotWriter {
  readonly #options: FileSnapshotWriterOptions;
  readonly #modules: FileSnapshotWriterModules;
  readonly #hash = createHash("sha256");
  readonly #blocks: number[] = [];
  #handle: FileHandle | undefined;
  #blockChecksum = 0;
  #sizeBytes = 0;
  #isFinished = false;

  constructor(options: FileSnapshotWriterOptions, modules: FileSnapshotWriterModules) {
    this.#options = options;
    this.#modules = modules;
  }

  async start(): Promise<void> {
    await this.#modules.gate.io(async () => {
      this.#handle = await open(this.#options.temporary, "wx", fileMode);
      await this.#append(encodeHeader(this.#options.meta));
    });
  }

  async write(bytes: Uint8Array): Promise<void> {
    assert(!this.#isFinished, "a finished snapshot takes no more bytes");
    this.#modules.gate.check();
    this.#hash.update(bytes);
    for (let at = 0; at < bytes.length; ) {
      const inBlock = this.#sizeBytes % blockBytes;
      const part = bytes.subarray(at, at + blockBytes - inBlock);
      this.#blockChecksum = crc32(part, inBlock === 0 ? 0 : this.#blockChecksum);
      this.#sizeBytes += part.length;
      at += part.length;
      if (this.#sizeBytes % blockBytes === 0) this.#blocks.push(this.#blockChecksum);
    }
    await this.#modules.gate.io(() => this.#append(bytes));
  }

  async commit(): Promise<SnapshotInfo> {
    assert(!this.#isFinished, "a snapshot is committed or aborted once");
    this.#isFinished = true;
    this.#modules.gate.check();
    if (this.#sizeBytes % blockBytes !== 0) this.#blocks.push(this.#blockChecksum);
    const checksum = this.#hash.digest("hex");
    const footer = encodeFooter({ blocks: this.#blocks, checksum, sizeBytes: this.#sizeBytes });
    const { path, temporary } = this.#options;
    await this.#modules.gate.io(async () => {
      await this.#append(footer);
      await this.#handle?.sync();
      await this.#handle?.close();
      await rename(temporary, path);
      await syncDirectory(dirname(path));
    });
    return this.#modules.committed(path);
  }

  async abort(): Promise<void> {
    if (this.#isFinished) return;
    this.#isFinished = true;
    await this.#handle?.close();
    await rm(this.#options.temporary, { force: true });
  }

  async #append(bytes: Uint8Array): Promise<void> {
    await this.#handle?.appendFile(bytes);
  }
}
