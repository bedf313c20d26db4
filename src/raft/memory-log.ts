// A durable log without a disk: for tests and the simulator. What was appended is "durable" at once; losing
// what was not is the caller's business (it simply does not append it).
import { assert } from "../base/assert.ts";
import { type Index, noIndex, noPeer, noTerm, plus, type Term } from "../base/numbers.ts";
import { limitBytes } from "./entry-size.ts";
import type { LogView } from "./log-view.ts";
import { emptyConfiguration } from "./membership/configuration.ts";
import type { Entry, HardState, SnapshotMeta } from "./types.ts";

export class MemoryLog implements LogView {
  #hardState: HardState = { term: noTerm, vote: noPeer, commit: noIndex };
  #snapshot: SnapshotMeta = { index: noIndex, term: noTerm, membership: emptyConfiguration };
  /** Index and term of the entry before the first one. */
  #before: { readonly index: Index; readonly term: Term } = { index: noIndex, term: noTerm };
  #entries: Entry[] = [];

  /** A log that begins with `snapshot`: how a server of a new cluster, or a restored one, starts. */
  static startingAt(snapshot: SnapshotMeta): MemoryLog {
    const log = new MemoryLog();
    log.install(snapshot);
    log.append([], { term: snapshot.term, vote: noPeer, commit: snapshot.index });
    return log;
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
    return this.#entries[index - this.#before.index - 1]?.term;
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] | undefined {
    const first = this.firstIndex();
    if (from < first) return undefined;
    assert(to <= this.lastIndex() + 1, "entries beyond the end of the log");
    return limitBytes(this.#entries.slice(from - first, to - first), maxBytes);
  }

  snapshot(): SnapshotMeta {
    return this.#snapshot;
  }

  /** Appends, dropping what is at or after the first of `entries`; the hard state when there is one. */
  append(entries: readonly Entry[], hardState?: HardState): void {
    if (hardState !== undefined) this.#hardState = hardState;
    const from = entries[0]?.index;
    if (from === undefined) return;
    assert(from >= this.firstIndex() && from <= this.lastIndex() + 1, "a gap in the log");
    this.#entries.length = from - this.firstIndex();
    for (const entry of entries) this.#entries.push(entry);
  }

  /** `snapshot` covers the log up to its index; entries before `keepFrom` are dropped. */
  compact(snapshot: SnapshotMeta, keepFrom: Index = plus(snapshot.index, 1)): void {
    assert(snapshot.index <= this.lastIndex(), "a snapshot of what is not in the log");
    this.#snapshot = snapshot;
    const drop = keepFrom - this.firstIndex();
    if (drop <= 0) return;
    const index = plus(keepFrom, -1);
    const term = this.term(index);
    assert(term !== undefined, "compaction beyond the log");
    this.#entries = this.#entries.slice(drop);
    this.#before = { index, term };
  }

  /** The log is replaced by `snapshot` (received from a leader). */
  install(snapshot: SnapshotMeta): void {
    this.#snapshot = snapshot;
    this.#before = { index: snapshot.index, term: snapshot.term };
    this.#entries = [];
  }
}
