// What an offline tool looks at before and after its work.
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { Identity } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { readIdentity } from "../files/identity.ts";
import { livingOwner, lockDatabaseName, refuseInUse } from "../files/owner.ts";
import { isLevelLocked } from "./lock-holder.ts";

/** One of these makes a directory a data directory, also when the identity file is lost. */
const markNames: ReadonlySet<string> = new Set(["identity", "log", "snapshots", "quarantine"]);

function unreadable(directory: string, cause: unknown): string {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return `there is no directory ${directory}`;
  if (code === "ENOTDIR") return `${directory} is no directory`;
  return `${directory} could not be read: ${messageOf(cause)}`;
}

/** Throws NOT_A_DATA_DIRECTORY. */
async function refuseOthers(directory: string): Promise<void> {
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    throw storageErrors.NOT_A_DATA_DIRECTORY(unreadable(directory, cause), {
      fields: { directory },
      cause,
    });
  }
  if (names.some((name) => markNames.has(name))) return;
  throw storageErrors.NOT_A_DATA_DIRECTORY(`${directory} is no data directory of a server`, {
    fields: { directory },
  });
}

/** A damaged identity is told, not thrown: a tool for damaged directories must go on. */
export interface FoundIdentity {
  readonly identity: Identity | undefined;
  readonly damage: QuorateError | undefined;
}

/** Throws NOT_A_DATA_DIRECTORY, NEWER_FORMAT or READ_FAILED. */
export async function findIdentity(directory: string): Promise<FoundIdentity> {
  await refuseOthers(directory);
  try {
    return { identity: await readIdentity(directory), damage: undefined };
  } catch (error) {
    if (!(error instanceof QuorateError) || error.kind !== "corrupt") throw error;
    return { identity: undefined, damage: error };
  }
}

async function refuseOwned(directory: string): Promise<void> {
  const owner = await livingOwner(directory);
  if (owner !== undefined) refuseInUse(directory, owner);
  for (const name of [lockDatabaseName, "log"]) {
    if (await isLevelLocked(join(directory, name))) refuseInUse(directory, undefined);
  }
}

/**
 * Runs `work` on a directory that nobody has open. Throws NOT_A_DATA_DIRECTORY, NEWER_FORMAT, and
 * DATA_DIRECTORY_IN_USE, also when a server was started meanwhile: what was seen then was no one state.
 */
export async function whileStopped<T>(
  directory: string,
  work: (found: FoundIdentity) => Promise<T>,
): Promise<T> {
  const found = await findIdentity(directory);
  await refuseOwned(directory);
  const result = await work(found);
  await refuseOwned(directory);
  const after = await findIdentity(directory);
  if (after.identity?.bootCounter !== found.identity?.bootCounter) {
    throw storageErrors.DATA_DIRECTORY_IN_USE(
      `a server was started with the data directory ${directory} meanwhile`,
      { fields: { directory } },
    );
  }
  return result;
}
