import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AssertionFailed } from "../../../src/base/assert.ts";
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  compareStrings,
  DecodeError,
  fromHex,
  toHex,
} from "../../../src/base/bytes.ts";

const natural = fc.maxSafeNat();

/** One value of each form, in the order in which both sides go through them. */
const record = fc.record({
  u8: fc.integer({ min: 0, max: 255 }),
  bool: fc.boolean(),
  u32: fc.integer({ min: 0, max: 0xffff_ffff }),
  u64: natural,
  varint: natural,
  text: fc.string({ unit: "grapheme" }),
  bytes: fc.uint8Array({ maxLength: 600 }),
  list: fc.array(natural),
});
type Values = typeof record extends fc.Arbitrary<infer T> ? T : never;

function write(values: Values): Uint8Array {
  const writer = new ByteWriter(1);
  writer.u8(values.u8).bool(values.bool).u32(values.u32).u64(values.u64).varint(values.varint);
  writer.string(values.text).bytes(values.bytes);
  return writer.list(values.list, (item) => writer.varint(item)).finish();
}

function read(bytes: Uint8Array): Values {
  const reader = new ByteReader(bytes);
  const values = {
    u8: reader.u8(),
    bool: reader.bool(),
    u32: reader.u32(),
    u64: reader.u64(),
    varint: reader.varint(),
    text: reader.string(),
    bytes: reader.bytes().slice(),
    list: reader.list(() => reader.varint()),
  };
  reader.end();
  return values;
}

describe("writer and reader", () => {
  test("give back what was written, whatever the initial capacity", () => {
    fc.assert(
      fc.property(record, (values) => {
        expect(read(write(values))).toEqual(values);
      }),
    );
  });

  test("input that is cut short, extended or flipped ends in DecodeError or another value, never otherwise", () => {
    const damage = fc.record({
      values: record,
      cut: fc.nat(),
      flips: fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 5 }),
      tail: fc.uint8Array({ maxLength: 3 }),
    });
    fc.assert(
      fc.property(damage, ({ values, cut, flips, tail }) => {
        const whole = write(values);
        const bytes = Uint8Array.from([...whole.subarray(0, cut % (whole.length + 1)), ...tail]);
        for (const [at, mask] of flips) {
          if (bytes.length > 0) bytes[at % bytes.length]! ^= mask;
        }
        try {
          read(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
    );
  });

  test("every strict prefix is refused", () => {
    fc.assert(
      fc.property(record, (values) => {
        const whole = write(values);
        for (let length = 0; length < whole.length; length += 1) {
          expect(() => read(whole.subarray(0, length))).toThrow(DecodeError);
        }
      }),
      { numRuns: 20 },
    );
  });

  test("a reader over part of a larger buffer sees only its part", () => {
    const whole = Uint8Array.from([9, 1, 2, 3, 4, 9]);
    const reader = new ByteReader(whole.subarray(1, 5));
    expect(reader.u32()).toBe(0x01020304);
    expect(() => reader.u8()).toThrow(DecodeError);
  });

  test.each([
    ["a varint above 2^53", [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ["a varint of nine bytes", [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01]],
    ["a varint that is not in its shortest form", [0x81, 0x00]],
    ["a varint that does not end", [0x80]],
  ])("%s is refused", (_what, bytes) => {
    expect(() => new ByteReader(Uint8Array.from(bytes)).varint()).toThrow(DecodeError);
  });

  test("a length or a count above what is left is refused before anything is allocated", () => {
    const long = new ByteWriter().varint(Number.MAX_SAFE_INTEGER).finish();
    expect(() => new ByteReader(long).bytes()).toThrow(DecodeError);
    expect(() => new ByteReader(long).string()).toThrow(DecodeError);
    expect(() => new ByteReader(long).list(() => 0)).toThrow(DecodeError);
  });

  test("a boolean is 0 or 1, a u64 is a safe integer, and nothing may be left over", () => {
    expect(() => new ByteReader(Uint8Array.of(2)).bool()).toThrow(DecodeError);
    expect(() => new ByteReader(new Uint8Array(8).fill(0xff)).u64()).toThrow(DecodeError);
    expect(() => {
      new ByteReader(Uint8Array.of(1)).end();
    }).toThrow(DecodeError);
  });

  test("a writer refuses numbers that it could not give back", () => {
    for (const bad of [-1, 1.5, Number.NaN, 2 ** 53]) {
      expect(() => new ByteWriter().varint(bad)).toThrow(AssertionFailed);
      expect(() => new ByteWriter().u64(bad)).toThrow(AssertionFailed);
      expect(() => new ByteWriter().u32(bad)).toThrow(AssertionFailed);
      expect(() => new ByteWriter().u8(bad)).toThrow(AssertionFailed);
    }
    expect(() => new ByteWriter().u8(256)).toThrow(AssertionFailed);
    expect(() => new ByteWriter().u32(2 ** 32)).toThrow(AssertionFailed);
  });
});

describe("order", () => {
  test("of bytes is that of numbers written as u64, and of Buffer.compare", () => {
    fc.assert(
      fc.property(natural, natural, (a, b) => {
        const key = (value: number): Uint8Array => new ByteWriter().u64(value).finish();
        expect(Math.sign(compareBytes(key(a), key(b)))).toBe(Math.sign(a - b));
      }),
    );
    fc.assert(
      fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
      }),
    );
  });

  test("of strings is total and by code unit", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(compareStrings(a, b) + compareStrings(b, a)).toBe(0);
        expect(compareStrings(a, b) === 0).toBe(a === b);
      }),
    );
    expect(["b", "a", "Z", "ä"].sort(compareStrings)).toEqual(["Z", "a", "b", "ä"]);
  });
});

describe("hexadecimal", () => {
  test("gives back what was written, as Buffer does", () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = toHex(bytes);
        expect(text).toBe(Buffer.from(bytes).toString("hex"));
        expect(fromHex(text)).toEqual(bytes);
      }),
    );
  });

  test.each(["a", "0g", "AB", " 00", "0x00"])("%j is refused", (text) => {
    expect(() => fromHex(text)).toThrow(DecodeError);
  });
});
