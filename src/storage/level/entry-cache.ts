// The newest entries in memory, because replication and apply nearly always want those. A deque over an
// array: `#head` moves forward on eviction and the dead front is cut off once it is the larger half.
import type { Entry } from "../../raft/types.ts";

/** What an entry costs beside its payload (objects and slots, estimated). */
const entryOverheadBytes = 128;
const deadFrontMin = 1024;

function costOf(entry: Entry | undefined): number {
  return entry === undefined ? 0 : entry.data.length + entryOverheadBytes;
}

export class EntryCache {
  readonly #bytesMax: number;
  /** Undefined below `#head`. */
  #entries: (Entry | undefined)[] = [];
  #checksums: number[] = [];
  #head = 0;
  #bytes = 0;
  /** Index that the next pushed entry has. */
  #end = 1;
  /** Checksum of the entry before the first one here. */
  #before = 0;

  constructor(options: { readonly bytesMax: number }) {
    this.#bytesMax = options.bytesMax;
  }

  /** Index of the oldest entry here; one above the newest when there is none. */
  get first(): number {
    return this.#end - (this.#entries.length - this.#head);
  }

  get bytes(): number {
    return this.#bytes;
  }

  get(index: number): Entry | undefined {
    return this.#entries[this.#position(index)];
  }

  /** Checksum of an entry here or of the one just before; undefined for older ones. */
  checksum(index: number): number | undefined {
    return index === this.first - 1 ? this.#before : this.#checksums[this.#position(index)];
  }

  /** `entry` follows the newest one. */
  push(entry: Entry, checksum: number): void {
    this.#entries.push(entry);
    this.#checksums.push(checksum);
    this.#bytes += costOf(entry);
    this.#end += 1;
    while (this.#bytes > this.#bytesMax && this.#head < this.#entries.length) this.#evict();
  }

  /** Forgets `index` and everything above; `before` is the checksum of the entry below it. */
  truncate(index: number, before: number): void {
    if (index < this.first) {
      this.reset(index, before);
      return;
    }
    for (const entry of this.#entries.slice(this.#position(index))) this.#bytes -= costOf(entry);
    this.#entries.length = this.#position(index);
    this.#checksums.length = this.#entries.length;
    this.#end = index;
  }

  /** Forgets everything below `index`, which is at most one above the newest entry. */
  dropBefore(index: number): void {
    while (this.first < index && this.#head < this.#entries.length) this.#evict();
  }

  /** Empty; the next entry has `index`, and the one before it the checksum `before`. */
  reset(index: number, before: number): void {
    this.#entries = [];
    this.#checksums = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#end = index;
    this.#before = before;
  }

  #position(index: number): number {
    return index < this.first ? -1 : this.#head + (index - this.first);
  }

  #evict(): void {
    this.#bytes -= costOf(this.#entries[this.#head]);
    this.#entries[this.#head] = undefined;
    this.#before = this.#checksums[this.#head] ?? 0;
    this.#head += 1;
    const isFrontLarge = this.#head >= deadFrontMin && this.#head * 2 >= this.#entries.length;
    if (!isFrontLarge && this.#head < this.#entries.length) return;
    this.#entries = this.#entries.slice(this.#head);
    this.#checksums = this.#checksums.slice(this.#head);
    this.#head = 0;
  }
}
