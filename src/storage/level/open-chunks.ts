// Opening the chunk store. Chunks can be fetched again from other servers, so damage here never refuses a
// start: what is doubtful is verified chunk by chunk, and what is lost is simply not in the inventory.
import { join } from "node:path";
import type { Logger } from "../../base/logger.ts";
import { storageErrors } from "../errors.ts";
import { recoverChunks } from "./chunk-recovery.ts";
import { LevelChunkStore } from "./chunk-store.ts";
import type { Database } from "./database.ts";
import { openDatabase } from "./database.ts";
import { droppedRecords, scanWal } from "./wal-files.ts";

const chunkWriteBufferBytes = 4 * 1024 * 1024;
const chunkTableBytesMax = 16 * 1024 * 1024;
const indexWriteBufferBytes = 1024 * 1024;
const indexTableBytesMax = 2 * 1024 * 1024;

interface Opened {
  readonly database: Database;
  /** Records of its write-ahead log were lost. */
  readonly isDoubtful: boolean;
}

async function openOne(
  directory: string,
  tuning: { readonly writeBufferBytes: number; readonly tableBytesMax: number },
  logger: Logger,
): Promise<Opened> {
  const { damage, torn } = await scanWal(directory);
  const damaged = storageErrors.CORRUPT_CHUNK;
  const database = await openDatabase({ directory, ...tuning, damaged });
  const dropped = torn === undefined ? await droppedRecords(directory) : [];
  const isDoubtful = damage !== undefined || dropped.length > 0;
  if (isDoubtful) logger.warn({ directory, damage, dropped }, "records of jar chunks were lost");
  return { database, isDoubtful };
}

/** Opens or creates chunks/ and chunk-index/ below `directory`. */
export async function openChunks(
  options: { readonly directory: string },
  modules: { readonly logger: Logger },
): Promise<LevelChunkStore> {
  const { logger } = modules;
  const opened: Database[] = [];
  const open = async (
    name: string,
    tuning: { readonly writeBufferBytes: number; readonly tableBytesMax: number },
  ): Promise<Opened> => {
    const result = await openOne(join(options.directory, name), tuning, logger);
    opened.push(result.database);
    return result;
  };
  try {
    const chunks = await open("chunks", {
      writeBufferBytes: chunkWriteBufferBytes,
      tableBytesMax: chunkTableBytesMax,
    });
    const index = await open("chunk-index", {
      writeBufferBytes: indexWriteBufferBytes,
      tableBytesMax: indexTableBytesMax,
    });
    const databases = { chunks: chunks.database, index: index.database, logger };
    const recovered = await recoverChunks(databases, chunks.isDoubtful || index.isDoubtful);
    return new LevelChunkStore(recovered, databases);
  } catch (error) {
    for (const database of opened) await database.close();
    throw error;
  }
}
