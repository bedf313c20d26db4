import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DecodeError } from "../../../src/base/bytes.ts";
import { utf8Decode, utf8Encode, utf8Length, utf8Write } from "../../../src/base/utf8.ts";

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function accepts(bytes: Uint8Array): string | undefined {
  try {
    return strict.decode(bytes);
  } catch {
    return undefined;
  }
}

describe("UTF-8", () => {
  test("is written as TextEncoder does, lone surrogates included", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const expected = new TextEncoder().encode(text);
        expect(utf8Encode(text)).toEqual(expected);
        expect(utf8Length(text)).toBe(expected.length);
      }),
    );
    expect(utf8Encode("a\ud800b")).toEqual(new TextEncoder().encode("a\ufffdb"));
  });

  test("of any text comes back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (text) => {
        expect(utf8Decode(utf8Encode(text))).toBe(text);
      }),
    );
    const long = "aä€😀".repeat(3000);
    expect(utf8Decode(utf8Encode(long))).toBe(long);
  });

  test("is written at an offset, and the offset behind it is returned", () => {
    const target = new Uint8Array(6);
    expect(utf8Write("€", target, 2)).toBe(5);
    expect([...target]).toEqual([0, 0, 0xe2, 0x82, 0xac, 0]);
  });

  test("is accepted exactly when a strict decoder accepts it", () => {
    const nearMiss = fc
      .tuple(fc.string({ unit: "grapheme" }), fc.array(fc.tuple(fc.nat(), fc.nat(255))))
      .map(([text, changes]) => {
        const bytes = utf8Encode(text);
        for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
        return bytes;
      });
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array(), nearMiss), (bytes) => {
        const expected = accepts(bytes);
        if (expected === undefined) expect(() => utf8Decode(bytes)).toThrow(DecodeError);
        else expect(utf8Decode(bytes)).toBe(expected);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ["a bare continuation byte", [0x80]],
    ["an overlong slash", [0xc0, 0xaf]],
    ["an overlong of three bytes", [0xe0, 0x80, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["above U+10FFFF", [0xf4, 0x90, 0x80, 0x80]],
    ["a lead byte of five", [0xf8, 0x88, 0x80, 0x80, 0x80]],
    ["a sequence that ends too early", [0xe2, 0x82]],
  ])("%s is refused", (_what, bytes) => {
    expect(() => utf8Decode(Uint8Array.from(bytes))).toThrow(DecodeError);
  });
});
