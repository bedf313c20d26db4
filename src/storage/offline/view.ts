// LevelDB always writes when it opens: it begins new files, moves its write-ahead log into tables, deletes what is
// obsolete. So an offline tool never opens the real directory. It opens a *view* of it somewhere else: the table files,
// which LevelDB never changes once they are written, as symbolic links; everything else as copies. What LevelDB
// writes or deletes then happens in the view.
import { copyFile, mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { messageOf } from "../../base/errors.ts";
import { storageErrors } from "../errors.ts";
import { isMissing } from "../files/atomic-file.ts";

const tablePattern = /^\d+\.(ldb|sst)$/;
/** What LevelDB needs to open; LOCK and its text logs are its own business. */
const copiedPattern = /^(CURRENT|MANIFEST-\d+|\d+\.log)$/;

async function fill(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const name of await readdir(from)) {
    if (tablePattern.test(name)) await symlink(join(from, name), join(to, name));
    else if (copiedPattern.test(name)) await copyFile(join(from, name), join(to, name));
  }
}

/**
 * Runs `work` with the path of a view of the database `name` in the data directory; undefined when there is no such
 * database. The view is removed afterwards, whatever happens. It takes as much space in the directory for temporary
 * files (`TMPDIR`) as the write-ahead log takes, and what LevelDB decides to compact. Throws OPEN_FAILED when the view
 * cannot be made.
 */
export async function withView<T>(
  { directory, name }: { readonly directory: string; readonly name: string },
  work: (view: string | undefined) => Promise<T>,
): Promise<T> {
  const root = await mkdtemp(join(tmpdir(), "quorate-view-"));
  try {
    const view = join(root, name);
    let isThere = true;
    try {
      await fill(resolve(directory, name), view);
    } catch (cause) {
      if (!isMissing(cause)) {
        throw storageErrors.OPEN_FAILED(
          `no view of ${join(directory, name)} could be made below ${root}: ${messageOf(cause)}`,
          { fields: { directory }, cause },
        );
      }
      isThere = false;
    }
    return await work(isThere ? view : undefined);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}
