// <data>/jobs/<jobId>: working directory and output of each job that ran here. Jobs come and go for years (a job id is
// never used again), so what left this machine longest ago is removed above a limit.
import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { jobDirectoriesMax } from "../limits.ts";

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}

async function usedAtMs(path: string): Promise<number> {
  // The output is what changes while a job runs.
  for (const candidate of [join(path, "logs", "output.log"), path]) {
    try {
      return (await stat(candidate)).mtimeMs;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
  }
  return 0;
}

/** Removes the longest unused directories above `keepMax`; never one whose job is in `inUse`. */
export async function pruneJobDirectories(
  dataDirectory: string,
  inUse: ReadonlySet<string>,
  keepMax: number = jobDirectoriesMax,
): Promise<void> {
  const directory = join(dataDirectory, "jobs");
  const unused = (await namesIn(directory)).filter((name) => !inUse.has(name));
  if (unused.length <= keepMax) return;
  const aged: { readonly path: string; readonly atMs: number }[] = [];
  for (const name of unused) {
    const path = join(directory, name);
    aged.push({ path, atMs: await usedAtMs(path) });
  }
  aged.sort((a, b) => a.atMs - b.atMs);
  for (const { path } of aged.slice(0, aged.length - keepMax))
    await rm(path, { recursive: true, force: true });
}
