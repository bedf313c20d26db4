// Lowe's memo (Lowe 2017, section 4): a configuration, that is the set of placed operations and the state they
// lead to, is worth a visit once. Two things are added. Sets are stored from their first gap to their end. And of
// two configurations that differ only in operations of unknown outcome, the one that used fewer of them can do
// whatever the other can, so the other is not visited.
import type { MemoryBudget } from "./memory-budget.ts";
import type { PlacedSet } from "./placed-set.ts";

export type Visit = "new" | "seen" | "full";

export interface Configuration {
  readonly state: number;
  /** Operations whose outcome is known. */
  readonly required: PlacedSet;
  /** Operations that may never have happened. */
  readonly optional: PlacedSet;
}

const firstWords = 256;
const firstBuckets = 64;
const wordBytes = Int32Array.BYTES_PER_ELEMENT;

// A record: next of its bucket, hash, state, first word, number of words, those words, words of the optional set.
const headerWords = 5;
const noRecord = 0;

const mix = (hash: number, word: number): number => {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
};

function hashOf({ state, required }: Configuration): number {
  let hash = mix(mix(0x2545f491, state), required.low);
  for (let at = required.low; at <= required.high; at += 1) hash = mix(hash, required.words[at]!);
  return hash;
}

export class ConfigurationCache {
  readonly #memory: MemoryBudget;
  readonly #optionalWords: number;
  #records: Int32Array;
  #end = 1;
  #buckets: Int32Array;
  #count = 0;

  constructor(optionalWords: number, memory: MemoryBudget) {
    this.#memory = memory;
    this.#optionalWords = optionalWords;
    this.#records = new Int32Array(firstWords);
    this.#buckets = new Int32Array(firstBuckets);
  }

  get count(): number {
    return this.#count;
  }

  /** Takes what an empty cache uses; false if even that is too much. */
  open(): boolean {
    return this.#memory.take((firstWords + firstBuckets) * wordBytes);
  }

  visit(configuration: Configuration): Visit {
    const hash = hashOf(configuration);
    const bucket = hash & (this.#buckets.length - 1);
    for (let at = this.#buckets[bucket]!; at !== noRecord; at = this.#records[at]!) {
      if (this.#records[at + 1] === hash && this.#covers(at, configuration)) return "seen";
    }
    return this.#store(configuration, hash) ? "new" : "full";
  }

  /** True if the record is the same configuration, or one that used fewer of the optional operations. */
  #covers(record: number, { state, required, optional }: Configuration): boolean {
    const records = this.#records;
    const { low, high } = required;
    const count = Math.max(0, high - low + 1);
    if (records[record + 2] !== state || records[record + 3] !== low) return false;
    if (records[record + 4] !== count) return false;
    let at = record + headerWords;
    for (let word = low; word <= high; word += 1, at += 1) {
      if (records[at] !== required.words[word]) return false;
    }
    for (let word = 0; word < this.#optionalWords; word += 1, at += 1) {
      if ((records[at]! & ~optional.words[word]!) !== 0) return false;
    }
    return true;
  }

  #store({ state, required, optional }: Configuration, hash: number): boolean {
    const { low, high } = required;
    const count = Math.max(0, high - low + 1);
    if (!this.#makeRoom(headerWords + count + this.#optionalWords)) return false;
    const records = this.#records;
    const bucket = hash & (this.#buckets.length - 1);
    let at = this.#end;
    const header = [this.#buckets[bucket]!, hash, state, low, count];
    this.#buckets[bucket] = at;
    for (const word of header) records[at++] = word;
    for (let word = low; word <= high; word += 1) records[at++] = required.words[word]!;
    for (let word = 0; word < this.#optionalWords; word += 1) records[at++] = optional.words[word]!;
    this.#end = at;
    this.#count += 1;
    return true;
  }

  #makeRoom(words: number): boolean {
    if (this.#count >= this.#buckets.length && !this.#moreBuckets()) return false;
    const needed = this.#end + words;
    const old = this.#records;
    if (needed <= old.length) return true;
    const affordable = Math.floor(this.#memory.leftBytes / wordBytes);
    const length = Math.min(Math.max(2 * old.length, needed), affordable);
    if (length < needed || !this.#memory.take(length * wordBytes)) return false;
    this.#records = new Int32Array(length);
    this.#records.set(old);
    this.#memory.give(old.byteLength);
    return true;
  }

  #moreBuckets(): boolean {
    const buckets = 2 * this.#buckets.length;
    if (!this.#memory.take(buckets * wordBytes)) return false;
    this.#memory.give(this.#buckets.byteLength);
    this.#buckets = new Int32Array(buckets);
    const records = this.#records;
    for (let at = 1; at < this.#end; ) {
      const bucket = records[at + 1]! & (buckets - 1);
      records[at] = this.#buckets[bucket]!;
      this.#buckets[bucket] = at;
      at += headerWords + records[at + 4]! + this.#optionalWords;
    }
    return true;
  }
}
