// dist/ as a test needs it: built from the sources as they are now, once, whoever asks first.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";

const repository: string = join(import.meta.dirname, "..", "..");
const lockWaitMs = 120_000;
const lockPollMs = 100;

/** The command that a user installs. @public */
export const quorateProgram: string = join(repository, "dist/bin/quorate.js");

function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The latest change of a file or, for what was added or removed, a folder below `root`. */
function newestMs(root: string): number {
  const below = readdirSync(root, { recursive: true, encoding: "utf8" });
  return Math.max(modifiedMs(root), ...below.map((path) => modifiedMs(join(root, path))));
}

/** True if the program is missing or older than what it is built from. */
export function isStale(program: string, sources: readonly string[]): boolean {
  const newest = sources.map((path) =>
    statSync(path).isDirectory() ? newestMs(path) : modifiedMs(path),
  );
  return modifiedMs(program) < Math.max(...newest);
}

function tryLock(path: string): boolean {
  try {
    closeSync(openSync(path, "wx"));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

function withLock(path: string, work: () => void): void {
  const deadlineMs = Date.now() + lockWaitMs;
  const still = new Int32Array(new SharedArrayBuffer(4));
  while (!tryLock(path)) {
    if (Date.now() > deadlineMs)
      throw new Error(`${path} was left by a build that died: remove it`);
    Atomics.wait(still, 0, 0, lockPollMs);
  }
  try {
    work();
  } finally {
    rmSync(path);
  }
}

/** Builds dist/ unless it is up to date. Throws with the compiler's output when the build fails. */
export function ensureBuilt(): void {
  const sources = ["src", "tsconfig.json", "tsconfig.build.json"].map((name) =>
    join(repository, name),
  );
  if (!isStale(quorateProgram, sources)) return;
  withLock(
    join(dirname(dirname(dirname(quorateProgram))), "node_modules/.quorate-build.lock"),
    () => {
      if (!isStale(quorateProgram, sources)) return;
      const run = spawnSync("npm", ["run", "build"], { cwd: repository, encoding: "utf8" });
      if (run.status !== 0) throw new Error(`npm run build failed:\n${run.stdout}${run.stderr}`);
    },
  );
}
