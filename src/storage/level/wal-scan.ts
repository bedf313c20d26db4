// LevelDB forgives damage in its write-ahead log: a record with a wrong checksum is dropped with the rest of
// its block, the database opens as if nothing had happened, and acknowledged entries and votes are gone. So
// the files are read here first, without changing them, and damage is told apart from a torn tail (the last
// write before a crash, which was never acknowledged).
//
// A record holds a batch: sequence u64, count u32, operations.
//
// Torn-tail rule, after etcd's WAL: disks write sectors of 512 bytes, so the last record is torn only if it
// runs past the end of the file or has a sector of zeros. Complete with a wrong checksum, or followed by an
// intact fragment of another record, it is damage.
import { blockEnd, fragmentTypes, readFragment, skipPadding } from "./log-format.ts";

const sectorBytes = 512;
const batchHeaderBytes = 12;
const twoTo32 = 0x1_0000_0000;

const { full, first, middle, last } = fragmentTypes;

export interface WalFileScan {
  /** Intact records. */
  readonly records: number;
  /** Offset of a torn last record. */
  readonly tornAt: number | undefined;
  readonly damage: WalDamage | undefined;
}

export interface WalDamage {
  readonly offset: number;
  readonly reason: string;
}

/** True if [from, to) holds a sector, or the part of one at its ends, that is all zeros. */
function hasZeroSector(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    const end = Math.min(to, at - (at % sectorBytes) + sectorBytes);
    if (bytes.subarray(at, end).every((byte) => byte === 0)) return true;
    at = end;
  }
  return false;
}

/** Next offset at or after `at` where an intact fragment begins; within the first block every offset is tried. */
function findIntact(bytes: Buffer, at: number): number | undefined {
  const end = Math.min(blockEnd(at), bytes.length);
  for (let tried = at; tried < end; tried += 1) {
    if (readFragment(bytes, tried).kind === "intact") return tried;
  }
  for (let block = blockEnd(at); block < bytes.length; block = blockEnd(block)) {
    if (readFragment(bytes, block).kind === "intact") return block;
  }
  return undefined;
}

/** True if behind a bad fragment at `at` something intact follows that is not the rest of the same record. */
function isFollowedByRecord(bytes: Buffer, at: number): boolean {
  let isRestPossible = true;
  for (let next = at + 1; ; ) {
    const found = findIntact(bytes, next);
    if (found === undefined) return false;
    const fragment = readFragment(bytes, found);
    if (fragment.kind !== "intact") return false;
    const isRest = isRestPossible && (fragment.type === middle || fragment.type === last);
    if (!isRest) return true;
    isRestPossible = fragment.type === middle;
    next = skipPadding(fragment.to);
  }
}

/** The first bytes of a record, collected over its fragments: LevelDB numbers all operations without gaps. */
class BatchHeader {
  #bytes = Buffer.alloc(batchHeaderBytes);
  #filled = 0;
  #expected: number | undefined;

  begin(): void {
    this.#filled = 0;
  }

  add(payload: Buffer): void {
    this.#filled += payload.copy(this.#bytes, this.#filled);
  }

  /** At the end of a record; a reason when it cannot follow the record before it. */
  problem(): string | undefined {
    if (this.#filled < batchHeaderBytes) return "a record too short for a batch";
    const sequence = this.#bytes.readUInt32LE(0) + this.#bytes.readUInt32LE(4) * twoTo32;
    const isGap = this.#expected !== undefined && sequence !== this.#expected;
    this.#expected = sequence + this.#bytes.readUInt32LE(8);
    return isGap ? "a gap in the numbers of its records" : undefined;
  }
}

/** Scans one file of LevelDB's write-ahead log. */
export function scanWalFile(bytes: Buffer): WalFileScan {
  const header = new BatchHeader();
  let records = 0;
  let recordAt: number | undefined;
  const damaged = (offset: number, reason: string): WalFileScan => ({
    records,
    tornAt: undefined,
    damage: { offset, reason },
  });
  for (let at = 0; ; ) {
    at = skipPadding(at);
    if (at >= bytes.length) return { records, tornAt: recordAt, damage: undefined };
    const fragment = readFragment(bytes, at);
    if (fragment.kind !== "intact") {
      const reason = fragment.kind === "bad" ? fragment.reason : "a cut record before intact ones";
      if (isFollowedByRecord(bytes, at)) return damaged(at, reason);
      const tornAt = recordAt ?? at;
      const isTorn = fragment.kind === "cut" || hasZeroSector(bytes, tornAt, bytes.length);
      return isTorn ? { records, tornAt, damage: undefined } : damaged(at, reason);
    }
    const isBegin = fragment.type === full || fragment.type === first;
    if (isBegin !== (recordAt === undefined))
      return damaged(at, "a record without its beginning or end");
    if (isBegin) {
      recordAt = at;
      header.begin();
    }
    header.add(bytes.subarray(fragment.from, fragment.to));
    if (fragment.type === full || fragment.type === last) {
      const problem = header.problem();
      if (problem !== undefined) return damaged(recordAt ?? at, problem);
      records += 1;
      recordAt = undefined;
    }
    at = fragment.to;
  }
}
