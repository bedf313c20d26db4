// Looking into and damaging the files of a database behind the back of the store.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Level } from "level";
import type { Batch } from "../../../../src/storage/level/database.ts";

/** All pairs, read with `level` itself. The store must be closed. */
export async function rawPairs(directory: string): Promise<[Buffer, Buffer][]> {
  const level = new Level<Buffer, Buffer>(directory, {
    keyEncoding: "buffer",
    valueEncoding: "buffer",
    compression: false,
  });
  await level.open();
  try {
    return await level.iterator().all();
  } finally {
    await level.close();
  }
}

/** Writes pairs with `level` itself, which also moves everything from the write-ahead log to tables. */
export async function rawWrite(
  directory: string,
  pairs: readonly (readonly [Uint8Array, Uint8Array | undefined])[],
): Promise<void> {
  const level = new Level<Uint8Array, Uint8Array>(directory, {
    keyEncoding: "view",
    valueEncoding: "view",
    compression: false,
  });
  await level.open();
  try {
    for (const [key, value] of pairs) {
      await (value === undefined ? level.del(key) : level.put(key, value));
    }
  } finally {
    await level.close();
  }
}

export async function filesOf(directory: string, extension: string): Promise<string[]> {
  const names = await readdir(directory);
  return names.filter((name) => name.endsWith(extension)).map((name) => join(directory, name));
}

/** Flips one bit at `offset` of the file. */
export async function flipBit(file: string, offset: number): Promise<void> {
  const bytes = await readFile(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
  await writeFile(file, bytes);
}

/** Flips one bit inside every place where `needle` stands in a table file; returns how many there were. */
export async function flipInTables(
  directory: string,
  needle: Uint8Array,
  at: number,
): Promise<number> {
  let found = 0;
  for (const file of await filesOf(directory, ".ldb")) {
    const bytes = await readFile(file);
    for (
      let from = bytes.indexOf(needle);
      from >= 0;
      from = bytes.indexOf(needle, from + needle.length)
    ) {
      bytes[from + at] = (bytes[from + at] ?? 0) ^ 0x10;
      found += 1;
    }
    await writeFile(file, bytes);
  }
  return found;
}

/** `batch` with another way to commit it. */
export function withCommit(batch: Batch, commit: () => Promise<void>): Batch {
  return {
    put: (key, value) => {
      batch.put(key, value);
    },
    del: (key) => {
      batch.del(key);
    },
    commit,
  };
}
