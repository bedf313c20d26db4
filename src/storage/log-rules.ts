// What every LogStore asserts about a write and how it computes a compaction, so that the memory form and
// the LevelDB form cannot drift apart. Breaking one of these rules is a defect of the caller, never a
// condition of the disk.
import { assert } from "../base/assert.ts";
import type { Index, Term } from "../base/numbers.ts";
import { noPeer, plus } from "../base/numbers.ts";
import type { LogView } from "../raft/log-view.ts";
import type { HardState, SnapshotMeta } from "../raft/types.ts";
import type { LogBatch } from "./contract.ts";

/** Larger payloads are refused long before, when they are proposed. */
const entryBytesMax = 64 * 1024 * 1024;

function checkEntries(log: LogView, batch: LogBatch, committed: Index): void {
  const first = batch.entries[0];
  if (first === undefined) return;
  assert(first.index >= log.firstIndex(), "an append may not begin in the compacted part");
  assert(first.index <= log.lastIndex() + 1, "an append may not leave a gap");
  assert(first.index > committed, "a committed entry may not be replaced");
  let expected: number = first.index;
  let term: number = log.term(plus(first.index, -1)) ?? 0;
  for (const entry of batch.entries) {
    assert(entry.index === expected, "entries must be contiguous");
    assert(entry.term >= term, "terms may not fall along the log");
    assert(entry.data.length <= entryBytesMax, "an entry exceeds entryBytesMax");
    expected += 1;
    term = entry.term;
  }
}

/** `current` is the durable hard state; returns the one that holds after the batch. */
export function checkAppend(log: LogView, current: HardState, batch: LogBatch): HardState {
  checkEntries(log, batch, current.commit);
  const next = batch.hardState;
  if (next === undefined) return current;
  const last = batch.entries.at(-1)?.index ?? log.lastIndex();
  assert(next.term >= current.term, "the term may not fall");
  assert(next.commit >= current.commit, "the commit index may not fall");
  assert(next.commit <= last, "nothing beyond the end of the log can be committed");
  const free = next.term > current.term || current.vote === noPeer;
  assert(free || next.vote === current.vote, "a vote may not be changed within its term");
  return next;
}

export interface Compaction {
  /** The log does not contain the snapshot: all entries go. */
  readonly replaced: boolean;
  /** First index afterwards; `baseTerm` is the term of the entry before it. */
  readonly first: Index;
  readonly baseTerm: Term;
  /** The commit index reaches the snapshot, which is committed by definition; its term has been seen. */
  readonly hardState: HardState;
}

export function planCompaction(
  log: LogView,
  current: HardState,
  wish: { readonly snapshot: SnapshotMeta; readonly keepFrom: Index },
): Compaction {
  const { snapshot, keepFrom } = wish;
  assert(snapshot.index >= log.snapshot().index, "an older snapshot may not replace a newer one");
  assert(keepFrom <= snapshot.index + 1, "a compaction may not go beyond its snapshot");
  const raised = snapshot.term > current.term;
  const hardState: HardState = {
    term: raised ? snapshot.term : current.term,
    vote: raised ? noPeer : current.vote,
    commit: snapshot.index > current.commit ? snapshot.index : current.commit,
  };
  if (log.term(snapshot.index) !== snapshot.term) {
    const first = plus(snapshot.index, 1);
    return { replaced: true, first, baseTerm: snapshot.term, hardState };
  }
  const first = keepFrom > log.firstIndex() ? keepFrom : log.firstIndex();
  const baseTerm = log.term(plus(first, -1));
  assert(baseTerm !== undefined, "the term before the first entry is known");
  return { replaced: false, first, baseTerm, hardState };
}
