import { describe, expect, test } from "vitest";
import { index, term } from "../../../../src/base/numbers.ts";
import type { LogState } from "../../../../src/storage/level/log-state.ts";
import {
  chooseLogState,
  decodeLogState,
  emptyLogState,
  logStateBytes,
  logStateRecord as record,
} from "../../../../src/storage/level/log-state.ts";
import { hardState } from "../../../conformance/storage/harness.ts";

const state: LogState = {
  sequence: 2 ** 40,
  hardState: hardState(7, 3, 2 ** 45),
  baseIndex: index(100),
  baseTerm: term(5),
  baseChecksum: 0xdeadbeef,
  lastIndex: index(2 ** 46),
  lastChecksum: 0xffffffff,
  snapshotIndex: index(120),
  deadFrom: index(90),
  deadTo: index(101),
};

test("a record survives the way to bytes and back, and any flipped bit is noticed", () => {
  expect(decodeLogState(record(state))).toEqual(state);
  expect(decodeLogState(record(emptyLogState))).toEqual(emptyLogState);
  for (let bit = 0; bit < logStateBytes * 8; bit += 1) {
    const bytes = record(state);
    bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(decodeLogState(bytes)).toBeUndefined();
  }
});

test("a record does not end in a zero: that would look like a torn write", () => {
  expect(record(emptyLogState).at(-1)).not.toBe(0);
});

describe("of two copies", () => {
  const good = record(state);
  const bad = Buffer.alloc(logStateBytes);

  test("equal ones are taken", () => {
    expect(chooseLogState(good, good)).toEqual({ state, repaired: false });
  });

  test("one damaged or missing copy costs nothing", () => {
    expect(chooseLogState(good, bad)).toEqual({ state, repaired: true });
    expect(chooseLogState(undefined, good)).toEqual({ state, repaired: true });
  });

  test("intact copies of different age mean a lost write", () => {
    const older = record({ ...state, sequence: state.sequence - 1 });
    const code = "QUORATE_STORAGE_CORRUPT_LOG";
    expect(() => chooseLogState(good, older)).toThrow(expect.objectContaining({ code }));
    expect(() => chooseLogState(bad, undefined)).toThrow(expect.objectContaining({ code }));
  });
});
