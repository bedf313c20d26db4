// One server's data, opened: identity, log, snapshots and chunks belong together, have one owner, and are
// checked against each other before anything else may use them.
import { mkdir, readdir } from "node:fs/promises";
import { join } from "node:path";
import { assert } from "../base/assert.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { DataDirectory, Identity, LogStore, SnapshotStore } from "./contract.ts";
import { storageErrors } from "./errors.ts";
import { directoryMode } from "./files/atomic-file.ts";
import { readFormation, writeFormation } from "./files/formation.ts";
import { newIdentity, nextBoot, randomHex, readIdentity, writeIdentity } from "./files/identity.ts";
import { livingOwner, lockDatabaseName, refuseInUse } from "./files/owner.ts";
import { keptFolder, putAside, readQuarantine, refuseStopped } from "./files/quarantine.ts";
import { SnapshotFiles } from "./files/snapshot-files.ts";
import { lockDirectory } from "./level/directory-lock.ts";
import { openChunks } from "./level/open-chunks.ts";
import { openLog } from "./level/open-log.ts";

export interface DataDirectoryOptions {
  readonly dir: string;
  readonly logger: Logger;
  /** For a new directory: its server id (default: random). For an existing one: it must be this server's. */
  readonly serverId?: string;
  /**
   * Told what made the opening fail, while this process still holds the directory: the place for `decideQuarantine`, which
   * nobody else's start may come before. What it throws takes the place of that error.
   */
  readonly onFailure?: (error: unknown) => Promise<void>;
}

/** What may lie in a directory that was not completely created yet, or is a mount point. */
const ownNames: ReadonlySet<string> = new Set([
  "LOCK",
  "LOCK.partial",
  lockDatabaseName,
  "identity.partial",
  "log",
  "chunks",
  "chunk-index",
  "snapshots",
  "cache",
  "jobs",
  "sentinel",
  "formation",
  "formation.partial",
  "contacts",
  "contacts.partial",
  "boots",
  "boots.partial",
  "quarantine",
  "quarantine.partial",
  "quarantined",
  "damaged",
  "lost+found",
]);

/** Opened parts, closed in reverse order. */
class Parts {
  readonly #closers: (() => Promise<void>)[] = [];

  add(close: () => Promise<void>): void {
    this.#closers.push(close);
  }

  async close(): Promise<void> {
    for (let close = this.#closers.pop(); close !== undefined; close = this.#closers.pop()) {
      await close();
    }
  }
}

interface Contents {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
  readonly chunks: DataDirectory["chunks"];
  readonly identity: Identity;
  readonly formation: Uint8Array | undefined;
}

class OpenDataDirectory implements DataDirectory {
  readonly log: LogStore;
  readonly snapshots: SnapshotStore;
  readonly chunks: DataDirectory["chunks"];
  readonly #dir: string;
  readonly #parts: Parts;
  #identity: Identity;
  #formation: Uint8Array | undefined;

  constructor(dir: string, modules: { readonly contents: Contents; readonly parts: Parts }) {
    const { contents } = modules;
    this.#dir = dir;
    this.#parts = modules.parts;
    this.log = contents.log;
    this.snapshots = contents.snapshots;
    this.chunks = contents.chunks;
    this.#identity = contents.identity;
    this.#formation = contents.formation;
  }

  get identity(): Identity {
    return this.#identity;
  }

  get formation(): Uint8Array | undefined {
    return this.#formation;
  }

