// The part of the log that is not durable yet. Entries stay here from their arrival until the write that
// carries them is confirmed; `inProgress` divides those already handed to the disk from those still to be.
// A new leader may replace entries whose write is under way: then `start` and `inProgress` go back, and the
// old write's confirmation must not be taken for the new entries (see `stableTo`).
import { assert } from "../base/assert.ts";
import { type Index, plus, type Term } from "../base/numbers.ts";
import type { Entry, SnapshotMeta } from "./types.ts";

export type StableOutcome = "stable" | "missing" | "snapshot" | "other-term";
export type AppendOutcome = "appended" | "replaced" | "truncated";

export class Unstable {
  /** A snapshot that is to replace the whole log; undefined = none. */
  snapshot: SnapshotMeta | undefined = undefined;
  snapshotInProgress = false;
  #entries: Entry[] = [];
  /** Index of the first entry, and of the next entry when there is none. */
  start: Index;
  /** Entries below this index have been handed to the disk. Invariant: start ≤ inProgress ≤ end. */
  inProgress: Index;

  constructor(start: Index) {
    this.start = start;
    this.inProgress = start;
  }

  /** Entries here, in progress or not. */
  get length(): number {
    return this.#entries.length;
  }

  /** Index after the last entry. */
  get end(): Index {
    return plus(this.start, this.#entries.length);
  }

  /** Last index known here; undefined when only the durable log knows. */
  lastIndex(): Index | undefined {
    if (this.#entries.length > 0) return plus(this.end, -1);
    return this.snapshot?.index;
  }

  term(index: Index): Term | undefined {
    if (index < this.start) {
      return this.snapshot?.index === index ? this.snapshot.term : undefined;
    }
    return this.#entries[index - this.start]?.term;
  }

  /** Entries of [from, to), both within [start, end]. */
  slice(from: Index, to: Index): readonly Entry[] {
    assert(from >= this.start && to <= this.end && from <= to, "slice outside the unstable log");
    return this.#entries.slice(from - this.start, to - this.start);
  }

  /** Entries not yet handed to the disk. */
  next(): readonly Entry[] {
    return this.slice(this.inProgress, this.end);
  }

  hasNext(): boolean {
    return this.inProgress < this.end;
  }

  nextSnapshot(): SnapshotMeta | undefined {
    return this.snapshotInProgress ? undefined : this.snapshot;
  }

  /** What `next` and `nextSnapshot` gave is on its way to the disk. */
  accept(): void {
    this.inProgress = this.end;
    if (this.snapshot !== undefined) this.snapshotInProgress = true;
  }

  /**
   * Everything up to (index, term) is durable. Ignored unless that very entry is still here: it may have been
   * replaced, or have become durable before, since its write began.
   */
  stableTo(index: Index, term: Term): StableOutcome {
    const ours = this.term(index);
    if (ours === undefined) return "missing";
    if (index < this.start) return "snapshot";
    if (ours !== term) return "other-term";
    this.#entries.splice(0, index + 1 - this.start);
    this.start = plus(index, 1);
    if (this.inProgress < this.start) this.inProgress = this.start;
    return "stable";
  }

  stableSnapshotTo(index: Index): void {
    if (this.snapshot?.index !== index) return;
    this.snapshot = undefined;
    this.snapshotInProgress = false;
  }

  /** The log from now on begins after `snapshot`. */
  restore(snapshot: SnapshotMeta): void {
    this.start = plus(snapshot.index, 1);
    this.inProgress = this.start;
    this.#entries = [];
    this.snapshot = snapshot;
    this.snapshotInProgress = false;
  }

  /** Appends `added`, dropping what is at or after its first index. */
  append(added: readonly Entry[]): AppendOutcome {
    const first = added[0]?.index ?? this.end;
    assert(first <= this.end, "a gap in the log");
    if (first === this.end) {
      for (const entry of added) this.#entries.push(entry);
      return "appended";
    }
    if (first <= this.start) {
      this.#entries = added.slice();
      this.start = first;
      this.inProgress = first;
      return "replaced";
    }
    this.#entries.length = first - this.start;
    for (const entry of added) this.#entries.push(entry);
    if (this.inProgress > first) this.inProgress = first;
    return "truncated";
  }
}
