// The only file of the benchmarks that opens stores itself (.dependency-cruiser.cjs): what a store costs cannot be seen through
// the doors of a server.
import { join } from "node:path";
import { silentLogger } from "../../../src/base/logger.ts";
import { type Index, peerId, term } from "../../../src/base/numbers.ts";
import type { Chunk, ChunkStore, LogBatch, LogStore } from "../../../src/storage/contract.ts";
import { openChunks } from "../../../src/storage/level/open-chunks.ts";
import { openLog } from "../../../src/storage/level/open-log.ts";

export type { Chunk };

/** Key (9) and header (29) of an entry: docs/reference/data-layout.md. */
export const entryOverheadBytes = 38;

const theTerm = term(1);
const theVote = peerId(1);

/** A log as a server of one voter writes it: term 1 throughout, and each batch commits the ones before. */
export interface BenchLog {
  readonly lastIndex: number;
  /** Entries from the first to the last that the log holds. */
  readonly entries: number;
  append(values: readonly Uint8Array[]): Promise<void>;
  /** After a snapshot of everything up to the last entry; `trailing` entries stay behind it. */
  compact(trailing: number): Promise<void>;
  /** Resolves when the space of compacted entries was given back, as far as that is worth it. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

function batchOf(log: LogStore, values: readonly Uint8Array[]): LogBatch {
  const lastIndex = log.view.lastIndex();
  let at: number = lastIndex;
  // One literal per entry and nothing else: in a server the entries are there already.
  const entries = values.map((data): LogBatch["entries"][number] => {
    at += 1;
    return { index: at as Index, term: theTerm, type: "normal", data };
  });
  return { entries, hardState: { term: theTerm, vote: theVote, commit: lastIndex } };
}

/** In which the vote is one for peer 1, so its snapshots name that one too. */
const membership = {
  ...{ voters: [theVote], learners: [], votersOutgoing: [], learnersNext: [], autoLeave: false },
};

export async function newLog(directory: string): Promise<BenchLog> {
  const log = await openLog(
    { directory: join(directory, "log"), isNew: true },
    { logger: silentLogger },
  );
  return {
    get lastIndex() {
      return log.view.lastIndex();
    },
    get entries() {
      return log.stats().entries;
    },
    append: (values) => log.append(batchOf(log, values)),
    compact: (trailing) => {
      const last = log.view.lastIndex();
      const keepFrom = Math.max(log.view.firstIndex(), last + 1 - trailing);
      return log.compact({ index: last, term: theTerm, membership }, keepFrom as Index);
    },
    idle: () => log.idle(),
    close: () => log.close(),
  };
}

export async function newChunks(directory: string): Promise<ChunkStore> {
  return await openChunks({ directory }, { logger: silentLogger });
}