  async saveIdentity(identity: Identity): Promise<void> {
    await writeIdentity(this.#dir, identity);
    this.#identity = identity;
  }

  async saveFormation(accepted: Uint8Array): Promise<void> {
    assert(this.#formation === undefined, "a data directory accepts one formation proposal");
    this.#formation = accepted;
    await writeFormation(this.#dir, accepted);
  }

  async close(): Promise<void> {
    await this.#parts.close();
  }
}

function refuseOtherServer(identity: Identity | undefined, options: DataDirectoryOptions): void {
  const { serverId, dir } = options;
  if (identity === undefined || serverId === undefined || identity.serverId === serverId) return;
  throw storageErrors.WRONG_SERVER(
    `the data directory ${dir} belongs to the server ${identity.serverId}, not to ${serverId}`,
    { fields: { directory: dir, found: identity.serverId, expected: serverId } },
  );
}

/** What was decided before the last end of this server, or just now. */
async function carryOutQuarantine(dir: string, logger: Logger): Promise<void> {
  const record = await readQuarantine(dir);
  refuseStopped(dir, record);
  if (record?.stage !== "decided") return;
  const { code, message, atMs } = record;
  await putAside(dir, record, randomHex);
  const kept = keptFolder(dir, record);
  logger.error({ code, error: message, decidedAtMs: atMs, kept }, "damaged files were put aside");
}

/** One of these says that the rest is a server's, also when the identity file was put aside just now. */
const markNames = ["identity", "quarantine"];

/** Throws NOT_A_DATA_DIRECTORY. Reads names only: nothing may be believed before the lock is held. */
async function refuseForeign(dir: string): Promise<void> {
  const names = await readdir(dir);
  if (markNames.some((name) => names.includes(name))) return;
  const foreign = names.find((name) => !ownNames.has(name));
  if (foreign === undefined) return;
  throw storageErrors.NOT_A_DATA_DIRECTORY(`${dir} has no identity file, but contains ${foreign}`, {
    fields: { directory: dir, found: foreign },
  });
}

/** Creates the directory if need be; refuses one that is somebody's or that holds other things. Moves nothing. */
async function prepare(dir: string): Promise<void> {
  try {
    await mkdir(dir, { recursive: true, mode: directoryMode });
  } catch (cause) {
    throw storageErrors.OPEN_FAILED(`${dir} could not be created: ${messageOf(cause)}`, { cause });
  }
  const owner = await livingOwner(dir);
  if (owner !== undefined) refuseInUse(dir, owner);
  await refuseForeign(dir);
}

/** A snapshot that was installed when the server died is adopted by the log; one that is missing is damage. */
async function reconcile(log: LogStore, snapshots: SnapshotStore): Promise<void> {
  const inLog = log.view.snapshot();
  const meta = snapshots.latest()?.meta;
  if ((meta?.index ?? 0) < inLog.index) {
    throw storageErrors.CORRUPT_SNAPSHOT(
      `the log begins after a snapshot at index ${String(inLog.index)}, but that snapshot is missing`,
      { fields: { expected: inLog.index, found: meta?.index ?? 0 } },
    );
  }
  if (meta !== undefined && meta.index > inLog.index)
    await log.compact(meta, log.view.firstIndex());
}

/** The lock is held by the caller. */
async function openParts(
  options: DataDirectoryOptions,
  modules: { readonly parts: Parts; readonly logger: Logger },
): Promise<Contents> {
  const { dir, serverId } = options;
  const { parts, logger } = modules;
  await carryOutQuarantine(dir, logger);
  const found = await readIdentity(dir);
  refuseOtherServer(found, options);
  // An identity without a boot was written when the parts of an earlier life were put aside.
  const isNew = (found?.bootCounter ?? 0) === 0;
  const log = await openLog({ directory: join(dir, "log"), isNew }, { logger });
  parts.add(() => log.close());
  if (found === undefined && log.view.lastIndex() > 0) {
    throw storageErrors.CORRUPT_IDENTITY(
      `the identity file of ${dir} is missing, but its log is not empty`,
    );
  }
  const snapshots = new SnapshotFiles({ directory: join(dir, "snapshots") }, { logger });
  parts.add(() => snapshots.close());
  await snapshots.start();
  await reconcile(log, snapshots);
  // Put aside for damage: the files that stayed were written by the same disk.
  const isDoubtful = found !== undefined && found.clusterId !== "" && found.peerId === 0;
  const chunks = await openChunks({ directory: dir, isDoubtful }, { logger });
  parts.add(() => chunks.close());
  const formation = await readFormation(dir);
  const identity = nextBoot(found ?? newIdentity(serverId, randomHex), randomHex);
  await writeIdentity(dir, identity);
  const { incarnation, bootCounter } = identity;
  logger.info(
    { dir, serverId: identity.serverId, incarnation, bootCounter },
    "data directory opened",
  );
  return { log, snapshots, chunks, identity, formation };
}

/** Held until the process that failed to open has drawn its conclusion. */
async function fail(error: unknown, options: DataDirectoryOptions, parts: Parts): Promise<never> {
  try {
    await options.onFailure?.(error);
  } finally {
    await parts.close();
  }
  throw error;
}

/**
 * Opens the data directory `dir`, or creates it with a new identity when it is missing or empty. Fails with
 * DATA_DIRECTORY_IN_USE, NOT_A_DATA_DIRECTORY, WRONG_SERVER, NEWER_FORMAT, OPEN_FAILED, QUARANTINED_TOO_OFTEN, or one of
 * the CORRUPT_ codes: then nothing was repaired or thrown away. What `decideQuarantine` has decided is carried out first.
 * From the first file that is read to the last that is closed, this process holds the lock of the whole directory.
 */
export async function openDataDirectory(options: DataDirectoryOptions): Promise<DataDirectory> {
  const { dir } = options;
  const logger = options.logger.child({ room: "storage" });
  await prepare(dir);
  const parts = new Parts();
  const lock = await lockDirectory(dir, { logger });
  parts.add(() => lock.release());
  try {
    const contents = await openParts(options, { parts, logger });
    return new OpenDataDirectory(dir, { contents, parts });
  } catch (error) {
    return await fail(error, options, parts);
  }
}
