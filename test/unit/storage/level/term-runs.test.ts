import fc from "fast-check";
import { expect, test } from "vitest";
import { index, term } from "../../../../src/base/numbers.ts";
import { TermRuns } from "../../../../src/storage/level/term-runs.ts";

test("terms are those of a plain array, whatever is appended, truncated and dropped", () => {
  const operation = fc.record({
    kind: fc.constantFrom("append", "append", "truncate", "drop", "clear"),
    amount: fc.nat({ max: 4 }),
  });
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 100 }), (operations) => {
      const runs = new TermRuns();
      const terms: number[] = [0];
      let first = 1;
      for (const { kind, amount } of operations) {
        if (kind === "append") {
          terms.push((terms.at(-1) ?? 0) + (amount === 0 ? 1 : 0));
          runs.append(index(terms.length - 1), term(terms.at(-1) ?? 0));
        } else if (kind === "truncate") {
          const at = Math.max(first, terms.length - amount);
          runs.truncate(index(at));
          terms.length = at;
        } else if (kind === "drop") {
          first = Math.max(first, Math.min(terms.length - 1, first + amount));
          runs.dropBefore(index(first));
        } else {
          first = terms.length;
          runs.clear();
        }
        for (let at = first; at < terms.length; at += 1) expect(runs.at(index(at))).toBe(terms[at]);
      }
    }),
  );
});
