// LOCK names the process that has a data directory open. It is information, not the lock itself: that is the one of
// level/directory-lock.ts. A pid alone would not do as a lock, because pids are reused and every container has a process 1:
// so the start time of the process is noted too.
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { storageErrors } from "../errors.ts";
import { readFileIfThere, replaceFile } from "./atomic-file.ts";

export interface Owner {
  readonly pid: number;
  /** Clock ticks from the boot of the machine to the start of the process (Linux, proc(5)); 0 = not known. */
  readonly startTicks: number;
}

/** The folder of the database whose lock is the lock of the directory that it lies in. */
export const lockDatabaseName = "owner";

const lockPath = (directory: string): string => join(directory, "LOCK");
/** States of a process that has ended and only waits to be reaped: it holds nothing any more. */
const endedStates: ReadonlySet<string> = new Set(["Z", "X"]);
/** Field 22 of /proc/PID/stat, counted from the field after the process name in parentheses. */
const startTicksField = 19;

async function startTicksOf(pid: number): Promise<number> {
  const stat = await readFileIfThere(`/proc/${String(pid)}/stat`).catch(() => undefined);
  const text = stat?.toString("utf8") ?? "";
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  if (endedStates.has(fields[0] ?? "")) return 0;
  const ticks = Number(fields[startTicksField]);
  return Number.isSafeInteger(ticks) ? ticks : 0;
}

/** Undefined when nobody signed, or the file cannot be understood. */
export async function readOwner(directory: string): Promise<Owner | undefined> {
  const bytes = await readFileIfThere(lockPath(directory));
  const match = /^pid (\d+) start (\d+)\n$/.exec(bytes?.toString("utf8") ?? "");
  if (match === null) return undefined;
  return { pid: Number(match[1]), startTicks: Number(match[2]) };
}

/** Signs with this process; to be called by the holder of the lock only. */
export async function signOwner(directory: string): Promise<void> {
  const { pid } = process;
  const line = `pid ${String(pid)} start ${String(await startTicksOf(pid))}\n`;
  await replaceFile(lockPath(directory), Buffer.from(line));
}

export async function clearOwner(directory: string): Promise<void> {
  await rm(lockPath(directory), { force: true });
}

/** The owner if it is known to be alive. */
export async function livingOwner(directory: string): Promise<Owner | undefined> {
  const owner = await readOwner(directory);
  if (owner === undefined || owner.startTicks === 0) return undefined;
  return (await startTicksOf(owner.pid)) === owner.startTicks ? owner : undefined;
}

/** Throws DATA_DIRECTORY_IN_USE, naming the pid. */
export function refuseInUse(directory: string, owner: Owner | undefined, cause?: unknown): never {
  const who = owner === undefined ? "another process" : `process ${String(owner.pid)}`;
  const fields = owner === undefined ? { directory } : { directory, pid: owner.pid };
  throw storageErrors.DATA_DIRECTORY_IN_USE(`the data directory ${directory} is in use by ${who}`, {
    fields,
    cause,
  });
}
