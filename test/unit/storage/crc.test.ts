import { crc32 } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { crcOf } from "../../../src/storage/crc.ts";

test("with zlib's polynomial it is zlib's sum, wherever the bytes lie", () => {
  const own = crcOf(0xedb88320);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), fc.nat({ max: 9 }), (bytes, from) => {
      const at = Math.min(from, bytes.length);
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      expect(own(view, at, bytes.length)).toBe(crc32(bytes.subarray(at)));
    }),
  );
});
