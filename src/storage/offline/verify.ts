// Everything that a start checks and more, without stopping at the first damage and without changing anything.
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { SnapshotInfo } from "../contract.ts";
import { storageErrors } from "../errors.ts";
import { isMissing } from "../files/atomic-file.ts";
import { readContacts } from "../files/contacts.ts";
import { readFormation } from "../files/formation.ts";
import { readQuarantine, refuseStopped } from "../files/quarantine.ts";
import { scanWal } from "../level/wal-files.ts";
import { type FoundIdentity, whileStopped } from "./access.ts";
import { type CheckedChunks, checkChunks } from "./check-chunks.ts";
import { type CheckedLog, checkLog } from "./check-log.ts";
import { checkSnapshots } from "./check-snapshots.ts";
import { type Finding, Findings } from "./findings.ts";
import { withDatabase } from "./open-view.ts";
import { type DatabaseName, whyUnreadable } from "./readable.ts";

export interface Verification {
  readonly directory: string;
  /** Empty = everything is as it was written. */
  readonly findings: readonly Finding[];
  /** What is worth knowing and no damage. */
  readonly notes: readonly string[];
  readonly checked: {
    readonly entries: number;
    readonly chunks: number;
    readonly snapshots: number;
  };
}

export interface VerifyOptions {
  readonly directory: string;
  /** Called now and then with the bytes read so far and, about, all that there are. */
  readonly onProgress?: (doneBytes: number, totalBytes: number) => void;
}

interface Work {
  readonly directory: string;
  readonly found: FoundIdentity;
  readonly findings: Findings;
  readonly notes: string[];
  readonly read: (bytes: number) => void;
}

