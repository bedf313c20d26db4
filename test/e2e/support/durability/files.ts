// Finding the record that is to be damaged in the files of a stopped server, and damaging it.
import { closeSync, openSync, readdirSync, readFileSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Located } from "./level/located.ts";
import { tablePuts } from "./level/table.ts";
import { walPuts } from "./level/wal.ts";

/** Keys in log/ (docs/reference/data-layout.md). */
const entryPrefix = 0x01;
export const hardStateKey: Buffer = Buffer.from([0x02, 0]);
export const hardStateCopyKey: Buffer = Buffer.from([0x04, 0]);
/** Of a log entry's value: what lies in front of its payload. */
export const entryHeaderBytes = 29;

export interface Found extends Located {
  readonly path: string;
  readonly isTable: boolean;
}

function paths(directory: string, pattern: RegExp): readonly string[] {
  return readdirSync(directory)
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(directory, name));
}

/** The write-ahead logs of a database, the newest last. */
export function walPaths(database: string): readonly string[] {
  return paths(database, /^\d+\.log$/);
}

/** Every put that lies in the files of a database: tables first, then the logs in order. */
export function puts(database: string): readonly Found[] {
  const tables = paths(database, /^\d+\.(ldb|sst)$/).flatMap((path) =>
    tablePuts(readFileSync(path)).map((located) => ({ ...located, path, isTable: true })),
  );
  const logs = walPaths(database).flatMap((path) =>
    walPuts(readFileSync(path)).map((located) => ({ ...located, path, isTable: false })),
  );
  return [...tables, ...logs];
}

export const isEntry = ({ key }: Located): boolean => key[0] === entryPrefix;

/** The last written value of a key. */
export function newest(database: string, key: Buffer): Found {
  const [found] = puts(database)
    .filter((located) => located.key.equals(key))
    .sort((a, b) => b.sequence - a.sequence);
  if (found === undefined) throw new Error(`${database} has no ${key.toString("hex")}`);
  return found;
}

/** One bit of one byte, in place: the file keeps its size and the process that has it open sees it. */
export function flipBit(path: string, offset: number, bit = 0): void {
  const file = openSync(path, "r+");
  try {
    const byte = Buffer.alloc(1);
    if (readSync(file, byte, 0, 1, offset) !== 1) throw new Error(`${path} ends before ${offset}`);
    byte[0] = byte[0]! ^ (1 << bit);
    writeSync(file, byte, 0, 1, offset);
  } finally {
    closeSync(file);
  }
}
