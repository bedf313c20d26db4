// What one LevelDB database has on a simulated disk: tables, and the write-ahead log of what is not in them yet. Damage
// is done to these; a process that runs reads the tables, but not its own write-ahead log again.
import type { WalOperation, WalSpan } from "./wal.ts";
import { encodeBatch, replayWal, writeWal } from "./wal.ts";

/** Done to the disk; found sooner or later, or never if nobody reads it again. */
export interface Rot {
  readonly what: string;
  /** It has not been overwritten. */
  isThere(): boolean;
  /** The bits are what they were. */
  mend(): void;
}

/** What became of the last write, which had not been acknowledged. */
export type Tear =
  | { readonly kind: "cut"; readonly share: number }
  | { readonly kind: "zero-sector"; readonly share: number };

interface Flip {
  readonly record: object;
  /** Where in the record, from 0 to 1. */
  readonly share: number;
}

interface Written {
  readonly sequence: number;
  readonly operations: readonly WalOperation[];
  readonly bytes: number;
}

const sectorBytes = 512;
const nameOf = (key: Uint8Array): string => Buffer.from(key).toString("latin1");

function flipBit(bytes: Buffer, at: number): void {
  bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
}

export class LevelFiles {
  readonly #tables = new Map<string, Buffer>();
  /** Values of the tables as they were before they were damaged. */
  readonly #sound = new Map<string, Buffer>();
  #written: Written[] = [];
  #walBytes = 0;
  #sequence = 1;
  #flips: Flip[] = [];
  #forgotten: object | undefined;

  get walRecords(): number {
    return this.#written.length;
  }

  get walBytes(): number {
    return this.#walBytes;
  }

  table(name: string, isSound: boolean): Buffer | undefined {
    return (isSound ? this.#sound.get(name) : undefined) ?? this.#tables.get(name);
  }

  /** Names of the keys in the tables, in order. */
  names(): string[] {
    return [...this.#tables.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  }

  append(operations: readonly WalOperation[]): void {
    let bytes = 0;
    for (const { key, value } of operations) bytes += key.length + (value?.length ?? 0);
    this.#written.push({ sequence: this.#sequence, operations, bytes });
    this.#sequence += operations.length;
    this.#walBytes += bytes;
  }

  /** The write-ahead log goes into the tables; damage in it that nobody has read is gone. */
  flush(): void {
    for (const { operations } of this.#written) this.#merge(operations);
    this.#beginWal();
  }

  /** As the process that opens the database finds it, with the last write torn. */
  wal(
    torn: { readonly operations: readonly WalOperation[]; readonly tear: Tear } | undefined,
  ): Buffer {
    const kept = this.#written.filter((each) => each !== this.#forgotten);
    const payloads = kept.map(({ sequence, operations }) => encodeBatch(sequence, operations));
    if (torn !== undefined) payloads.push(encodeBatch(this.#sequence, torn.operations));
    const { bytes, spans } = writeWal(payloads);
    for (const [at, record] of kept.entries()) {
      const isLast = torn === undefined && at === kept.length - 1;
      for (const flip of this.#flips) {
        if (flip.record === record) flipBit(bytes, placeOf(spans[at]!, flip.share, isLast));
      }
    }
    return torn === undefined ? bytes : tornBytes(bytes, spans.at(-1)!, torn.tear);
  }

  /** Opens the database: what LevelDB reads of `wal` goes into the tables. */
  open(wal: Buffer): void {
    for (const operations of replayWal(wal)) this.#merge(operations);
    this.#beginWal();
  }

  /** A bit of a record that was synced; `at` from 0 to 1 chooses it. Undefined when there is none. */
  flipWal(at: number, share: number): Rot | undefined {
    const place = Math.min(this.#written.length - 1, Math.floor(at * this.#written.length));
    const record = this.#written[place];
    if (record === undefined) return undefined;
    const flip = { record, share };
    this.#flips.push(flip);
    const mend = (): void => {
      this.#flips = this.#flips.filter((each) => each !== flip);
    };
    const isThere = (): boolean => this.#flips.includes(flip);
    return { what: `a bit of record ${place + 1} of ${this.#written.length}`, isThere, mend };
  }

  /** LevelDB will have lost this record when it opens the next time: not the last, of which nothing would tell. */
  forget(at: number, isWanted: (operations: readonly WalOperation[]) => boolean): Rot | undefined {
    const candidates = this.#written.slice(0, -1).filter((each) => isWanted(each.operations));
    const record = candidates[Math.floor(at * candidates.length)];
    if (record === undefined) return undefined;
    this.#forgotten = record;
    const mend = (): void => {
      this.#forgotten = undefined;
    };
    const isThere = (): boolean => this.#forgotten === record;
    return { what: `record ${this.#written.indexOf(record) + 1} is forgotten`, isThere, mend };
  }

  /** A bit of a value in the tables. */
  flipTable(name: string, share: number): Rot | undefined {
    const value = this.#tables.get(name);
    if (value === undefined || value.length === 0) return undefined;
    const damaged = Buffer.from(value);
    flipBit(damaged, Math.min(value.length - 1, Math.floor(share * value.length)));
    if (this.#sound.has(name)) return undefined;
    this.#sound.set(name, value);
    this.#tables.set(name, damaged);
    const isThere = (): boolean => this.#tables.get(name) === damaged;
    const mend = (): void => {
      if (!isThere()) return;
      this.#tables.set(name, value);
      this.#sound.delete(name);
    };
    return { what: "a bit of a value", isThere, mend };
  }

  #beginWal(): void {
    this.#written = [];
    this.#walBytes = 0;
    this.#flips = [];
    this.#forgotten = undefined;
  }

  #merge(operations: readonly WalOperation[]): void {
    for (const { key, value } of operations) {
      const name = nameOf(key);
      this.#sound.delete(name);
      if (value === undefined) this.#tables.delete(name);
      else this.#tables.set(name, value);
    }
  }
}

/** In the last record not in a header: a flipped length there is the one damage that looks like a torn write. */
function placeOf({ from, to, payloads }: WalSpan, share: number, isLast: boolean): number {
  if (!isLast) return Math.min(to - 1, from + Math.floor(share * (to - from)));
  const piece = payloads.at(-1)!;
  return Math.min(piece.to - 1, piece.from + Math.floor(share * (piece.to - piece.from)));
}

function tornBytes(bytes: Buffer, { from, to }: WalSpan, tear: Tear): Buffer {
  const at = Math.min(to - 1, from + Math.floor(tear.share * (to - from)));
  if (tear.kind === "cut") return bytes.subarray(0, at);
  const sector = at - (at % sectorBytes);
  bytes.fill(0, Math.max(from, sector), Math.min(to, sector + sectorBytes));
  return bytes;
}
