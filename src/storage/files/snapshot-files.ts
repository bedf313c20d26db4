// Snapshots as files of their own: they are large, are read in ranges by other servers, and are thrown away
// whole. The newest complete one counts; everything else in the directory is left over and goes.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { Index } from "../../base/numbers.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import type { SnapshotInfo, SnapshotStore, SnapshotWriter } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { WriteGate } from "../write-gate.ts";
import { directoryMode } from "./atomic-file.ts";
import { SnapshotFile } from "./snapshot-file.ts";
import { FileSnapshotWriter } from "./snapshot-writer.ts";

const suffix = ".snapshot";
const digits = 16;

/** Names sort like indices. */
function nameOf(meta: SnapshotMeta): string {
  return `${String(meta.index).padStart(digits, "0")}-${String(meta.term)}${suffix}`;
}

/** Complete snapshots in `directory`, the newest first. */
export async function snapshotNames(directory: string): Promise<readonly string[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith(suffix));
  return names.sort().reverse();
}

export interface SnapshotFilesOptions {
  readonly directory: string;
}

export class SnapshotFiles implements SnapshotStore {
  readonly #directory: string;
  readonly #logger: Logger;
  readonly #gate = new WriteGate({ store: "the snapshot store" });
  #latest: SnapshotFile | undefined;
  #writers = 0;

  constructor(options: SnapshotFilesOptions, modules: { readonly logger: Logger }) {
    this.#directory = options.directory;
    this.#logger = modules.logger;
  }

  /** Opens the newest snapshot and removes what is left over. Throws CORRUPT_SNAPSHOT. */
  async start(): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: directoryMode });
    const [newest] = await snapshotNames(this.#directory);
    if (newest !== undefined) this.#latest = await SnapshotFile.open(join(this.#directory, newest));
    await this.#removeOthers((name) => name !== newest);
  }

  latest(): SnapshotInfo | undefined {
    return this.#latest?.info;
  }

  async create(meta: SnapshotMeta): Promise<SnapshotWriter> {
    this.#gate.check();
    this.#writers += 1;
    const path = join(this.#directory, nameOf(meta));
    const temporary = `${path}.${String(this.#writers)}.partial`;
    const writer = new FileSnapshotWriter(
      { meta, path, temporary },
      { gate: this.#gate, committed: (done) => this.#committed(done) },
    );
    await writer.start();
    return writer;
  }

  async read(index: Index, offset: number, length: number): Promise<Uint8Array> {
    this.#gate.check();
    const latest = this.#latest;
    if (latest?.info.meta.index !== index) {
      throw storageErrors.NOT_FOUND(`there is no snapshot at index ${String(index)}`, {
        fields: { index },
      });
    }
    return latest.read(offset, length);
  }

  async close(): Promise<void> {
    if (await this.#gate.close()) await this.#latest?.close();
  }

  /** One that is older than the newest was overtaken while it was written: it is complete, and goes at once. */
  async #committed(path: string): Promise<SnapshotInfo> {
    return this.#gate.exclusive(async () => {
      const file = await SnapshotFile.open(path);
      const before = this.#latest;
      const isNewest = file.info.meta.index >= (before?.info.meta.index ?? 0);
      if (isNewest) this.#latest = file;
      const obsolete = isNewest ? before : file;
      await obsolete?.close();
      const newest = this.#latest?.path;
      await this.#removeOthers(
        (name) => name.endsWith(suffix) && join(this.#directory, name) !== newest,
      );
      return file.info;
    });
  }

  async #removeOthers(isLeftOver: (name: string) => boolean): Promise<void> {
    for (const name of await readdir(this.#directory)) {
      if (!isLeftOver(name)) continue;
      try {
        await rm(join(this.#directory, name), { recursive: true, force: true });
      } catch (error) {
        this.#logger.warn(
          { name, error: messageOf(error) },
          "an old snapshot could not be removed",
        );
      }
    }
  }
}
