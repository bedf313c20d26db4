// Damage to the chunk databases as a whole. Jar bytes can be fetched again, so it never refuses a start: what cannot be
// opened, or not be read through, is put aside below damaged/ as evidence, and an empty database takes its place.
//
// LevelDB itself is not trusted to notice. Without its file CURRENT it begins a new database over the old one and deletes
// the old tables; a table that it cannot merge makes every later write fail, and after a restart it opens that
// database without a word and fails again. So both are looked for before it is opened.
import { mkdir, readdir, rename } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { storageErrors } from "../errors.ts";
import { directoryMode, isMissing, readFileIfThere, syncDirectory } from "../files/atomic-file.ts";
import { isCorruption } from "./database.ts";

/** Folders below damaged/; each may hold as much as the whole store. */
export const damagedFoldersMax = 5;

const corruptChunk = "QUORATE_STORAGE_CORRUPT_CHUNK";

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

/** LevelDB, or our own look at its files, has found damage. */
export function tellsOfDamage(error: unknown): boolean {
  return isCorruption(error) || (error instanceof QuorateError && error.code === corruptChunk);
}

/** Damaged, or the disk does not give the bytes. */
export function isUnreadable(error: unknown): boolean {
  return tellsOfDamage(error) || codeOf(error) === "LEVEL_IO_ERROR";
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** What stopped the last life of this database, by LevelDB's own LOG; to be read before the next open, which renames it. */
export async function failedMerge(directory: string): Promise<string | undefined> {
  const log = await readFileIfThere(join(directory, "LOG"));
  const lines = (log?.toString("utf8") ?? "").split("\n");
  return lines.find((line) => line.includes("Compaction error: ") && !line.includes("No space"));
}

/** The folder to keep things in. Throws CHUNKS_DAMAGED_TOO_OFTEN. */
async function nextFolder(directory: string, error: unknown): Promise<string> {
  const home = join(directory, "damaged");
  const folders = (await namesIn(home)).filter((name) => /^\d+$/.test(name));
  if (folders.length >= damagedFoldersMax) {
    throw storageErrors.CHUNKS_DAMAGED_TOO_OFTEN(
      `${home} holds ${String(folders.length)} damaged chunk stores, and there is damage again: ${messageOf(error)}`,
      { fields: { directory, damagedFoldersMax }, cause: error },
    );
  }
  const folder = join(home, String(Math.max(0, ...folders.map(Number)) + 1));
  await mkdir(folder, { recursive: true, mode: directoryMode });
  return folder;
}

/** Moves `names` out of `directory`, durably. Nobody may have them open. */
export async function putAside(
  inputs: { readonly directory: string; readonly names: readonly string[] },
  error: unknown,
  modules: { readonly logger: Logger },
): Promise<void> {
  const { directory, names } = inputs;
  const folder = await nextFolder(directory, error);
  for (const name of names) {
    try {
      await rename(join(directory, name), join(folder, name));
    } catch (failed) {
      if (!isMissing(failed)) throw failed;
    }
  }
  await syncDirectory(folder);
  await syncDirectory(join(directory, "damaged"));
  await syncDirectory(directory);
  const { code, message, help } =
    error instanceof QuorateError ? error : storageErrors.CORRUPT_CHUNK(messageOf(error));
  modules.logger.error(
    { code, error: message, help, kept: folder, moved: names },
    "damaged chunk databases were put aside; what other servers hold is fetched again",
  );
}
