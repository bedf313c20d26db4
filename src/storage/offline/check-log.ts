// The log against itself: what a start checks, and what it would forgive.
import { storageErrors } from "../errors.ts";
import type { Database } from "../level/database.ts";
import type { LogState } from "../level/log-state.ts";
import type { Findings } from "./findings.ts";
import {
  newerState,
  type ReadEntry,
  readEntries,
  readSnapshotMeta,
  readStates,
} from "./log-reader.ts";

const part = "log";
const hardStatePlace = "log: hard state";

export interface CheckedLog {
  /** Undefined when neither copy can be read. */
  readonly state: LogState | undefined;
  readonly entries: number;
  /** Of the entry at the index of the snapshot, when it is part of the log. */
  readonly termAtSnapshot: number | undefined;
}

async function checkStates(database: Database, findings: Findings): Promise<LogState | undefined> {
  const copies = await readStates(database);
  const { first, second } = copies;
  const add = (what: string): void => {
    findings.add(part, storageErrors.CORRUPT_LOG(what), hardStatePlace);
  };
  if (first === undefined && second === undefined) {
    add("both copies of the hard state are missing or damaged");
  } else if (first === undefined || second === undefined) {
    const which = first === undefined ? "first" : "second";
    add(`the ${which} copy of the hard state is missing or damaged; a start uses the other one`);
  } else if (first.sequence !== second.sequence) {
    const ages = `batch ${String(first.sequence)} and ${String(second.sequence)}`;
    add(`the copies of the hard state are of different age (${ages})`);
  } else if (copies.isContradictory) {
    add("the copies of the hard state are both intact, but not the same");
  }
  return newerState(copies);
}

/** Follows the chain of checksums; after a damaged entry it begins anew with the next one. */
class Chain {
  readonly #state: LogState;
  readonly #findings: Findings;
  #checksum: number | undefined;
  #term: number;
  #intact = 0;

  constructor(state: LogState, findings: Findings) {
    this.#state = state;
    this.#findings = findings;
    this.#checksum = state.baseChecksum;
    this.#term = state.baseTerm;
  }

  get intact(): number {
    return this.#intact;
  }

  add({ index, stored, damage }: ReadEntry): void {
    if (stored === undefined) {
      this.#checksum = undefined;
      if (damage !== undefined) this.#findings.add(part, damage, `log: entry ${String(index)}`);
      return;
    }
    const { term } = stored.entry;
    if (this.#checksum !== undefined && stored.previous !== this.#checksum) {
      this.#damaged(index, "does not follow the entry before it");
    }
    if (term < this.#term) this.#damaged(index, "has a lower term than one before it");
    if (term > this.#state.hardState.term) this.#damaged(index, "is of a term after the present");
    this.#checksum = stored.checksum;
    this.#term = Math.max(this.#term, term);
    this.#intact += 1;
  }

  end(): void {
    if (this.#checksum === undefined || this.#checksum === this.#state.lastChecksum) return;
    this.#damaged(this.#state.lastIndex, "is not the one that was written last");
  }

  #damaged(index: number, what: string): void {
    const error = storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} ${what}`);
    this.#findings.add(part, error, `log: entry ${String(index)}`);
  }
}

function checkBounds(state: LogState, findings: Findings): void {
  const { commit } = state.hardState;
  const add = (what: string): void => {
    findings.add(part, storageErrors.CORRUPT_LOG(what), hardStatePlace);
  };
  const { lastIndex, baseIndex, snapshotIndex } = state;
  if (commit > lastIndex) {
    add(`entry ${String(commit)} is committed, but the log ends at ${String(lastIndex)}`);
  }
  if (baseIndex > snapshotIndex) {
    add(`the log begins after ${String(baseIndex)}, the snapshot ends at ${String(snapshotIndex)}`);
  }
}

export interface LogCheck {
  readonly findings: Findings;
  /** Told of bytes as they are read. */
  readonly read: (bytes: number) => void;
}

/** Reads everything once. */
export async function checkLog(database: Database, check: LogCheck): Promise<CheckedLog> {
  const { findings, read } = check;
  const state = await checkStates(database, findings);
  if (state === undefined) return { state, entries: 0, termAtSnapshot: undefined };
  checkBounds(state, findings);
  await findings.of(part, async () => {
    const { index } = await readSnapshotMeta(database);
    if (index === state.snapshotIndex) return;
    throw storageErrors.CORRUPT_LOG("the snapshot's description in the log is an older version");
  });
  const chain = new Chain(state, findings);
  const { snapshotIndex, baseIndex, baseTerm, lastIndex } = state;
  let termAtSnapshot = snapshotIndex === baseIndex ? baseTerm : undefined;
  let behind = 0;
  const range = { firstGroup: state.deadTo, from: baseIndex + 1, to: lastIndex };
  for await (const one of readEntries(database, range)) {
    if (one.index > lastIndex) behind += 1;
    else chain.add(one);
    if (one.index === snapshotIndex) termAtSnapshot = one.stored?.entry.term;
    read(one.stored?.entry.data.length ?? 0);
  }
  chain.end();
  if (behind > 0) {
    const what = `the last write ended at entry ${String(lastIndex)}, but ${String(behind)} entries lie behind it`;
    findings.add(part, storageErrors.CORRUPT_LOG(what));
  }
  return { state, entries: chain.intact, termAtSnapshot };
}
