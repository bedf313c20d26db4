// The Raft log as the algorithm sees it: the durable part (read through `LogView`) with the unstable part on
// top, and the three marks on it: applied ≤ applying ≤ commit ≤ lastIndex.
import { assert } from "../base/assert.ts";
import { type Index, noIndex, noTerm, plus, type Term } from "../base/numbers.ts";
import { entriesBytes, entryBytes, limitBytes } from "./entry-size.ts";
import { raftErrors } from "./errors.ts";
import type { LogView } from "./log-view.ts";
import type { EntryId, LogMarks } from "./trace.ts";
import type { AppendRequest, Entry, SnapshotMeta } from "./types.ts";
import { Unstable } from "./unstable.ts";

/** Where the first entry of an append differs from the log; both undefined when nothing differs. */
export interface Conflict {
  readonly index: Index;
  /** Term of the entry that stands there; undefined when the log ends before `index`. */
  readonly existingTerm: Term | undefined;
}

export class RaftLog {
  readonly stable: LogView;
  readonly unstable: Unstable;
  commit: Index;
  /** Handed out for application. */
  applying: Index;
  applied: Index;
  readonly #applyBytesMax: number;
  #applyingBytes = 0;
  /** Enough is being applied: hand out no more until some of it is done. */
  #applyPaused = false;

  constructor(stable: LogView, applyBytesMax: number) {
    this.stable = stable;
    this.unstable = new Unstable(plus(stable.lastIndex(), 1));
    this.commit = plus(stable.firstIndex(), -1);
    this.applying = this.commit;
    this.applied = this.commit;
    this.#applyBytesMax = applyBytesMax;
  }

  firstIndex(): Index {
    const snapshot = this.unstable.snapshot;
    return snapshot === undefined ? this.stable.firstIndex() : plus(snapshot.index, 1);
  }

  lastIndex(): Index {
    return this.unstable.lastIndex() ?? this.stable.lastIndex();
  }

  last(): EntryId {
    const index = this.lastIndex();
    return { index, term: this.term(index) ?? noTerm };
  }

  /** Undefined = compacted, or not there yet. */
  term(index: Index): Term | undefined {
    const unstable = this.unstable.term(index);
    if (unstable !== undefined) return unstable;
    if (index + 1 < this.firstIndex() || index > this.lastIndex()) return undefined;
    return this.stable.term(index);
  }

  matches(index: Index, term: Term): boolean {
    return this.term(index) === term;
  }

  /** §5.4.1: is a log that ends with `their` at least as complete as this one? */
  isUpToDate(their: EntryId): boolean {
    const our = this.last();
    return their.term > our.term || (their.term === our.term && their.index >= our.index);
  }

  /** Entries of [from, to) within `bytesMax`, at least one; undefined when `from` is compacted. */
  slice(from: Index, to: Index, bytesMax: number): readonly Entry[] | undefined {
    if (from >= to) return [];
    if (from < this.firstIndex()) return undefined;
    const border = this.unstable.start;
    if (from >= border) return limitBytes(this.unstable.slice(from, to), bytesMax);
    const stableTo = Math.min(to, border) as Index;
    const read = this.stable.entries(from, stableTo, bytesMax);
    if (read === undefined) return undefined;
    const stable = limitBytes(read, bytesMax);
    if (to <= border || from + stable.length < border) return stable;
    const left = bytesMax - entriesBytes(stable);
    const rest = this.unstable.slice(border, to);
    const first = rest[0];
    if (first === undefined || entryBytes(first) > left) return stable;
    return stable.concat(limitBytes(rest, left));
  }

