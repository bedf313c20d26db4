// `mkdir` with its parents, one step at a time. Node's own recursive form goes round in circles, in a thread that cannot
// be ended, where an existing parent answers "no such file or directory" to every new name, as below /proc.
import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { storageErrors } from "../../storage/errors.ts";

/** Only this user may look inside. */
const directoryMode = 0o700;

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** Makes `path` (absolute) unless it is there. Rejects with OPEN_FAILED. */
export async function makeDirectory(path: string): Promise<void> {
  try {
    await makeStepwise(path);
  } catch (cause) {
    throw storageErrors.OPEN_FAILED(`${path} could not be created: ${messageOf(cause)}`, {
      fields: { directory: path },
      cause,
    });
  }
}

async function makeStepwise(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: directoryMode });
  } catch (error) {
    const parent = dirname(path);
    if (codeOf(error) !== "ENOENT" || parent === path) await acceptExisting(path, error);
    else {
      await makeStepwise(parent);
      await makeOnce(path);
    }
  }
}

/** The parent is there now: whatever is wrong, another round would not mend it. */
async function makeOnce(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: directoryMode });
  } catch (error) {
    await acceptExisting(path, error);
  }
}

async function acceptExisting(path: string, error: unknown): Promise<void> {
  const isThere = codeOf(error) === "EEXIST" && (await stat(path)).isDirectory();
  if (!isThere) throw error;
}
