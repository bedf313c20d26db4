// The log as it lies in its database, read piece by piece: what is damaged is said of each piece, and the next is read.
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import { storageErrors } from "../errors.ts";
import type { Database } from "../level/database.ts";
import { decodeEntry, type StoredEntry } from "../level/entry-codec.ts";
import { entriesEnd, entryKey, snapshotKey, stateCopyKey, stateKey } from "../level/keys.ts";
import { decodeLogState, type LogState } from "../level/log-state.ts";
import { unsealSnapshotMeta } from "../level/sealed-meta.ts";

export interface StateCopies {
  /** Undefined when missing or damaged. */
  readonly first: LogState | undefined;
  readonly second: LogState | undefined;
  /** Both are there, intact, and not the same. */
  readonly isContradictory: boolean;
}

/** A read that LevelDB refuses is damage of what was to be read. */
async function get(database: Database, key: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await database.get(key);
  } catch (cause) {
    throw storageErrors.CORRUPT_LOG(`LevelDB cannot read: ${messageOf(cause)}`, { cause });
  }
}

async function ifReadable(database: Database, key: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    return await get(database, key);
  } catch (error) {
    if (error instanceof QuorateError) return undefined;
    throw error;
  }
}

export async function readStates(database: Database): Promise<StateCopies> {
  const a = await ifReadable(database, stateKey);
  const b = await ifReadable(database, stateCopyKey);
  const first = decodeLogState(a);
  const second = decodeLogState(b);
  const isBoth = first !== undefined && second !== undefined;
  const isContradictory = isBoth && Buffer.compare(a ?? Buffer.of(), b ?? Buffer.of()) !== 0;
  return { first, second, isContradictory };
}

/** The copy that counts: of two intact ones the newer. */
export function newerState({ first, second }: StateCopies): LogState | undefined {
  if (first === undefined || second === undefined) return first ?? second;
  return first.sequence >= second.sequence ? first : second;
}

/** Throws CORRUPT_LOG. */
export async function readSnapshotMeta(database: Database): Promise<SnapshotMeta> {
  return unsealSnapshotMeta(await get(database, snapshotKey));
}

export interface ReadEntry {
  readonly index: number;
  /** Undefined when it is damaged; `damage` says how. */
  readonly stored: StoredEntry | undefined;
  readonly damage: QuorateError | undefined;
}

/** The entries from `from` to `to`, both included, each read for itself: a damaged one hides no other. */
export async function* readEntries(
  database: Database,
  { from, to }: { readonly from: number; readonly to: number },
): AsyncGenerator<ReadEntry> {
  for (let index = from; index <= to; index += 1) {
    try {
      const stored = decodeEntry(await get(database, entryKey(index)), index);
      yield { index, stored, damage: undefined };
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      yield { index, stored: undefined, damage: error };
    }
  }
}

/** How many entries lie behind the last one that the state knows. */
export async function countBehind(database: Database, last: number): Promise<number> {
  let count = 0;
  try {
    for await (const page of database.keyPages(entryKey(last + 1), entriesEnd))
      count += page.length;
  } catch (cause) {
    throw storageErrors.CORRUPT_LOG(`LevelDB cannot read: ${messageOf(cause)}`, { cause });
  }
  return count;
}
