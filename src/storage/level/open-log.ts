// Opening the log: look for damage that LevelDB would hide, open, then read everything once. The log is short
// (snapshots cut it), and the terms of all entries and the newest entries are wanted in memory anyway.
import type { Logger } from "../../base/logger.ts";
import { storageErrors } from "../errors.ts";
import { noSnapshot } from "../snapshot-meta.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./database.ts";
import { scanDatabase } from "./database-scan.ts";
import { entriesEnd, entryKey, readEntryKey, snapshotKey, stateCopyKey, stateKey } from "./keys.ts";
import { LogContent } from "./log-content.ts";
import { chooseLogState, emptyLogState, logStateRecord } from "./log-state.ts";
import { LevelLogStore } from "./log-store.ts";
import { sealSnapshotMeta, unsealSnapshotMeta } from "./sealed-meta.ts";
import { droppedRecords, scanWal } from "./wal-files.ts";

/** Newest entries kept in memory, payload and overhead. */
const cacheBytesDefault = 16 * 1024 * 1024;
/** Entries are often compacted before LevelDB ever merges them, if the buffer is large enough. */
const writeBufferBytes = 8 * 1024 * 1024;
const tableBytesMax = 4 * 1024 * 1024;

export interface OpenLogOptions {
  readonly directory: string;
  /** The directory is new: an empty database is created. Otherwise an empty one means that it was lost. */
  readonly isNew: boolean;
  readonly cacheBytesMax?: number;
  readonly deadBytesMin?: number;
}

/** Throws CORRUPT_LOG; returns whether a torn tail was found. */
async function checkWal(directory: string, logger: Logger): Promise<boolean> {
  const { damage, torn } = await scanWal(directory);
  if (damage !== undefined) {
    throw storageErrors.CORRUPT_LOG(
      `the write-ahead log ${damage.file} in ${directory} is damaged at byte ${String(damage.offset)}: ${damage.reason}`,
      { fields: { directory, file: damage.file, offset: damage.offset } },
    );
  }
  if (torn !== undefined)
    logger.info(torn, "a write that was never acknowledged was cut off by a crash");
  return torn !== undefined;
}

/** LevelDB would go on with what is left of a damaged database, or begin a new one. */
async function checkFiles({ directory, isNew }: OpenLogOptions): Promise<void> {
  const { isThere, damage } = await scanDatabase(directory, "whole");
  if (damage !== undefined) {
    const { file, offset, reason } = damage;
    const text = `the file ${file} in ${directory} is damaged at byte ${String(offset)}: ${reason}`;
    throw storageErrors.CORRUPT_LOG(text, { fields: { directory, file, offset } });
  }
  if (!isThere && !isNew)
    throw storageErrors.CORRUPT_LOG(`there is no log in ${directory} any more`);
}

async function createState(database: Database): Promise<void> {
  const record = logStateRecord(emptyLogState);
  const batch = database.batch("small");
  batch.put(snapshotKey, sealSnapshotMeta(noSnapshot));
  batch.put(stateKey, record);
  batch.put(stateCopyKey, record);
  await batch.commit();
}

/** Reads and checks the whole log. Throws CORRUPT_LOG or CORRUPT_ENTRY. */
async function load(database: Database, content: LogContent, logger: Logger): Promise<void> {
  const { state, repaired } = chooseLogState(
    await database.get(stateKey),
    await database.get(stateCopyKey),
  );
  if (repaired)
    logger.warn({}, "one of the two copies of the hard state was damaged; the other is used");
  const snapshot = unsealSnapshotMeta(await database.get(snapshotKey));
  if (snapshot.index !== state.snapshotIndex) {
    throw storageErrors.CORRUPT_LOG("the snapshot's description in the log is an older version");
  }
  content.begin(state, snapshot);
  for await (const page of database.pages(entryKey(state.deadTo), entriesEnd)) {
    for (const [key, value] of page) content.load(readEntryKey(key), value);
  }
  const isComplete =
    content.lastIndex() === state.lastIndex && content.state.lastChecksum === state.lastChecksum;
  if (!isComplete) {
    throw storageErrors.CORRUPT_LOG(
      `the log ends at entry ${String(content.lastIndex())}, but its last write ended at ${String(state.lastIndex)}`,
      { fields: { found: content.lastIndex(), expected: state.lastIndex } },
    );
  }
}

/** Opens or creates the log. Fails with the CORRUPT_ codes, DATA_DIRECTORY_IN_USE or OPEN_FAILED. */
export async function openLog(
  options: OpenLogOptions,
  modules: { readonly logger: Logger },
): Promise<LevelLogStore> {
  const { directory } = options;
  const { logger } = modules;
  await checkFiles(options);
  const isTorn = await checkWal(directory, logger);
  const damaged = storageErrors.CORRUPT_LOG;
  const database = await openDatabase({ directory, writeBufferBytes, tableBytesMax, damaged });
  try {
    const dropped = isTorn ? [] : await droppedRecords(directory);
    if (dropped.length > 0) {
      throw damaged(`LevelDB dropped records of ${directory}: ${dropped.join("; ")}`);
    }
    const isEmpty = (await database.get(stateKey)) === undefined;
    if (options.isNew && isEmpty) await createState(database);
    const content = new LogContent(
      { cacheBytesMax: options.cacheBytesMax ?? cacheBytesDefault },
      { database },
    );
    await load(database, content, logger);
    const { deadBytesMin } = options;
    const store = new LevelLogStore(deadBytesMin === undefined ? {} : { deadBytesMin }, {
      database,
      content,
      logger,
    });
    store.start();
    return store;
  } catch (error) {
    await database.close();
    throw error;
  }
}
