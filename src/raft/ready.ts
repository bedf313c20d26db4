import type { Index } from "../base/numbers.ts";
import type { Entry, HardState, Message, ReadState, SnapshotMeta, SoftState } from "./types.ts";

/**
 * Work that the core hands to the shell. The shell must, in this order of dependence:
 * 1. send `messages` at once (the leader's appends go out in parallel with its own disk write);
 * 2. make `snapshot`, `entries` and `hardState` durable in one atomic synced batch;
 * 3. only then call `RaftCore.persisted(ready.sequence)`, which releases what depends on the disk: append
 *    acknowledgements, vote grants and the leader's own match index come out of the *next* `ready()`;
 * 4. apply `committed` in order and call `RaftCore.applied(index)`.
 * A `snapshot` counts as applied with `persisted`: by then it must be in the durable log and in the state machine.
 * Several Readies may be under way, but their writes must become durable in the order of `sequence`.
 */
export interface Ready {
  /** 1, 2, 3 …: names this batch of writes to `persisted`; 0 when there is nothing to write. */
  readonly sequence: number;
  readonly entries: readonly Entry[];
  /**
   * Undefined when unchanged. A commit index that moved alone is no reason to write: it comes with the next
   * change of term, vote or log. Lost, it is learned again from the leader, and `applied` never goes below it.
   */
  readonly hardState: HardState | undefined;
  /** A snapshot received from the leader, to be installed in place of the whole log; undefined = none. */
  readonly snapshot: SnapshotMeta | undefined;
  readonly messages: readonly Message[];
  /** Committed entries not handed out before; bounded by `applyBatchBytesMax`. */
  readonly committed: readonly Entry[];
  readonly readStates: readonly ReadState[];
  /** Reads refused because leadership was lost or the term has no committed entry yet. */
  readonly readsRefused: readonly number[];
  /** Undefined when unchanged. */
  readonly softState: SoftState | undefined;
  readonly commit: Index;
}
