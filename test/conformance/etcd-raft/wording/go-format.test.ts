import { expect, test } from "vitest";
import { hex, quoted } from "./go-format.ts";

test.each([
  ["", '""'],
  ["plain text", '"plain text"'],
  ['say "so" \\', '"say \\"so\\" \\\\"'],
  ["a\tb\nc\r\u0007", '"a\\tb\\nc\\r\\a"'],
  ["\u0000\u001b\u007f", '"\\x00\\x1b\\x7f"'],
  ["grün 日本 ☃", '"grün 日本 ☃"'],
  ["\u00a0\u200b", '"\\u00a0\\u200b"'],
  ["\u{1f600}\u{e0001}", '"\u{1f600}\\U000e0001"'],
])("quotes %j as Go does", (text, expected) => {
  expect(quoted(new TextEncoder().encode(text))).toBe(expected);
});

test("bytes that are no UTF-8 are shown as bytes", () => {
  expect(quoted(new Uint8Array([0x61, 0xff, 0xc3, 0x28, 0xe6, 0x97]))).toBe(
    '"a\\xff\\xc3(\\xe6\\x97"',
  );
});

test("identities are hexadecimal", () => {
  expect([1, 10, 16, 255].map((id) => hex(id))).toEqual(["1", "a", "10", "ff"]);
});
