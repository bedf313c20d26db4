// Opening the chunk store. Chunks can be fetched again from other servers, so damage here never refuses a
// start: what is doubtful is verified chunk by chunk, and what is lost is simply not in the inventory. Databases that do
// not open, or cannot be read through, are put aside (chunk-damage.ts).
import { join } from "node:path";
import type { Logger } from "../../base/logger.ts";
import { storageErrors } from "../errors.ts";
import { failedMerge, putAside, tellsOfDamage } from "./chunk-damage.ts";
import { recoverChunks } from "./chunk-recovery.ts";
import { LevelChunkStore } from "./chunk-store.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./database.ts";
import { scanDatabase } from "./database-scan.ts";
import { droppedRecords, scanWal } from "./wal-files.ts";

const chunkWriteBufferBytes = 8 * 1024 * 1024;
const chunkTableBytesMax = 16 * 1024 * 1024;
const indexWriteBufferBytes = 1024 * 1024;
const indexTableBytesMax = 2 * 1024 * 1024;

type Tuning = { readonly writeBufferBytes: number; readonly tableBytesMax: number };

const chunkTuning: Tuning = {
  writeBufferBytes: chunkWriteBufferBytes,
  tableBytesMax: chunkTableBytesMax,
};
const indexTuning: Tuning = {
  writeBufferBytes: indexWriteBufferBytes,
  tableBytesMax: indexTableBytesMax,
};
const chunksName = "chunks";
const indexName = "chunk-index";

interface Opened {
  readonly database: Database;
  /** It was created just now. */
  readonly isNew: boolean;
  /** Something is known that LevelDB would not tell: what is in it has to be read through. */
  readonly isDoubtful: boolean;
}

async function openOne(directory: string, tuning: Tuning, logger: Logger): Promise<Opened> {
  const { isThere, damage: files } = await scanDatabase(directory, "index");
  if (files !== undefined) {
    const { file, offset, reason } = files;
    const text = `the file ${file} in ${directory} is damaged at byte ${String(offset)}: ${reason}`;
    throw storageErrors.CORRUPT_CHUNK(text, { fields: { directory, file, offset } });
  }
  const merge = await failedMerge(directory);
  const { damage, torn } = await scanWal(directory);
  const damaged = storageErrors.CORRUPT_CHUNK;
  const database = await openDatabase({ directory, ...tuning, damaged });
  const dropped = torn === undefined ? await droppedRecords(directory) : [];
  const isDoubtful = damage !== undefined || dropped.length > 0 || merge !== undefined;
  if (isDoubtful) logger.warn({ directory, damage, dropped, merge }, "jar chunks are read through");
  return { database, isNew: !isThere, isDoubtful };
}

interface OpenOptions {
  readonly directory: string;
  /** The disk below is not trusted: every chunk is read and verified before it counts as being there. */
  readonly isDoubtful?: boolean;
}
interface OpenModules {
  readonly logger: Logger;
}

/** The index can be built again from the chunks: damage to it costs nothing but time. */
async function openIndex({ directory }: OpenOptions, { logger }: OpenModules): Promise<Opened> {
  const path = join(directory, indexName);
  try {
    return await openOne(path, indexTuning, logger);
  } catch (error) {
    if (!tellsOfDamage(error)) throw error;
    await putAside({ directory, names: [indexName] }, error, { logger });
    return await openOne(path, indexTuning, logger);
  }
}

/** Databases that were opened are closed again if it fails. */
async function openBoth(options: OpenOptions, modules: OpenModules): Promise<LevelChunkStore> {
  const { logger } = modules;
  const opened: Database[] = [];
  try {
    const chunks = await openOne(join(options.directory, chunksName), chunkTuning, logger);
    opened.push(chunks.database);
    const index = await openIndex(options, modules);
    opened.push(index.database);
    const databases = { chunks: chunks.database, index: index.database, logger };
    const isOwnDoubt = chunks.isDoubtful || index.isDoubtful || chunks.isNew !== index.isNew;
    const isDoubtful = isOwnDoubt || options.isDoubtful === true;
    return new LevelChunkStore(await recoverChunks(databases, isDoubtful), databases);
  } catch (error) {
    for (const database of opened) await database.close();
    throw error;
  }
}

/**
 * Opens or creates chunks/ and chunk-index/ below `directory`. Damaged ones are put aside below damaged/ and replaced by empty
 * ones. Throws CHUNKS_DAMAGED_TOO_OFTEN, DATA_DIRECTORY_IN_USE or OPEN_FAILED.
 */
export async function openChunks(
  options: OpenOptions,
  modules: OpenModules,
): Promise<LevelChunkStore> {
  try {
    return await openBoth(options, modules);
  } catch (error) {
    // A disk that is full, or files that cannot be opened, are no damage: everything is still there then.
    if (!tellsOfDamage(error)) throw error;
    const { directory } = options;
    await putAside({ directory, names: [chunksName, indexName] }, error, modules);
    return await openBoth(options, modules);
  }
}
