// A job writes its output straight into a file: both streams into the same one, so that the order is kept, and
// never through the sentinel, so that no job ever waits for it. The price is that a full file cannot be swapped under
// the job: it is copied aside and emptied ("copy and truncate"). What the job writes in the moment between the last
// copied byte and the emptying is lost: a few lines once per 8 MiB, for a job that is writing at that very moment.
//
// The name of an old file is the position of its first byte in everything that the job ever wrote, so a reader finds
// any position from the directory alone (`output.log` begins where the newest old file ends).

import type { FileHandle } from "node:fs/promises";
import { copyFile, mkdir, open, readdir, rename, rm, stat, truncate } from "node:fs/promises";
import { join } from "node:path";
import { KiB } from "../../base/units.ts";
import { logFileBytesMax, logFilesMax } from "./limits.ts";

const currentLogName = "output.log";

export function jobLogDirectory(dataDirectory: string, jobId: string): string {
  return join(dataDirectory, "jobs", jobId, "logs");
}

/** One file of a job's output. */
export interface LogFile {
  readonly path: string;
  /** Position of its first byte. */
  readonly start: number;
  readonly sizeBytes: number;
}

const oldName = /^output\.(\d+)\.log$/;

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return 0;
    throw error;
  }
}

/** All files of one job, oldest first, the current one last. Empty when it never ran here. */
export async function logFiles(directory: string): Promise<LogFile[]> {
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  const files: LogFile[] = [];
  for (const name of names) {
    const start = oldName.exec(name)?.[1];
    if (start === undefined) continue;
    const path = join(directory, name);
    files.push({ path, start: Number(start), sizeBytes: await sizeOf(path) });
  }
  files.sort((a, b) => a.start - b.start);
  const newest = files.at(-1);
  const path = join(directory, currentLogName);
  const start = newest === undefined ? 0 : newest.start + newest.sizeBytes;
  return [...files, { path, start, sizeBytes: await sizeOf(path) }];
}

/** Opens the current file for a run to append to. The caller closes it once the run has it. */
export async function openLog(directory: string): Promise<FileHandle> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  return open(join(directory, currentLogName), "a", 0o600);
}

const copyBytes = 64 * KiB;

/** Appends to `target` what `source` holds after `from`; returns the new end. */
async function copyRest(source: FileHandle, target: FileHandle, from: number): Promise<number> {
  const buffer = Buffer.alloc(copyBytes);
  let at = from;
  for (;;) {
    const { bytesRead } = await source.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return at;
    await target.write(buffer, 0, bytesRead, at);
    at += bytesRead;
  }
}

async function copyAside(path: string, aside: string): Promise<void> {
  await copyFile(path, aside);
  const source = await open(path, "r");
  try {
    const target = await open(aside, "r+");
    try {
      await copyRest(source, target, (await target.stat()).size);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

export interface LogLimits {
  readonly fileBytesMax: number;
  readonly filesMax: number;
}
const defaultLimits: LogLimits = { fileBytesMax: logFileBytesMax, filesMax: logFilesMax };

/** Copies the current file aside and empties it when it is full; removes old files above the limit. True when it did. */
export async function rotateLog(
  directory: string,
  limits: LogLimits = defaultLimits,
): Promise<boolean> {
  if ((await sizeOf(join(directory, currentLogName))) <= limits.fileBytesMax) return false;
  const files = await logFiles(directory);
  const current = files.pop();
  if (current === undefined) return false;
  const aside = join(directory, "output.part");
  await copyAside(current.path, aside);
  await rename(aside, join(directory, `output.${String(current.start)}.log`));
  await truncate(current.path, 0);
  for (const old of files.slice(0, Math.max(0, files.length + 1 - limits.filesMax)))
    await rm(old.path);
  return true;
}
