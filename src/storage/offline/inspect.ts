// What can be said about a data directory without opening LevelDB, which always writes: nothing is changed,
// nothing is locked, also while a server runs.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Identity, SnapshotInfo } from "../contract.ts";
import { isMissing } from "../files/atomic-file.ts";
import { readIdentity } from "../files/identity.ts";
import { livingOwner } from "../files/owner.ts";
import { SnapshotFile } from "../files/snapshot-file.ts";
import { snapshotNames } from "../files/snapshot-files.ts";
import type { WalScan } from "../level/wal-files.ts";
import { scanWal } from "../level/wal-files.ts";

export interface DatabaseReport {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly wal: WalScan;
}

export interface DataDirectoryReport {
  readonly directory: string;
  /** Undefined when there is none. */
  readonly identity: Identity | undefined;
  /** The process that has it open; undefined when none is known to be alive. */
  readonly ownerPid: number | undefined;
  /** Newest first. */
  readonly snapshots: readonly SnapshotInfo[];
  readonly databases: readonly DatabaseReport[];
}

const databaseNames = ["log", "chunks", "chunk-index"];

async function ifThere<T>(read: Promise<T>, otherwise: T): Promise<T> {
  try {
    return await read;
  } catch (error) {
    if (isMissing(error)) return otherwise;
    throw error;
  }
}

async function inspectDatabase(directory: string, name: string): Promise<DatabaseReport> {
  const path = join(directory, name);
  const files = await ifThere(readdir(path), []);
  let bytes = 0;
  for (const file of files) bytes += (await ifThere(stat(join(path, file)), undefined))?.size ?? 0;
  return { name, files: files.length, bytes, wal: await scanWal(path) };
}

/** Throws the CORRUPT_ code of what cannot be read; damage in a write-ahead log is part of the report. */
export async function inspectDataDirectory(directory: string): Promise<DataDirectoryReport> {
  const identity = await readIdentity(directory);
  const owner = await livingOwner(directory);
  const snapshots: SnapshotInfo[] = [];
  const snapshotDirectory = join(directory, "snapshots");
  for (const name of await ifThere(snapshotNames(snapshotDirectory), [])) {
    const file = await SnapshotFile.open(join(snapshotDirectory, name));
    snapshots.push(file.info);
    await file.close();
  }
  const databases: DatabaseReport[] = [];
  for (const name of databaseNames) databases.push(await inspectDatabase(directory, name));
  return { directory, identity, ownerPid: owner?.pid, snapshots, databases };
}
