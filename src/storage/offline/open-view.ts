// The databases of a data directory, opened in a view. Damage in a write-ahead log does not end the look: LevelDB drops
// what it cannot read, and the caller was told before.
import type { ErrorFactory } from "../../base/errors.ts";
import { type Database, openDatabase } from "../level/database.ts";
import { withView } from "./view.ts";

const writeBufferBytes = 8 * 1024 * 1024;
const tableBytesMax = 16 * 1024 * 1024;

/** Undefined when there is no such database. Throws `damaged` when LevelDB itself refuses it. */
export function withDatabase<T>(
  of: { readonly directory: string; readonly name: string; readonly damaged: ErrorFactory },
  work: (database: Database | undefined) => Promise<T>,
): Promise<T> {
  return withView(of, async (view) => {
    if (view === undefined) return await work(undefined);
    const { damaged } = of;
    const database = await openDatabase({
      directory: view,
      writeBufferBytes,
      tableBytesMax,
      damaged,
    });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  });
}