const noLog: CheckedLog = { state: undefined, entries: 0, termAtSnapshot: undefined };
const noChunks: CheckedChunks = { intact: 0, damaged: 0, leftOver: 0 };
const databaseNames: readonly DatabaseName[] = ["log", "chunks", "chunk-index"];
async function bytesBelow(directory: string): Promise<number> {
  let bytes = 0;
  for (const name of [...databaseNames, "snapshots"]) {
    try {
      for (const file of await readdir(join(directory, name))) {
        bytes += (await stat(join(directory, name, file))).size;
      }
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
  return bytes;
}

async function checkSmallFiles({ directory, found, findings, notes }: Work): Promise<void> {
  const { identity, damage } = found;
  if (damage !== undefined) findings.add("identity", damage);
  await findings.of("formation", () => readFormation(directory));
  await findings.of("contacts", () => readContacts(directory));
  const record = await findings.of("quarantine", () => readQuarantine(directory));
  await findings.of("quarantine", () => {
    refuseStopped(directory, record);
  });
  if (record !== undefined) {
    notes.push(
      `this directory is in quarantine (${record.stage}) since ${new Date(record.atMs).toISOString()}: ${record.code}: ${record.message}`,
    );
  }
  if (identity?.peerId === 0) {
    notes.push("this directory has no peer id: it is new, or waits to be admitted by the others");
  }
}

async function checkWals({ directory, findings, notes }: Work): Promise<void> {
  for (const name of databaseNames) {
    const { torn, damage } = await scanWal(join(directory, name));
    if (torn !== undefined) {
      notes.push(
        `${name}/${torn.file} ends in a write that was never acknowledged; the next start cuts it off`,
      );
    }
    if (damage === undefined) continue;
    const error = name === "log" ? storageErrors.CORRUPT_LOG : storageErrors.CORRUPT_CHUNK;
    const { file, offset, reason } = damage;
    const what = `the write-ahead log is damaged: ${reason}. LevelDB drops what follows, so more may be missing below`;
    findings.add(name, error(what), `${name}/${file} at byte ${String(offset)}`);
  }
}

async function isReadable({ directory, findings }: Work, name: DatabaseName): Promise<boolean> {
  const found = await whyUnreadable(directory, name);
  if (found === undefined) return true;
  const error = name === "log" ? storageErrors.CORRUPT_LOG : storageErrors.CORRUPT_CHUNK;
  findings.add(name, error(found.what), found.where);
  return false;
}

async function logOf(work: Work): Promise<CheckedLog> {
  const { directory, found, findings } = work;
  const damaged = storageErrors.CORRUPT_LOG;
  if (!(await isReadable(work, "log"))) return noLog;
  return await withDatabase({ directory, name: "log", damaged }, async (database) => {
    if (database !== undefined) return await checkLog(database, work);
    const isExpected = found.damage !== undefined || (found.identity?.peerId ?? 0) !== 0;
    if (isExpected) findings.add("log", damaged("the whole log is missing"));
    return noLog;
  });
}

async function chunksOf(work: Work): Promise<CheckedChunks> {
  const { directory } = work;
  const damaged = storageErrors.CORRUPT_CHUNK;
  const areReadable = [await isReadable(work, "chunks"), await isReadable(work, "chunk-index")];
  if (areReadable.includes(false)) return noChunks;
  return await withDatabase({ directory, name: "chunks", damaged }, (chunks) =>
    withDatabase({ directory, name: "chunk-index", damaged }, async (index) =>
      chunks === undefined ? noChunks : await checkChunks({ chunks, index }, work),
    ),
  );
}

/** As a start does: the newest snapshot must be at least the one that the log begins after. */
function compare(work: Work, log: CheckedLog, newest: SnapshotInfo | undefined): void {
  const { state, termAtSnapshot } = log;
  const { findings, found } = work;
  if (state === undefined) return;
  if (found.identity === undefined && found.damage === undefined && state.lastIndex > 0) {
    const what = "the identity file is missing, but the log is not empty";
    findings.add("identity", storageErrors.CORRUPT_IDENTITY(what));
  }
  const index = newest?.meta.index ?? 0;
  if (index < state.snapshotIndex) {
    const what = `the log begins after a snapshot at index ${String(state.snapshotIndex)}, but the newest intact one is at ${String(index)}`;
    findings.add("snapshots", storageErrors.CORRUPT_SNAPSHOT(what));
  }
  const isSame = index === state.snapshotIndex && newest !== undefined;
  if (isSame && termAtSnapshot !== undefined && termAtSnapshot !== newest.meta.term) {
    const what = `the snapshot at index ${String(index)} is of term ${String(newest.meta.term)}, the log's entry of term ${String(termAtSnapshot)}`;
    findings.add("snapshots", storageErrors.CORRUPT_SNAPSHOT(what));
  }
}

async function checkAll(work: Work): Promise<Verification> {
  const { directory, findings, notes } = work;
  await checkSmallFiles(work);
  await checkWals(work);
  const log = (await findings.of("log", () => logOf(work))) ?? noLog;
  const snapshots = await checkSnapshots(join(directory, "snapshots"), work);
  compare(work, log, snapshots[0]);
  const chunks = (await findings.of("chunks", () => chunksOf(work))) ?? noChunks;
  if (chunks.leftOver > 0) {
    notes.push(
      `${String(chunks.leftOver)} chunks were left behind by a crash; the next start deletes them`,
    );
  }
  const checked = { entries: log.entries, chunks: chunks.intact, snapshots: snapshots.length };
  return { directory, findings: findings.list(), notes, checked };
}

/**
 * Verifies a data directory. Rejects with NOT_A_DATA_DIRECTORY, NEWER_FORMAT, DATA_DIRECTORY_IN_USE or OPEN_FAILED
 * (no view of it could be made); damage is a finding.
 */
export async function verifyDataDirectory(options: VerifyOptions): Promise<Verification> {
  const { directory, onProgress } = options;
  return await whileStopped(directory, async (found) => {
    const totalBytes = await bytesBelow(directory);
    let doneBytes = 0;
    const read = (bytes: number): void => {
      doneBytes += bytes;
      onProgress?.(Math.min(doneBytes, totalBytes), totalBytes);
    };
    return await checkAll({ directory, found, findings: new Findings(), notes: [], read });
  });
}
