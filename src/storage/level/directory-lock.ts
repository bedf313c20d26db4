// One process at a time in a data directory. The lock is that of a LevelDB database without content, because the kernel
// releases it when its holder dies, also by kill -9, and because it holds between containers, where a pid says nothing. It is
// taken before anything of the directory is believed or moved: what a living server is just writing looks like damage.
import { readdir, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { storageErrors } from "../errors.ts";
import { isMissing } from "../files/atomic-file.ts";
import { clearOwner, lockDatabaseName, readOwner, refuseInUse, signOwner } from "../files/owner.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./database.ts";

/** LevelDB's smallest: nothing is ever written. */
const bufferBytes = 64 * 1024;
const tableBytesMax = 1024 * 1024;
/** More than two, because somebody else may be emptying the same damaged database at the same time. */
const attemptsMax = 4;

/**
 * Directories that this process holds, or is about to. A second open of the same file by the same process makes the kernel
 * forget the lock when that second one is closed (fcntl(2)), so it must not come to that.
 */
const heldHere = new Set<string>();

export interface DirectoryLock {
  /** To be called when nothing of the directory is open any more. */
  release(): Promise<void>;
}

/**
 * Makes room for a new lock database. Without the file LOCK: a process that opens a new one would not see who has
 * locked the old one. A holder meanwhile loses nothing by it, for it reads and writes none of these files any more.
 */
async function empty(path: string): Promise<void> {
  try {
    for (const name of await readdir(path)) {
      if (name !== "LOCK") await rm(join(path, name), { recursive: true, force: true });
    }
  } catch (cause) {
    if (isMissing(cause)) return;
    throw storageErrors.OPEN_FAILED(`${path} could not be emptied: ${messageOf(cause)}`, { cause });
  }
}

function tellsOfHolder(error: unknown): boolean {
  return error instanceof QuorateError && error.code === "QUORATE_STORAGE_DATA_DIRECTORY_IN_USE";
}

/** Damage to it is no damage of the server: it holds nothing, and a new one takes its place. */
async function openAnyway(directory: string, logger: Logger): Promise<Database> {
  const path = join(directory, lockDatabaseName);
  const damaged = storageErrors.OPEN_FAILED;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await openDatabase({
        directory: path,
        writeBufferBytes: bufferBytes,
        tableBytesMax,
        damaged,
      });
    } catch (error) {
      if (tellsOfHolder(error)) refuseInUse(directory, await readOwner(directory), error);
      if (attempt === attemptsMax) throw error;
      logger.warn({ path, error: messageOf(error) }, "the lock database is made anew");
      await empty(path);
    }
  }
}

/** Takes the lock of `directory`, which must exist, and signs LOCK. Throws DATA_DIRECTORY_IN_USE or OPEN_FAILED. */
export async function lockDirectory(
  directory: string,
  modules: { readonly logger: Logger },
): Promise<DirectoryLock> {
  const home = await realpath(directory);
  if (heldHere.has(home)) refuseInUse(directory, { pid: process.pid, startTicks: 0 });
  heldHere.add(home);
  let database: Database | undefined;
  const giveBack = async (): Promise<void> => {
    await database?.close();
    heldHere.delete(home);
  };
  try {
    database = await openAnyway(directory, modules.logger);
    await signOwner(directory);
  } catch (error) {
    await giveBack();
    throw error;
  }
  return {
    release: async () => {
      try {
        await clearOwner(directory);
      } finally {
        await giveBack();
      }
    },
  };
}
