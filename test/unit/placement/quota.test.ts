import { describe, expect, test } from "vitest";
import { integerQuotas, type QuotaShare } from "../../../src/placement/quota.ts";

function share(id: string, changes: Partial<QuotaShare> = {}): QuotaShare {
  return { id, capacity: 1, load: 0, fixed: 0, ...changes };
}

describe("integer quotas", () => {
  test("a remainder goes to the lowest id when nothing else decides", () => {
    expect(integerQuotas(7, [share("c"), share("a"), share("b")])).toEqual([2, 3, 2]);
  });

  test("a remainder goes first to servers that hold it already", () => {
    const shares = [share("a"), share("b", { load: 3 }), share("c", { load: 2 })];
    expect(integerQuotas(7, shares)).toEqual([2, 3, 2]);
  });

  test("then to the largest remainder", () => {
    // Exact shares 2.4, 3.6 and 6: one remainder.
    const shares = [
      share("a", { capacity: 2 }),
      share("b", { capacity: 3 }),
      share("c", { capacity: 5 }),
    ];
    expect(integerQuotas(12, shares)).toEqual([2, 4, 6]);
  });

  test("a whole share gets no remainder, even if it holds one more", () => {
    // Exact shares 6, 2.5 and 3.5.
    const shares = [
      share("a", { capacity: 12, load: 7 }),
      share("b", { capacity: 5 }),
      share("c", { capacity: 7 }),
    ];
    expect(integerQuotas(12, shares)).toEqual([6, 3, 3]);
  });

  test("what cannot move is honoured and the others divide the rest", () => {
    const shares = [share("a", { load: 9, fixed: 8 }), share("b"), share("c")];
    expect(integerQuotas(12, shares)).toEqual([8, 2, 2]);
  });

  test("a server that is fixed above its new share is honoured as well", () => {
    // Thirds are 4; once a keeps 8, the others have 2 each, and b is fixed above that.
    const shares = [share("a", { fixed: 8 }), share("b", { fixed: 3 }), share("c")];
    expect(integerQuotas(12, shares)).toEqual([8, 3, 1]);
  });

  test("huge capacities stay exact, and too huge ones are refused", () => {
    const big = share("a", { capacity: 2 ** 40 });
    expect(integerQuotas(8000, [big, share("b", { capacity: 2 ** 40 })])).toEqual([4000, 4000]);
    expect(() => integerQuotas(2 ** 20, [big])).toThrow("safe integer");
  });

  test("nothing to divide", () => {
    expect(integerQuotas(0, [share("a"), share("b")])).toEqual([0, 0]);
  });
});
