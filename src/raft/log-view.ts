import type { Index, Term } from "../base/numbers.ts";
import type { Entry, HardState, SnapshotMeta } from "./types.ts";

/**
 * The durable log as the core reads it: synchronous, and only what has been made durable (entries that
 * are still on their way to the disk are kept by the core itself, `unstable`). The storage room
 * implements it; `MemoryLog` is the plain form for tests and the simulator.
 *
 * Invariant: `snapshot().index + 1 >= firstIndex`, and the log is contiguous in [firstIndex, lastIndex].
 */
export interface LogView {
  /** What the server knew when it was opened; `commit` ≤ `lastIndex()`. */
  initialHardState(): HardState;
  /** Index of the first entry that is still there; `lastIndex() + 1` when there is none. */
  firstIndex(): Index;
  /** Index of the last durable entry; the snapshot's index when there is none. */
  lastIndex(): Index;
  /** Term of the entry at `index`, also for `firstIndex() - 1`; undefined = compacted or not yet there. */
  term(index: Index): Term | undefined;
  /**
   * Entries of [from, to), cut off after `maxBytes` of payload but at least one; `undefined` when `from`
   * is compacted. Throws a coded error when the disk gives back anything other than what was written.
   */
  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] | undefined;
  /** The newest complete snapshot; `index` 0 when there is none. */
  snapshot(): SnapshotMeta;
}
