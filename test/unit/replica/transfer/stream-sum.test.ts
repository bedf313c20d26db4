import fc from "fast-check";
import { expect, test } from "vitest";
import { pullPieceBytes } from "../../../../src/replica/limits.ts";
import { StreamSum } from "../../../../src/replica/transfer/stream-sum.ts";
import { loadHash64 } from "../../../../src/server/system/hash.ts";

const hash = await loadHash64();
const content = Buffer.from(
  Array.from({ length: 3 * pullPieceBytes + 17 }, (_, i) => (i * 31) & 255),
);

function sumOf(bytes: Uint8Array, cuts: readonly number[]): string {
  const sum = new StreamSum({ hash });
  let at = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    sum.add(bytes.subarray(at, cut));
    at = cut;
  }
  expect(sum.length).toBe(bytes.length);
  return sum.finish();
}

test("the sum does not depend on how the stream was cut", () => {
  const whole = sumOf(content, []);
  const cut = fc.nat({ max: content.length });
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 8 }), (cuts) => sumOf(content, cuts) === whole),
    { numRuns: 30 },
  );
});

test("it tells a flipped bit, a missing end and a repeated block", () => {
  const whole = sumOf(content, []);
  const flipped = Buffer.from(content);
  flipped[pullPieceBytes + 5] = flipped[pullPieceBytes + 5]! ^ 1;
  expect(sumOf(flipped, [])).not.toBe(whole);
  expect(sumOf(content.subarray(0, -1), [])).not.toBe(whole);
  const block = content.subarray(0, pullPieceBytes);
  expect(sumOf(Buffer.concat([block, block]), [])).not.toBe(sumOf(block, []));
});
