// Whether LevelDB may be asked what is in a database. With damaged tables it would leave out entries without a word, or end this
// process, so its own files are read first.
import { join } from "node:path";
import { scanDatabase } from "../level/database-scan.ts";
import type { TableDepth } from "../level/table-scan.ts";

export type DatabaseName = "log" | "chunks" | "chunk-index";

/** Chunks have digests, so of theirs only what leads to them must be whole. */
const depths: Readonly<Record<DatabaseName, TableDepth>> = {
  log: "whole",
  chunks: "index",
  "chunk-index": "whole",
};

export interface Unreadable {
  /** File and place, relative to the data directory. */
  readonly where: string;
  readonly what: string;
}

/** Undefined when it may be opened. */
export async function whyUnreadable(
  directory: string,
  name: DatabaseName,
): Promise<Unreadable | undefined> {
  const { damage } = await scanDatabase(join(directory, name), depths[name]);
  if (damage === undefined) return undefined;
  const { file, offset, reason } = damage;
  return {
    where: `${name}/${file} at byte ${String(offset)}`,
    what: `LevelDB's own files are damaged: ${reason}. What is in them was not read`,
  };
}