  /** Calls `visit` for the entries of [from, to) until it returns false, reading a page at a time. */
  scan(from: Index, to: Index, visit: (entry: Entry) => boolean): void {
    for (let at = from; at < to; ) {
      const page = this.slice(at, to, this.#applyBytesMax);
      assert(
        page !== undefined && page.length > 0,
        "a part of the log that is still needed is gone",
      );
      for (const entry of page) if (!visit(entry)) return;
      at = plus(at, page.length);
    }
  }

  /** First entry of `entries` that is not in the log with the same term. */
  conflict(entries: readonly Entry[]): Conflict | undefined {
    for (const entry of entries) {
      if (this.matches(entry.index, entry.term)) continue;
      return { index: entry.index, existingTerm: this.term(entry.index) };
    }
    return undefined;
  }

  /**
   * The highest index ≤ `index` whose term is ≤ `term`: nothing above it can match a log whose entry at
   * `index` has `term`, because terms never fall along a log. A compacted index ends the search (term 0).
   */
  conflictByTerm(index: Index, term: Term): EntryId {
    for (let at = index; at > 0; at = plus(at, -1)) {
      const ours = this.term(at);
      if (ours === undefined) return { index: at, term: noTerm };
      if (ours <= term) return { index: at, term: ours };
    }
    return { index: noIndex, term: noTerm };
  }

  /** §5.3: does the log contain the entry that the append follows? */
  accepts(append: AppendRequest): boolean {
    return this.matches(append.prevIndex, append.prevTerm);
  }

  /** A conflict with a committed entry can only come from a broken promise somewhere: stop. */
  assertUncommitted(index: Index): void {
    assert(
      index > this.commit,
      `entry ${String(index)} conflicts with the log committed up to ${String(this.commit)}`,
    );
  }

  commitTo(index: Index): void {
    if (index <= this.commit) return;
    const last = this.lastIndex();
    if (index > last) {
      // Only a leader that once had our acknowledgement up to `index` says so (bug class: an emptied data
      // directory under an old peer id).
      throw raftErrors.LOG_LOST(
        `the leader knows that this server holds entries up to ${String(index)}, its log ends at ${String(last)}`,
        { fields: { index, last } },
      );
    }
    this.commit = index;
  }

  /** Leader's rule of §5.4.2: only an entry of its own term is committed by counting. */
  commitByCounting(index: Index, term: Term): boolean {
    if (index <= this.commit || !this.matches(index, term)) return false;
    this.commit = index;
    return true;
  }

  marks(): LogMarks {
    const { commit, applied, applying, unstable } = this;
    return {
      commit,
      applied,
      applying,
      unstableStart: unstable.start,
      unstableInProgress: unstable.inProgress,
      unstableCount: unstable.length,
    };
  }

  hasPendingSnapshot(): boolean {
    return this.unstable.snapshot !== undefined;
  }

  /** The next committed entries to apply, `allowUnstable` also those that are not durable yet. */
  nextCommitted(allowUnstable: boolean): readonly Entry[] {
    if (!this.hasNextCommitted(allowUnstable)) return [];
    const to = plus(this.#appliable(allowUnstable), 1);
    const room = this.#applyBytesMax - this.#applyingBytes;
    const entries = this.slice(plus(this.applying, 1), to, room);
    assert(entries !== undefined, "an entry was compacted before it was applied");
    return entries;
  }

  hasNextCommitted(allowUnstable: boolean): boolean {
    if (this.#applyPaused || this.hasPendingSnapshot()) return false;
    return this.applying < this.#appliable(allowUnstable);
  }

  /** `entries` were handed out to be applied. */
  acceptApplying(entries: readonly Entry[], allowUnstable: boolean): void {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.applying = last.index;
    this.#applyingBytes += entriesBytes(entries);
    this.#applyPaused =
      this.#applyingBytes >= this.#applyBytesMax || last.index < this.#appliable(allowUnstable);
  }

  /** Everything up to `index` is applied; `bytes` of what was handed out became free with it. */
  appliedTo(index: Index, bytes: number): void {
    assert(
      index >= this.applied && index <= this.commit,
      `applied ${String(index)} is outside [${String(this.applied)}, ${String(this.commit)}]`,
    );
    this.applied = index;
    if (this.applying < index) this.applying = index;
    this.#applyingBytes = Math.max(0, this.#applyingBytes - bytes);
    this.#applyPaused = this.#applyingBytes >= this.#applyBytesMax;
  }

  /** The log is replaced by `snapshot`. */
  restore(snapshot: SnapshotMeta): void {
    this.unstable.restore(snapshot);
    this.commit = snapshot.index;
  }

  /** The snapshot at `index` is in place, in the durable log and in the state machine. */
  installed(index: Index): void {
    this.unstable.stableSnapshotTo(index);
    // What was being applied meanwhile lies before the snapshot, and is done with it.
    if (index > this.applied) this.appliedTo(index, this.#applyingBytes);
  }

  #appliable(allowUnstable: boolean): Index {
    if (allowUnstable) return this.commit;
    return Math.min(this.commit, this.unstable.start - 1) as Index;
  }
}
