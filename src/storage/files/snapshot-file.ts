// One complete snapshot file, open for reading.

import type { FileHandle } from "node:fs/promises";
import { open } from "node:fs/promises";
import { crc32 } from "node:zlib";
import { DecodeError } from "../../base/bytes.ts";
import { messageOf } from "../../base/errors.ts";
import type { SnapshotInfo } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import {
  blockBytes,
  blockCount,
  bodySize,
  decodeFooter,
  decodeHeader,
  footerEndBytes,
  headerSize,
  headerStartBytes,
} from "./snapshot-format.ts";

async function readAt(handle: FileHandle, at: number, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(bytes, done, length - done, at + done);
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return bytes.subarray(0, done);
}

interface Layout {
  readonly info: SnapshotInfo;
  readonly bodyAt: number;
  readonly blocks: readonly number[];
}

/** Undefined when header and footer are not what was written. */
async function readLayout(handle: FileHandle): Promise<Layout | undefined> {
  const { size } = await handle.stat();
  const bodyAt = headerSize(await readAt(handle, 0, headerStartBytes));
  const sizeBytes = bodySize(
    await readAt(handle, Math.max(0, size - footerEndBytes), footerEndBytes),
  );
  if (bodyAt === undefined || sizeBytes === undefined) return undefined;
  const footerBytes = blockCount(sizeBytes) * 4 + footerEndBytes;
  if (bodyAt + sizeBytes + footerBytes !== size) return undefined;
  const meta = decodeHeader(await readAt(handle, 0, bodyAt));
  const footer = decodeFooter(await readAt(handle, size - footerBytes, footerBytes));
  if (meta === undefined || footer === undefined) return undefined;
  return { info: { meta, sizeBytes, checksum: footer.checksum }, bodyAt, blocks: footer.blocks };
}

export class SnapshotFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #layout: Layout;

  private constructor(
    path: string,
    opened: { readonly handle: FileHandle; readonly layout: Layout },
  ) {
    this.path = path;
    this.#handle = opened.handle;
    this.#layout = opened.layout;
  }

  /** Throws CORRUPT_SNAPSHOT when header or footer are damaged. */
  static async open(path: string): Promise<SnapshotFile> {
    const handle = await open(path, "r");
    try {
      const layout = await readLayout(handle);
      if (layout !== undefined) return new SnapshotFile(path, { handle, layout });
    } catch (cause) {
      await handle.close();
      if (!(cause instanceof DecodeError)) throw cause;
      throw storageErrors.CORRUPT_SNAPSHOT(`the snapshot ${path} is damaged`, { cause });
    }
    await handle.close();
    throw storageErrors.CORRUPT_SNAPSHOT(`the snapshot ${path} is damaged: header or footer`);
  }

  get info(): SnapshotInfo {
    return this.#layout.info;
  }

  /** Bytes [offset, offset + length), cut at the end. Every block that is touched is checked. */
  async read(offset: number, length: number): Promise<Uint8Array> {
    const { info, bodyAt } = this.#layout;
    const end = Math.min(offset + length, info.sizeBytes);
    if (offset >= end) return new Uint8Array(0);
    const from = offset - (offset % blockBytes);
    const to = Math.min(blockCount(end) * blockBytes, info.sizeBytes);
    let bytes: Buffer;
    try {
      bytes = await readAt(this.#handle, bodyAt + from, to - from);
    } catch (cause) {
      throw storageErrors.READ_FAILED(
        `the snapshot ${this.path} could not be read: ${messageOf(cause)}`,
        {
          cause,
        },
      );
    }
    for (let at = from; at < to; at += blockBytes) this.#check(bytes.subarray(at - from), at);
    return bytes.subarray(offset - from, end - from);
  }

  /** Waits for reads under way. */
  async close(): Promise<void> {
    await this.#handle.close();
  }

  #check(bytes: Buffer, at: number): void {
    if (crc32(bytes.subarray(0, blockBytes)) === this.#layout.blocks[at / blockBytes]) return;
    throw storageErrors.CORRUPT_SNAPSHOT(
      `the snapshot ${this.path} is damaged in the block at ${String(at)}`,
      {
        fields: { path: this.path, offset: at },
      },
    );
  }
}
