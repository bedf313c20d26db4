// The durable log of etcd's test servers. Two of its ways matter to the transcripts and are kept: a snapshot
// asked for is always the newest state of the state machine, wherever the log begins; and a received snapshot
// becomes part of that history only with the next entry that is applied.
import { assert } from "../../../../src/base/assert.ts";
import {
  type Index,
  noIndex,
  noPeer,
  noTerm,
  plus,
  type Term,
} from "../../../../src/base/numbers.ts";
import { limitBytes } from "../../../../src/raft/entry-size.ts";
import type { LogView } from "../../../../src/raft/log-view.ts";
import type { EntryId } from "../../../../src/raft/trace.ts";
import type {
  Entry,
  HardState,
  MembershipState,
  SnapshotMeta,
} from "../../../../src/raft/types.ts";

export class Storage implements LogView {
  #hardState: HardState = { term: noTerm, vote: noPeer, commit: noIndex };
  /** The entry before the first one. */
  #before: EntryId = { index: noIndex, term: noTerm };
  #entries: Entry[] = [];
  #installed: Index = noIndex;
  readonly #history: SnapshotMeta[];

  /** Begins with `first`, if that is any state at all. */
  constructor(first: SnapshotMeta) {
    this.#history = [first];
    if (first.index > 0) this.install(first);
  }

  initialHardState(): HardState {
    return this.#hardState;
  }

  firstIndex(): Index {
    return plus(this.#before.index, 1);
  }

  lastIndex(): Index {
    return plus(this.#before.index, this.#entries.length);
  }

  term(index: Index): Term | undefined {
    if (index === this.#before.index) return this.#before.term;
    return this.#entries[index - this.firstIndex()]?.term;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] | undefined {
    const first = this.firstIndex();
    if (from < first) return undefined;
    return limitBytes(this.#entries.slice(from - first, to - first), maxBytes);
  }

  snapshot(): SnapshotMeta {
    const newest = this.#history.at(-1);
    assert(newest !== undefined, "a history begins with a snapshot");
    return newest;
  }

  all(): readonly Entry[] {
    return this.#entries;
  }

  setHardState(hardState: HardState): void {
    this.#hardState = hardState;
  }

  append(entries: readonly Entry[]): void {
    const first = this.firstIndex();
    const kept = entries.filter(({ index }) => index >= first);
    const from = kept[0]?.index;
    if (from === undefined) return;
    assert(from <= this.lastIndex() + 1, "a gap in the log");
    this.#entries = [...this.#entries.slice(0, from - first), ...kept];
  }

  /** A string is the original's complaint. */
  install(snapshot: SnapshotMeta): string | undefined {
    if (this.#installed >= snapshot.index) {
      return "requested index is older than the existing snapshot";
    }
    this.#installed = snapshot.index;
    this.#before = { index: snapshot.index, term: snapshot.term };
    this.#entries = [];
    return undefined;
  }

  /** Drops the log up to and with `index`; a string is the original's complaint. */
  compact(index: Index): string | undefined {
    if (index <= this.#before.index) return "requested index is unavailable due to compaction";
    const term = this.term(index);
    assert(term !== undefined, "compaction beyond the log");
    this.#entries = this.#entries.slice(index - this.#before.index);
    this.#before = { index, term };
    return undefined;
  }

  /** `entry` is applied; it may have changed the membership. */
  applied(entry: Entry, membership: MembershipState | undefined): void {
    const { index, term } = entry;
    this.#history.push({ index, term, membership: membership ?? this.snapshot().membership });
  }
}
