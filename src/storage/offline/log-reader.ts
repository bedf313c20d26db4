// The log as it lies in its database, read piece by piece: what is damaged is said of each piece, and the next is read.
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { SnapshotMeta } from "../../raft/types.ts";
import { storageErrors } from "../errors.ts";
import type { Database, Pair } from "../level/database.ts";
import { decodeEntry, type StoredEntry, statedEnd, statedIndex } from "../level/entry-codec.ts";
import {
  asBuffer,
  entriesEnd,
  entryKey,
  readEntryKey,
  snapshotKey,
  stateCopyKey,
  stateKey,
} from "../level/keys.ts";
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

function missing(index: number): ReadEntry {
  const damage = storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} is missing`);
  return { index, stored: undefined, damage };
}

/** The end of a damaged entry, when what lies there is the one after it. */
function endOfDamaged(group: Buffer, from: number, index: number): number | undefined {
  const to = statedEnd(group, from);
  return to === undefined || to === group.length || statedIndex(group, to) === index + 1
    ? to
    : undefined;
}

/** The entries of one group, as far as they can be told apart. */
function* readGroup(value: Uint8Array, first: number): Generator<ReadEntry, void> {
  const group = asBuffer(value);
  let index = first;
  for (let from = 0; from < group.length || index === first; index += 1) {
    let to: number | undefined;
    try {
      const stored = decodeEntry(group, from, index);
      to = stored.to;
      yield { index, stored, damage: undefined };
    } catch (error) {
      if (!(error instanceof QuorateError)) throw error;
      to = endOfDamaged(group, from, index);
      yield { index, stored: undefined, damage: error };
    }
    if (to === undefined) return;
    from = to;
  }
}

/**
 * The entries from `from` to the end, each read for itself: a damaged one hides no other. `firstGroup` is at most the number of the
 * group that holds `from`. Those up to `to` that are not there are told as damaged; what lies behind is told as it is.
 */
export async function* readEntries(
  database: Database,
  range: { readonly firstGroup: number; readonly from: number; readonly to: number },
): AsyncGenerator<ReadEntry> {
  const { firstGroup, from, to } = range;
  let next = from;
  for await (const [key, value] of groupsOf(database, firstGroup)) {
    const first = readEntryKey(key);
    for (; next < first && next <= to; next += 1) yield missing(next);
    for (const one of readGroup(value, first)) {
      if (one.index < next) continue;
      next = one.index + 1;
      yield one;
    }
  }
  for (; next <= to; next += 1) yield missing(next);
}

async function* groupsOf(database: Database, firstGroup: number): AsyncGenerator<Pair> {
  try {
    for await (const page of database.pages(entryKey(firstGroup), entriesEnd)) yield* page;
  } catch (cause) {
    throw storageErrors.CORRUPT_LOG(`LevelDB cannot read: ${messageOf(cause)}`, { cause });
  }
}
