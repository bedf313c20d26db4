// What the log in LevelDB holds, as known in memory: bounds, terms, the newest entries. It changes only when
// a write has become durable; reads that the memory cannot answer go to the disk and are checked.
import { assert } from "../../base/assert.ts";
import { messageOf } from "../../base/errors.ts";
import type { Index, Term } from "../../base/numbers.ts";
import { plus } from "../../base/numbers.ts";
import type { LogView } from "../../raft/log-view.ts";
import type { Entry, HardState, SnapshotMeta } from "../../raft/types.ts";
import { storageErrors } from "../errors.ts";
import { noSnapshot } from "../snapshot-meta.ts";
import type { Database, Pin } from "./database.ts";
import { isCorruption } from "./database.ts";
import { EntryCache } from "./entry-cache.ts";
import type { StoredEntry } from "./entry-codec.ts";
import { checkChain, decodeGroup } from "./entry-codec.ts";
import { EntryGroups } from "./entry-groups.ts";
import { entryKey } from "./keys.ts";
import type { LogState } from "./log-state.ts";
import { emptyLogState } from "./log-state.ts";
import { TermRuns } from "./term-runs.ts";

export interface LogContentOptions {
  readonly cacheBytesMax: number;
}

/** A group that loses its end: what stays, under which number. */
export interface CutGroup {
  readonly start: number;
  readonly value: Uint8Array;
}

