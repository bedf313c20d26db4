import fc from "fast-check";
import { expect, test } from "vitest";
import { crc32c, maskCrc32c } from "../../../src/storage/crc32c.ts";

test("values of RFC 3720, appendix B.4", () => {
  const ascending = Uint8Array.from({ length: 32 }, (_, i) => i);
  expect(crc32c(new Uint8Array(32))).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff))).toBe(0x62a8ab43);
  expect(crc32c(ascending)).toBe(0x46dd794e);
  expect(crc32c(ascending.toReversed())).toBe(0x113fdb5c);
  expect(crc32c(Buffer.from("123456789"))).toBe(0xe3069283);
});

test("a range gives the same as a copy of it; one flipped bit changes the value", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.nat(),
      fc.nat(),
      (bytes, a, b) => {
        const from = a % bytes.length;
        const to = from + (b % (bytes.length - from + 1));
        expect(crc32c(bytes, from, to)).toBe(crc32c(bytes.slice(from, to)));
        const flipped = bytes.slice();
        flipped[from] = (flipped[from] ?? 0) ^ (1 << (b % 8));
        expect(crc32c(flipped)).not.toBe(crc32c(bytes));
      },
    ),
  );
});

test("the mask rotates by 15 and adds a constant", () => {
  expect(maskCrc32c(0)).toBe(0xa282ead8);
  expect(maskCrc32c(0x00008000)).toBe(0xa282ead9);
});
