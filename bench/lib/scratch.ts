// A folder of the run's own, below TMPDIR: what is measured there is the disk that TMPDIR is on.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "./cleanup.ts";

/** Calls `use` with a new folder, which is removed afterwards, also when the run is interrupted. */
export async function withScratch<T>(use: (directory: string) => Promise<T>): Promise<T> {
  const directory = mkdtempSync(join(tmpdir(), "quorate-bench-"));
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };
  const forget = onInterrupt(() => Promise.resolve().then(remove));
  try {
    return await use(directory);
  } finally {
    forget();
    remove();
  }
}
