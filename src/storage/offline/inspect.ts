// What can be said about a data directory without opening LevelDB, which always writes: nothing is changed,
// nothing is locked, also while a server runs.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { QuorateError } from "../../base/errors.ts";
import type { Identity, SnapshotInfo } from "../contract.ts";
import { isMissing } from "../files/atomic-file.ts";
import { livingOwner } from "../files/owner.ts";
import { type QuarantineRecord, readQuarantine } from "../files/quarantine.ts";
import { SnapshotFile } from "../files/snapshot-file.ts";
import { snapshotNames } from "../files/snapshot-files.ts";
import type { WalScan } from "../level/wal-files.ts";
import { scanWal } from "../level/wal-files.ts";
import { findIdentity } from "./access.ts";

export interface DatabaseReport {
  readonly name: string;
  readonly files: number;
  readonly bytes: number;
  readonly wal: WalScan;
}

export interface SnapshotReport {
  readonly name: string;
  /** Undefined when header or footer are damaged. The body is not read here. */
  readonly info: SnapshotInfo | undefined;
}

export interface DataDirectoryReport {
  readonly directory: string;
  /** Undefined when there is none, or `identityDamage` says why it cannot be read. */
  readonly identity: Identity | undefined;
  readonly identityDamage: string | undefined;
  /** Why the data was put aside, or is to be; undefined when this directory is in no quarantine. */
  readonly quarantine: QuarantineRecord | undefined;
  readonly quarantineDamage: string | undefined;
  /** The process that has it open; undefined when none is known to be alive. */
  readonly ownerPid: number | undefined;
  /** Newest first. */
  readonly snapshots: readonly SnapshotReport[];
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

async function inspectSnapshot(directory: string, name: string): Promise<SnapshotReport> {
  try {
    const file = await SnapshotFile.open(join(directory, name));
    await file.close();
    return { name, info: file.info };
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    return { name, info: undefined };
  }
}

interface FoundQuarantine {
  readonly record: QuarantineRecord | undefined;
  readonly damage: string | undefined;
}

async function inspectQuarantine(directory: string): Promise<FoundQuarantine> {
  try {
    return { record: await readQuarantine(directory), damage: undefined };
  } catch (error) {
    if (!(error instanceof QuorateError)) throw error;
    return { record: undefined, damage: error.message };
  }
}

/** Damage is part of the report. Rejects with NOT_A_DATA_DIRECTORY, NEWER_FORMAT or READ_FAILED. */
export async function inspectDataDirectory(directory: string): Promise<DataDirectoryReport> {
  const { identity, damage } = await findIdentity(directory);
  const quarantine = await inspectQuarantine(directory);
  const owner = await livingOwner(directory);
  const snapshots: SnapshotReport[] = [];
  const snapshotDirectory = join(directory, "snapshots");
  for (const name of await ifThere(snapshotNames(snapshotDirectory), [])) {
    snapshots.push(await inspectSnapshot(snapshotDirectory, name));
  }
  const databases: DatabaseReport[] = [];
  for (const name of databaseNames) databases.push(await inspectDatabase(directory, name));
  return {
    directory,
    identity,
    identityDamage: damage?.message,
    quarantine: quarantine.record,
    quarantineDamage: quarantine.damage,
    ownerPid: owner?.pid,
    snapshots,
    databases,
  };
}
