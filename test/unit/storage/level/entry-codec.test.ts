import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { index, term } from "../../../../src/base/numbers.ts";
import type { Entry } from "../../../../src/raft/types.ts";
import {
  checkChain,
  decodeEntry,
  decodeGroup,
  encodeEntry,
  entryBytes,
} from "../../../../src/storage/level/entry-codec.ts";

const corrupt = { code: "QUORATE_STORAGE_CORRUPT_ENTRY" };
const entries: fc.Arbitrary<Entry> = fc.record({
  index: fc.nat({ max: Number.MAX_SAFE_INTEGER }).map(index),
  term: fc.nat({ max: Number.MAX_SAFE_INTEGER }).map(term),
  type: fc.constantFrom("normal" as const, "membership" as const),
  data: fc.uint8Array({ maxLength: 60 }),
});

function encoded(entry: Entry, previous: number): Buffer {
  const bytes = Buffer.alloc(entryBytes(entry.data.length));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  encodeEntry({ bytes, view }, 0, { entry, previous });
  return bytes;
}

/** A group of entries 1, 2, 3 …, chained from 9 on. */
function groupOf(payloads: readonly Uint8Array[]): Buffer {
  let previous = 9;
  const parts = payloads.map((data, i) => {
    const part = encoded({ index: index(i + 1), term: term(1), type: "normal", data }, previous);
    previous = part.readUInt32BE(0);
    return part;
  });
  return Buffer.concat(parts);
}

test("every entry survives the way to bytes and back", () => {
  fc.assert(
    fc.property(entries, fc.nat({ max: 0xffffffff }), (entry, previous) => {
      const bytes = encoded(entry, previous);
      const stored = decodeEntry(bytes, 0, entry.index);
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
      expect(() => decodeEntry(flipped, 0, entry.index)).toThrow(expect.objectContaining(corrupt));
      const cut = bytes.subarray(0, at % bytes.length);
      expect(() => decodeEntry(cut, 0, entry.index)).toThrow(expect.objectContaining(corrupt));
      expect(() => decodeEntry(bytes, 0, entry.index + 1)).toThrow(
        expect.objectContaining(corrupt),
      );
    }),
  );
});

test("a group gives its entries in order; any flipped bit and any cut is noticed at the latest at its end", () => {
  const payloads = fc.array(fc.uint8Array({ maxLength: 40 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(payloads, fc.nat(), (all, at) => {
      const group = groupOf(all);
      const found = [...decodeGroup(group, 1)];
      expect(found.map(({ entry }) => Uint8Array.from(entry.data))).toEqual(all);
      expect(found.map(({ entry }) => entry.index)).toEqual(all.map((_, i) => i + 1));
      expect(found.at(-1)?.to).toBe(group.length);
      found.reduce((before, stored) => {
        checkChain(stored, before);
        return stored.checksum;
      }, 9);
      const flipped = Buffer.from(group);
      const bit = at % (group.length * 8);
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => [...decodeGroup(flipped, 1)]).toThrow(expect.objectContaining(corrupt));
      const ends = [0, ...found.map(({ to }) => to)];
      const end = at % group.length;
      const cut = (): unknown => [...decodeGroup(group.subarray(0, end), 1)];
      if (end === 0 || !ends.includes(end)) expect(cut).toThrow(expect.objectContaining(corrupt));
    }),
  );
  expect(() => [...decodeGroup(undefined, 1)]).toThrow(expect.objectContaining(corrupt));
});

test("an entry does not hold on to the memory of the others of its group", () => {
  const [first] = decodeGroup(groupOf([Buffer.alloc(10, 1), Buffer.alloc(9000, 2)]), 1);
  expect(first?.entry.data.buffer.byteLength).toBe(10);
});

test("an intact entry that follows another one than expected is noticed", () => {
  const entry: Entry = { index: index(5), term: term(2), type: "normal", data: new Uint8Array(3) };
  const stored = decodeEntry(encoded(entry, 77), 0, 5);
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
