// Damage to the chunk databases as a whole. Jar bytes can be fetched again, so it never refuses a start: what cannot be
// opened, or not be read through, is put aside below damaged/ as evidence, and an empty database takes its place.
//
// LevelDB itself is not trusted to notice. Without its file CURRENT it begins a new database over the old one and deletes
// the old tables; a table that it cannot merge makes every later write fail, and after a restart it opens that
// database without a word and fails again. So both are looked for before it is opened.
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { Type } from "typebox";
import { Compile } from "typebox/compile";
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { day } from "../../base/units.ts";
import { storageErrors } from "../errors.ts";
import { directoryMode, isMissing, readFileIfThere, syncDirectory } from "../files/atomic-file.ts";
import { unsealJson, writeSealedJson } from "../files/sealed-json.ts";
import { isCorruption } from "./database.ts";

/** Folders below damaged/; each may hold as much as the whole store. So many of one day, and the disk is not to be trusted. */
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

interface Kept {
  readonly number: number;
  readonly atMs: number;
}

const reasonName = "reason";
const isReason = Compile(
  Type.Object({
    code: Type.String(),
    message: Type.String(),
    atMs: Type.Integer({ minimum: 0 }),
  }),
);

/** When a folder was made: what it says itself, or else its file system. */
async function keptAtMs(folder: string): Promise<number> {
  const bytes = await readFileIfThere(join(folder, reasonName));
  const reason =
    bytes === undefined ? undefined : unsealJson(bytes, (value) => isReason.Check(value));
  return reason?.atMs ?? (await stat(folder)).mtimeMs;
}

/** Oldest first. */
async function keptIn(home: string): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const name of (await namesIn(home)).filter((one) => /^\d+$/.test(one))) {
    kept.push({ number: Number(name), atMs: await keptAtMs(join(home, name)) });
  }
  return kept.sort((a, b) => a.number - b.number);
}

/**
 * The folder to keep things in. Old ones make room for it, as each may fill the disk by itself; those of the last day never
 * do. Throws CHUNKS_DAMAGED_TOO_OFTEN.
 */
async function nextFolder(directory: string, error: unknown): Promise<string> {
  const home = join(directory, "damaged");
  const nowMs = Date.now();
  const kept = await keptIn(home);
  const old = kept.filter(({ atMs }) => atMs <= nowMs - day);
  const recent = kept.length - old.length;
  if (recent >= damagedFoldersMax) {
    throw storageErrors.CHUNKS_DAMAGED_TOO_OFTEN(
      `${home} holds ${String(recent)} damaged chunk stores of one day, and there is damage again: ${messageOf(error)}`,
      { fields: { directory, damagedFoldersMax }, cause: error },
    );
  }
  for (const { number } of old.slice(0, Math.max(0, kept.length - damagedFoldersMax + 1))) {
    await rm(join(home, String(number)), { recursive: true, force: true });
  }
  const folder = join(home, String((kept.at(-1)?.number ?? 0) + 1));
  await mkdir(folder, { recursive: true, mode: directoryMode });
  const { code, message } = codedAs(error);
  await writeSealedJson(join(folder, reasonName), { code, message, atMs: nowMs });
  return folder;
}

function codedAs(error: unknown): QuorateError {
  return error instanceof QuorateError ? error : storageErrors.CORRUPT_CHUNK(messageOf(error));
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
  const { code, message, help } = codedAs(error);
  modules.logger.error(
    { code, error: message, help, kept: folder, moved: names },
    "damaged chunk databases were put aside; what other servers hold is fetched again",
  );
}
