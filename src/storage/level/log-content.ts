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
import { checkChain, decodeEntry } from "./entry-codec.ts";
import { entryKey } from "./keys.ts";
import type { LogState } from "./log-state.ts";
import { emptyLogState } from "./log-state.ts";
import { TermRuns } from "./term-runs.ts";

export interface LogContentOptions {
  readonly cacheBytesMax: number;
}

export class LogContent implements LogView {
  readonly #database: Database;
  readonly #cache: EntryCache;
  readonly #runs = new TermRuns();
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
    let before: number | undefined;
    for (let at: number = from; at < to; at += 1) {
      let entry = this.#cache.get(at);
      if (entry === undefined) {
        const stored = this.#readNext(at, before ?? this.checksum(at - 1));
        before = stored.checksum;
        entry = stored.entry;
      }
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

  /** Reads go to the content as it is now until `unfreeze`: a write on its way replaces entries. */
  freeze(): void {
    this.#pin = this.#database.pin();
  }

  async unfreeze(): Promise<void> {
    const pin = this.#pin;
    this.#pin = undefined;
    await pin?.close();
  }

  /** Begins with what the database held at open; the entries follow by `load`, in order. */
  begin(state: LogState, snapshot: SnapshotMeta): void {
    this.#state = { ...state, lastIndex: state.baseIndex, lastChecksum: state.baseChecksum };
    this.#snapshot = snapshot;
    this.#cache.reset(state.baseIndex + 1, state.baseChecksum);
  }

  load(stored: StoredEntry): void {
    checkChain(stored, this.#state.lastChecksum);
    this.#push(stored.entry, stored.checksum);
    this.#state = {
      ...this.#state,
      lastIndex: stored.entry.index,
      lastChecksum: stored.checksum,
    };
  }

  /** After an append: `entries` with `checksums` now end the log, `state` is durable. */
  appended(
    entries: readonly Entry[],
    durable: {
      readonly checksums: readonly number[];
      readonly before: number;
      readonly state: LogState;
    },
  ): void {
    const first = entries[0]?.index;
    if (first !== undefined && first <= this.#state.lastIndex) {
      this.#runs.truncate(first);
      this.#cache.truncate(first, durable.before);
    }
    entries.forEach((entry, i) => {
      this.#push(entry, durable.checksums[i] ?? 0);
    });
    this.#state = durable.state;
  }

  /** After a compaction. */
  compacted(snapshot: SnapshotMeta, state: LogState): void {
    if (state.lastIndex === state.baseIndex) {
      this.#runs.clear();
      this.#cache.reset(state.baseIndex + 1, state.baseChecksum);
    } else {
      this.#runs.dropBefore(plus(state.baseIndex, 1));
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

  #readNext(index: number, before: number): StoredEntry {
    const stored = this.#read(index);
    checkChain(stored, before);
    return stored;
  }

  #read(index: number): StoredEntry {
    const stored = decodeEntry(this.#get(index), index);
    const next = this.#cache.first - 1 === index ? this.#cache.checksum(index) : undefined;
    const isStale = stored.entry.term !== this.#runs.at(stored.entry.index);
    if (isStale || (next !== undefined && next !== stored.checksum)) {
      throw storageErrors.CORRUPT_ENTRY(`log entry ${String(index)} is an older version`, {
        fields: { index },
      });
    }
    return stored;
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
