// Everything that LevelDB will believe without looking, looked at before it opens: which manifest is in force, which tables
// belong to it, and whether their blocks are as they were written. Nothing is changed. The write-ahead logs have a
// scan of their own (wal-files.ts).
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isMissing } from "../files/atomic-file.ts";
import { type FileDamage, readCurrentManifest } from "./current-manifest.ts";
import { scanTable, type TableDepth } from "./table-scan.ts";

export interface DatabaseScan {
  /** False: LevelDB would create one. */
  readonly isThere: boolean;
  readonly tables: number;
  readonly damage: FileDamage | undefined;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Tables of older releases of LevelDB end in .sst. */
function tableName(names: readonly string[], number: number): string {
  const digits = String(number).padStart(6, "0");
  return names.includes(`${digits}.sst`) ? `${digits}.sst` : `${digits}.ldb`;
}

async function damageOfTables(
  directory: string,
  tables: ReadonlyMap<number, number>,
  how: { readonly names: readonly string[]; readonly depth: TableDepth },
): Promise<FileDamage | undefined> {
  for (const [number, sizeBytes] of tables) {
    const file = tableName(how.names, number);
    const found = await sizeOf(join(directory, file));
    if (found === undefined) return { file, offset: 0, reason: "a table that is missing" };
    // Whose bytes have proofs of their own can do with the rest of a database; LevelDB itself refuses such a table.
    if (found !== sizeBytes && how.depth === "index") continue;
    if (found !== sizeBytes) {
      const reason = `a table of ${String(found)} bytes that had ${String(sizeBytes)}`;
      return { file, offset: Math.min(found, sizeBytes), reason };
    }
    const damage = await scanTable(join(directory, file), how.depth);
    if (damage !== undefined) return { file, ...damage };
    await nextTurn();
  }
  return undefined;
}

/** Looks at a database that is not open. */
export async function scanDatabase(directory: string, depth: TableDepth): Promise<DatabaseScan> {
  const names = await namesIn(directory);
  const damaged = (damage: FileDamage): DatabaseScan => ({ isThere: true, tables: 0, damage });
  const manifest = await readCurrentManifest(directory);
  if (manifest === undefined) {
    // A crash while the very first files were written leaves less than these. With them LevelDB would begin a new
    // database in their place, and delete them.
    const isOld = names.some((name) => /\.(ldb|sst|log)$/.test(name));
    if (isOld) return damaged({ file: "CURRENT", offset: 0, reason: "a file that is missing" });
    return { isThere: false, tables: 0, damage: undefined };
  }
  if ("reason" in manifest) return damaged(manifest);
  const { tables } = manifest;
  const damage = await damageOfTables(directory, tables, { names, depth });
  return { isThere: true, tables: tables.size, damage };
}
