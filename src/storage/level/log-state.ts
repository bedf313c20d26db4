// The record that every batch rewrites, twice: hard state and the bounds of the log. It makes the database
// check itself at open: the last entry must be the one with this number and checksum, so a lost tail is seen,
// and nothing has to seek over deleted keys to find the first entry.
import { crc32 } from "node:zlib";
import type { Index, PeerId, Term } from "../../base/numbers.ts";
import { noIndex, noPeer, noTerm } from "../../base/numbers.ts";
import type { HardState } from "../../raft/types.ts";
import { storageErrors } from "../errors.ts";
import { asBuffer, readNumber } from "./keys.ts";
import { checksumOf, setNumber, type TwoViews, twoViews } from "./two-views.ts";

export interface LogState {
  /** Grows by one with every batch. */
  readonly sequence: number;
  readonly hardState: HardState;
  /** The entry before the first one: its number, term and checksum are still needed. */
  readonly baseIndex: Index;
  readonly baseTerm: Term;
  readonly baseChecksum: number;
  /** Equal to `baseIndex` when there is no entry. */
  readonly lastIndex: Index;
  readonly lastChecksum: number;
  readonly snapshotIndex: Index;
  /** Compacted entries of [deadFrom, deadTo) may still take space. */
  readonly deadFrom: Index;
  readonly deadTo: Index;
}

export const emptyLogState: LogState = {
  sequence: 0,
  hardState: { term: noTerm, vote: noPeer, commit: noIndex },
  baseIndex: noIndex,
  baseTerm: noTerm,
  baseChecksum: 0,
  lastIndex: noIndex,
  lastChecksum: 0,
  snapshotIndex: noIndex,
  deadFrom: noIndex,
  deadTo: noIndex,
};

/**
 * checksum u32 · ten numbers u64 · two checksums u32 · end mark. The mark is the last byte of every batch:
 * a write that ends in zeros was cut off, which is how the scan of the write-ahead log tells a torn tail
 * from damage.
 */
export const logStateBytes = 4 + 10 * 8 + 2 * 4 + 1;
const endMark = 0xa5;

export function encodeLogState(target: TwoViews, at: number, state: LogState): void {
  const { view } = target;
  const { hardState } = state;
  const numbers = at + 4;
  setNumber(view, numbers, state.sequence);
  setNumber(view, numbers + 8, hardState.term);
  setNumber(view, numbers + 16, hardState.vote);
  setNumber(view, numbers + 24, hardState.commit);
  setNumber(view, numbers + 32, state.baseIndex);
  setNumber(view, numbers + 40, state.baseTerm);
  setNumber(view, numbers + 48, state.lastIndex);
  setNumber(view, numbers + 56, state.snapshotIndex);
  setNumber(view, numbers + 64, state.deadFrom);
  setNumber(view, numbers + 72, state.deadTo);
  view.setUint32(numbers + 80, state.baseChecksum);
  view.setUint32(numbers + 84, state.lastChecksum);
  view.setUint8(numbers + 88, endMark);
  view.setUint32(at, checksumOf(target, numbers, at + logStateBytes));
}

/** `state` as a record of its own. */
export function logStateRecord(state: LogState): Buffer {
  const target = twoViews(logStateBytes);
  encodeLogState(target, 0, state);
  return target.bytes;
}

/** Undefined when it is missing or damaged. */
export function decodeLogState(value: Uint8Array | undefined): LogState | undefined {
  if (value?.length !== logStateBytes) return undefined;
  const bytes = asBuffer(value);
  if (crc32(bytes.subarray(4)) !== bytes.readUInt32BE(0)) return undefined;
  return {
    sequence: readNumber(bytes, 4),
    hardState: {
      term: readNumber(bytes, 12) as Term,
      vote: readNumber(bytes, 20) as PeerId,
      commit: readNumber(bytes, 28) as Index,
    },
    baseIndex: readNumber(bytes, 36) as Index,
    baseTerm: readNumber(bytes, 44) as Term,
    lastIndex: readNumber(bytes, 52) as Index,
    snapshotIndex: readNumber(bytes, 60) as Index,
    deadFrom: readNumber(bytes, 68) as Index,
    deadTo: readNumber(bytes, 76) as Index,
    baseChecksum: bytes.readUInt32BE(84),
    lastChecksum: bytes.readUInt32BE(88),
  };
}

export interface ChosenState {
  readonly state: LogState;
  /** One of the two copies was damaged; the next batch replaces it. */
  readonly repaired: boolean;
}

/**
 * One atomic batch writes both copies. One damaged copy costs nothing; two intact ones that differ mean that
 * the database lost a write that it had synced: CORRUPT_LOG.
 */
export function chooseLogState(
  first: Uint8Array | undefined,
  second: Uint8Array | undefined,
): ChosenState {
  const a = decodeLogState(first);
  const b = decodeLogState(second);
  const state = a ?? b;
  if (state === undefined) {
    throw storageErrors.CORRUPT_LOG("both copies of the hard state are missing or damaged");
  }
  if (a === undefined || b === undefined) return { state, repaired: true };
  if (a.sequence !== b.sequence) {
    throw storageErrors.CORRUPT_LOG(
      `the copies of the hard state are of different age (batch ${String(a.sequence)} and ${String(b.sequence)})`,
      { fields: { sequence: a.sequence, copySequence: b.sequence } },
    );
  }
  return { state, repaired: false };
}
