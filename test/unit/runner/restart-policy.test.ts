import { expect, test } from "vitest";
import { seededRandom } from "../../../src/base/random.ts";
import { afterEnd, Backoff } from "../../../src/runner/restart-policy.ts";

test("what follows an end", () => {
  const table = (["always", "on-failure", "never"] as const).map((policy) => [
    afterEnd(policy, 0),
    afterEnd(policy, 1),
    afterEnd(policy, -1),
  ]);
  expect(table).toEqual([
    ["restart", "restart", "restart"],
    ["finished", "restart", "restart"],
    ["finished", "finished", "finished"],
  ]);
});

test("1 s doubled up to 5 min, within 20 %, and small again after 10 healthy minutes", () => {
  const backoff = new Backoff(seededRandom(5));
  const delays = Array.from({ length: 12 }, () => backoff.next(0));
  const plain = [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].map((s) => s * 1000);
  for (const [at, delay] of delays.entries()) {
    expect(Math.abs(delay - plain[at]!)).toBeLessThanOrEqual(plain[at]! * 0.2);
  }
  expect(new Set(delays.slice(9)).size).toBeGreaterThan(1);
  expect(backoff.failures).toBe(12);
  expect(backoff.next(10 * 60_000)).toBeLessThanOrEqual(1200);
});