function missing(index: number): never {
  throw storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} is missing`, { fields: { index } });
}

export class LogContent implements LogView {
  readonly #database: Database;
  readonly #cache: EntryCache;
  readonly #runs = new TermRuns();
  readonly #groups = new EntryGroups();
  #state: LogState = emptyLogState;
  #snapshot: SnapshotMeta = noSnapshot;
  #pin: Pin | undefined;

  constructor(options: LogContentOptions, modules: { readonly database: Database }) {
    this.#database = modules.database;
    this.#cache = new EntryCache({ bytesMax: options.cacheBytesMax });
  }

  get state(): LogState {
    return this.#state;
  }

  get cachedBytes(): number {
    return this.#cache.bytes;
  }

  initialHardState(): HardState {
    return this.#state.hardState;
  }

  firstIndex(): Index {
    return plus(this.#state.baseIndex, 1);
  }

  lastIndex(): Index {
    return this.#state.lastIndex;
  }

  snapshot(): SnapshotMeta {
    return this.#snapshot;
  }

  term(index: Index): Term | undefined {
    const { baseIndex, baseTerm, lastIndex } = this.#state;
    if (index === baseIndex) return baseTerm;
    return index < baseIndex || index > lastIndex ? undefined : this.#runs.at(index);
  }

  entries(from: Index, to: Index, maxBytes: number): readonly Entry[] | undefined {
    if (from < this.firstIndex()) return undefined;
    assert(from <= to && to <= this.lastIndex() + 1, "a read beyond the end of the log");
    const found: Entry[] = [];
    let bytes = 0;
    const older = this.#stored(from);
    for (let at: number = from; at < to; at += 1) {
      const entry = this.#cache.get(at) ?? older.next().value.entry;
      bytes += entry.data.length;
      if (bytes > maxBytes && found.length > 0) break;
      found.push(entry);
    }
    return found;
  }

  /** Checksum of the entry at `index`, which is part of the log or the one before it. */
  checksum(index: number): number {
    if (index === this.#state.baseIndex) return this.#state.baseChecksum;
    return this.#cache.checksum(index) ?? this.#read(index).checksum;
  }

  /** The first entry of the group that holds `index`; undefined when that is not part of the log. */
  groupOf(index: number): number | undefined {
    return index > this.#state.lastIndex ? undefined : this.#groups.startOf(index);
  }

  /** First entries of the groups that begin at `index` or above. */
  groupsFrom(index: number): readonly number[] {
    return this.#groups.from(index);
  }

  /** What stays of the group that holds `index` when that entry and all after it go; undefined = nothing, or all of it. */
  cutBefore(index: number): CutGroup | undefined {
    const start = this.groupOf(index);
    if (start === undefined || start === index) return undefined;
    const value = this.#get(start);
    for (const { entry, to } of decodeGroup(value, start)) {
      if (entry.index + 1 === index && value !== undefined)
        return { start, value: value.subarray(0, to) };
    }
    return missing(index);
  }

  /** Reads go to the content as it is now until `unfreeze`: a write on its way replaces entries. */
  freeze(): void {
    this.#pin = this.#database.pin();
  }

  async unfreeze(): Promise<void> {
    const pin = this.#pin;
    this.#pin = undefined;
    await pin?.close();
  }

  /** Begins with what the database held at open; its groups of entries follow by `load`, in order. */
  begin(state: LogState, snapshot: SnapshotMeta): void {
    this.#state = { ...state, lastIndex: state.baseIndex, lastChecksum: state.baseChecksum };
    this.#snapshot = snapshot;
    this.#cache.reset(state.baseIndex + 1, state.baseChecksum);
  }

  /** `value` under the number `start`. A compaction may have cut off the beginning of the first group. */
  load(start: number, value: Uint8Array): void {
    const first = this.firstIndex();
    let { lastIndex, lastChecksum } = this.#state;
    const isFirst = lastIndex < first;
    if (isFirst ? start > first : start !== lastIndex + 1) missing(lastIndex + 1);
    for (const stored of decodeGroup(value, start)) {
      const { entry, checksum } = stored;
      if (entry.index < first) continue;
      checkChain(stored, lastChecksum);
      this.#push(entry, checksum);
      lastIndex = entry.index;
      lastChecksum = checksum;
    }
    this.#groups.append(start);
    this.#state = { ...this.#state, lastIndex, lastChecksum };
  }

  /** After an append: `entries` with `checksums` now end the log, `state` is durable. */
  appended(
    entries: readonly Entry[],
    durable: {
      readonly checksums: readonly number[];
      readonly before: number;
      readonly state: LogState;
      /** First entries of their groups. */
      readonly groups: readonly number[];
    },
  ): void {
    const first = entries[0]?.index;
    if (first !== undefined && first <= this.#state.lastIndex) {
      this.#runs.truncate(first);
      this.#groups.truncate(first);
      this.#cache.truncate(first, durable.before);
    }
    entries.forEach((entry, i) => {
      this.#push(entry, durable.checksums[i] ?? 0);
    });
    for (const start of durable.groups) this.#groups.append(start);
    this.#state = durable.state;
  }

  /** After a compaction. */
  compacted(snapshot: SnapshotMeta, state: LogState): void {
    if (state.lastIndex === state.baseIndex) {
      this.#runs.clear();
      this.#groups.clear();
      this.#cache.reset(state.baseIndex + 1, state.baseChecksum);
    } else {
      this.#runs.dropBefore(plus(state.baseIndex, 1));
      this.#groups.dropBefore(state.baseIndex + 1);
      this.#cache.dropBefore(state.baseIndex + 1);
    }
    this.#snapshot = snapshot;
    this.#state = state;
  }

  /** Space of entries below `index` was given back. */
  trimmed(index: Index): void {
    this.#state = { ...this.#state, deadFrom: index };
  }

  #push(entry: Entry, checksum: number): void {
    this.#runs.append(entry.index, entry.term);
    this.#cache.push(entry, checksum);
  }

  /** Entries as they lie on the disk, from `from` on, each the one after the one before. */
  *#stored(from: number): Generator<StoredEntry, never> {
    let before = this.checksum(from - 1);
    for (let at = from; ; ) {
      const next = at;
      for (const stored of this.#group(at)) {
        checkChain(stored, before);
        before = stored.checksum;
        at = stored.entry.index + 1;
        yield stored;
      }
      if (at === next) missing(at);
    }
  }

  #read(index: number): StoredEntry {
    const { value } = this.#group(index).next();
    return value ?? missing(index);
  }

  /** The entries from `index` to the end of the group that holds it. */
  *#group(index: number): Generator<StoredEntry, void> {
    const start = this.groupOf(index) ?? index;
    for (const stored of decodeGroup(this.#get(start), start)) {
      if (stored.entry.index < index) continue;
      this.#refuseStale(stored);
      yield stored;
    }
  }

  #refuseStale({ entry: { index, term }, checksum }: StoredEntry): void {
    const next = this.#cache.first - 1 === index ? this.#cache.checksum(index) : undefined;
    const isStale = term !== this.#runs.at(index);
    if (isStale || (next !== undefined && next !== checksum)) {
      throw storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} is an older version`, {
        fields: { index },
      });
    }
  }

  #get(index: number): Uint8Array | undefined {
    try {
      return this.#database.getSync(entryKey(index), this.#pin);
    } catch (cause) {
      const failed = isCorruption(cause) ? storageErrors.CORRUPT_ENTRY : storageErrors.READ_FAILED;
      throw failed(`log entry ${String(index)} could not be read: ${messageOf(cause)}`, {
        fields: { index },
        cause,
      });
    }
  }
}
