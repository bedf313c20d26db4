// The log's content for a person or a script, damaged or not. What the commands mean is not known here.
import { storageErrors } from "../errors.ts";
import { whileStopped } from "./access.ts";
import { newerState, type ReadEntry, readEntries, readStates } from "./log-reader.ts";
import { withDatabase } from "./open-view.ts";
import { whyUnreadable } from "./readable.ts";

export interface DumpOptions {
  readonly directory: string;
  /** Default: the first entry there is. */
  readonly from?: number;
  /** Included. Default: the last one. */
  readonly to?: number;
}

export interface DumpedState {
  readonly term: number;
  /** Peer id; 0 = nobody. */
  readonly vote: number;
  readonly commit: number;
  readonly firstIndex: number;
  readonly lastIndex: number;
  readonly snapshotIndex: number;
  /** Counts the batches that were written. */
  readonly sequence: number;
  /** How many of the two copies are intact. */
  readonly intactCopies: number;
}

export interface DumpedEntry {
  readonly index: number;
  readonly term: number;
  readonly type: "normal" | "membership";
  readonly data: Uint8Array;
  /** Of the entry, and so of all entries before it. */
  readonly checksum: number;
}

export interface DamagedEntry {
  readonly index: number;
  readonly code: string;
  readonly damage: string;
}

/** Where a dump goes: each call is awaited before the next. */
export interface DumpSink {
  /** First of all. Undefined = neither copy is intact; then there are no entries. */
  state(state: DumpedState | undefined): Promise<void>;
  entry(entry: DumpedEntry | DamagedEntry): Promise<void>;
}

function dumped({ index, stored, damage }: ReadEntry): DumpedEntry | DamagedEntry {
  if (stored === undefined) {
    return { index, code: damage?.code ?? "", damage: damage?.message ?? "" };
  }
  const { term, type, data } = stored.entry;
  return { index, term, type, data, checksum: stored.checksum };
}

/** Throws CORRUPT_LOG when what LevelDB would say of the log cannot be believed. */
async function refuseUnreadable(directory: string): Promise<void> {
  const found = await whyUnreadable(directory, "log");
  if (found !== undefined) throw storageErrors.CORRUPT_LOG(`${found.where}: ${found.what}`);
}

/**
 * Hands the hard state and the entries to `sink`. Rejects with NOT_A_DATA_DIRECTORY, NEWER_FORMAT,
 * DATA_DIRECTORY_IN_USE, OPEN_FAILED, or CORRUPT_LOG when LevelDB cannot read the log at all.
 */
export async function dumpLog(options: DumpOptions, sink: DumpSink): Promise<void> {
  const { directory } = options;
  const damaged = storageErrors.CORRUPT_LOG;
  await whileStopped(directory, async () => {
    await refuseUnreadable(directory);
    await withDatabase({ directory, name: "log", damaged }, async (database) => {
      if (database === undefined) throw damaged(`there is no log in ${directory}`);
      const copies = await readStates(database);
      const state = newerState(copies);
      if (state === undefined) {
        await sink.state(undefined);
        return;
      }
      const { hardState, baseIndex, lastIndex, snapshotIndex, sequence } = state;
      const firstIndex = baseIndex + 1;
      const intactCopies = [copies.first, copies.second].filter((one) => one !== undefined).length;
      await sink.state({
        ...hardState,
        firstIndex,
        lastIndex,
        snapshotIndex,
        sequence,
        intactCopies,
      });
      const from = Math.max(options.from ?? firstIndex, firstIndex);
      const to = Math.min(options.to ?? lastIndex, lastIndex);
      const range = { firstGroup: state.deadTo, from, to };
      for await (const one of readEntries(database, range)) {
        if (one.index > to) break;
        await sink.entry(dumped(one));
      }
    });
  });
}
