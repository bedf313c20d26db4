import fc from "fast-check";
import { expect, test } from "vitest";
import { EntryCache } from "../../../../src/storage/level/entry-cache.ts";
import { entry } from "../../../conformance/storage/harness.ts";

interface Model {
  /** Checksum of each index; position 0 is the base. */
  readonly checksums: number[];
}

const operations = fc.array(
  fc.record({
    kind: fc.constantFrom("push", "truncate", "drop", "reset"),
    amount: fc.nat({ max: 5 }),
  }),
  { maxLength: 200 },
);

function step(cache: EntryCache, model: Model, operation: { kind: string; amount: number }): void {
  const end = model.checksums.length;
  if (operation.kind === "push") {
    cache.push(entry(end, 1, new Uint8Array(10)), end * 3);
    model.checksums.push(end * 3);
  } else if (operation.kind === "truncate") {
    const at = Math.max(1, end - operation.amount);
    cache.truncate(at, model.checksums[at - 1] ?? 0);
    model.checksums.length = at;
  } else if (operation.kind === "drop") {
    cache.dropBefore(Math.min(end, cache.first + operation.amount));
  } else {
    cache.reset(end, model.checksums[end - 1] ?? 0);
  }
}

test("whatever is cached is right, and memory stays within its limit", () => {
  fc.assert(
    fc.property(operations, fc.constantFrom(0, 500, 100_000), (sequence, bytesMax) => {
      const cache = new EntryCache({ bytesMax });
      cache.reset(1, 0);
      const model: Model = { checksums: [0] };
      for (const operation of sequence) {
        step(cache, model, operation);
        const end = model.checksums.length;
        expect(cache.bytes).toBeLessThanOrEqual(bytesMax);
        expect(cache.first).toBeLessThanOrEqual(end);
        expect(cache.bytes === 0).toBe(cache.first === end);
        for (let at = cache.first; at < end; at += 1) {
          expect([cache.get(at)?.index, cache.checksum(at)]).toEqual([at, model.checksums[at]]);
        }
        expect(cache.checksum(cache.first - 1)).toBe(model.checksums[cache.first - 1]);
        expect([cache.get(cache.first - 1), cache.get(end)]).toEqual([undefined, undefined]);
      }
    }),
  );
});

test("the newest entries stay over a long run", () => {
  const cache = new EntryCache({ bytesMax: 50_000 });
  cache.reset(1, 0);
  for (let at = 1; at <= 20_000; at += 1) cache.push(entry(at, 1, new Uint8Array(100)), at);
  expect(cache.get(20_000)?.index).toBe(20_000);
  expect(cache.bytes).toBeLessThanOrEqual(50_000);
  expect(20_000 - cache.first).toBeGreaterThan(200);
});
