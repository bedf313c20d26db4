import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { index, term } from "../../../../src/base/numbers.ts";
import type { Entry } from "../../../../src/raft/types.ts";
import {
  checkChain,
  decodeEntry,
  encodeEntry,
  entryHeaderBytes,
} from "../../../../src/storage/level/entry-codec.ts";

const corrupt = { code: "QUORATE_STORAGE_CORRUPT_ENTRY" };
const entries: fc.Arbitrary<Entry> = fc.record({
  index: fc.nat({ max: Number.MAX_SAFE_INTEGER }).map(index),
  term: fc.nat({ max: Number.MAX_SAFE_INTEGER }).map(term),
  type: fc.constantFrom("normal" as const, "membership" as const),
  data: fc.uint8Array({ maxLength: 60 }),
});

function encoded(entry: Entry, previous: number): Buffer {
  const value = Buffer.alloc(entryHeaderBytes + entry.data.length);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  encodeEntry({ value, view }, { entry, previous });
  return value;
}

test("every entry survives the way to bytes and back", () => {
  fc.assert(
    fc.property(entries, fc.nat({ max: 0xffffffff }), (entry, previous) => {
      const bytes = encoded(entry, previous);
      const stored = decodeEntry(bytes, entry.index);
      expect({ ...stored.entry, data: Uint8Array.from(stored.entry.data) }).toEqual(entry);
      expect([stored.previous, stored.checksum]).toEqual([previous, bytes.readUInt32BE(0)]);
    }),
  );
});

test("any flipped bit, any cut and any wrong place is noticed", () => {
  fc.assert(
    fc.property(entries, fc.nat(), (entry, at) => {
      const bytes = encoded(entry, 1);
      const flipped = Buffer.from(bytes);
      const bit = at % (bytes.length * 8);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => decodeEntry(flipped, entry.index)).toThrow(expect.objectContaining(corrupt));
      const cut = bytes.subarray(0, at % bytes.length);
      expect(() => decodeEntry(cut, entry.index)).toThrow(expect.objectContaining(corrupt));
      expect(() => decodeEntry(bytes, entry.index + 1)).toThrow(expect.objectContaining(corrupt));
    }),
  );
  expect(() => decodeEntry(undefined, 1)).toThrow(expect.objectContaining(corrupt));
});

test("an intact entry that follows another one than expected is noticed", () => {
  const entry: Entry = { index: index(5), term: term(2), type: "normal", data: new Uint8Array(3) };
  const stored = decodeEntry(encoded(entry, 77), 5);
  checkChain(stored, 77);
  expect(() => {
    checkChain(stored, 78);
  }).toThrow(expect.objectContaining(corrupt));
});

test("short and long payloads have the same kind of checksum: the CRC-32 of everything behind it", () => {
  for (const length of [0, 1, 7, 8, 994, 995, 996, 5000]) {
    const data = Uint8Array.from({ length }, (_, i) => i * 7);
    const bytes = encoded({ index: index(5), term: term(2), type: "normal", data }, 77);
    expect(bytes.readUInt32BE(0)).toBe(crc32(bytes.subarray(4)));
  }
});
