// Three ways to make entries durable, with the same values under the same numbers: the log store of this project, LevelDB
// alone, and a file. All append at the end, and each append is one synced write.
import { open } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import { newLog } from "./stores.ts";

export const contenderNames = ["ours", "level", "file"] as const;
export type ContenderName = (typeof contenderNames)[number];

export interface Contender {
  /** Durable when it resolves. */
  append(values: readonly Uint8Array[]): Promise<void>;
  close(): Promise<void>;
}

/** As src/storage/level/open-log.ts tunes its own database. */
const writeBufferBytes: number = 8 * 1024 * 1024;
const tableBytesMax: number = 4 * 1024 * 1024;
const cacheBytes: number = 8 * 1024 * 1024;

/** What `level` is in Node; the type that it publishes has only what browsers offer. */
interface NodeLevel {
  open(): Promise<void>;
  close(): Promise<void>;
  batch(): {
    put(key: Uint8Array, value: Uint8Array): unknown;
    write(options: { readonly sync: true }): Promise<void>;
  };
}

const keyBytes = 9;
const entryPrefix = 0x01;
const twoTo32 = 0x1_0000_0000;

function keyOf(index: number): Uint8Array {
  const key = Buffer.allocUnsafe(keyBytes);
  key[0] = entryPrefix;
  key.writeUInt32BE(Math.floor(index / twoTo32), 1);
  key.writeUInt32BE(index % twoTo32, 5);
  return key;
}

/** The quickest that the package offers for small values: a chained batch. */
async function bareLevel(directory: string): Promise<Contender> {
  const level = new Level<Uint8Array, Uint8Array>(join(directory, "level"), {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
    cacheSize: cacheBytes,
    writeBufferSize: writeBufferBytes,
    maxFileSize: tableBytesMax,
  }) as unknown as NodeLevel;
  await level.open();
  let lastIndex = 0;
  return {
    append: async (values) => {
      const batch = level.batch();
      for (const value of values) {
        lastIndex += 1;
        batch.put(keyOf(lastIndex), value);
      }
      await batch.write({ sync: true });
    },
    close: () => level.close(),
  };
}

/** Keys and values one after the other, with one write and one fdatasync per append. */
async function plainFile(directory: string): Promise<Contender> {
  const file = await open(join(directory, "plain"), "a");
  let lastIndex = 0;
  return {
    append: async (values) => {
      const parts: Uint8Array[] = [];
      for (const value of values) {
        lastIndex += 1;
        parts.push(keyOf(lastIndex), value);
      }
      await file.write(Buffer.concat(parts));
      await file.datasync();
    },
    close: () => file.close(),
  };
}

const makers: Readonly<Record<ContenderName, (directory: string) => Promise<Contender>>> = {
  ours: newLog,
  level: bareLevel,
  file: plainFile,
};

/** New and empty, below `directory`. */
export async function openContender(name: ContenderName, directory: string): Promise<Contender> {
  return await makers[name](directory);
}
