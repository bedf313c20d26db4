import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  exportedLimits,
  falseRows,
  limitRows,
  limitsPagePath,
  missingRows,
  quantityOf,
} from "./limits-page.ts";

const rows = limitRows(readFileSync(limitsPagePath, "utf8"));

describe("the page of limits", () => {
  test("names limits that the code has, with the value that they have", async () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(await falseRows(rows)).toEqual([]);
  });

  test("names every limit that a limits.ts exports", async () => {
    expect(await missingRows(rows)).toEqual([]);
  });
});

describe("its checkers", () => {
  test("read quantities", () => {
    const texts = ["8 MiB", "1,024", "10 %", "0.01", "4 min", "512 bytes", "about 3", "3 pints"];
    expect(texts.map(quantityOf)).toEqual([
      8_388_608,
      1024,
      10,
      0.01,
      240_000,
      512,
      Number.NaN,
      Number.NaN,
    ]);
  });

  test("find a wrong value, an unknown name and an unknown file", async () => {
    const page = [
      "From `src/resources/limits.ts`.",
      "| `chunkBytes` | 255 KiB | wrong |",
      "| `pigeonsMax` | 7 | unknown |",
      "From `src/server/runner.ts`.",
      "| `cacheBytesMax` | 5 GiB | wrong, and not exported |",
      "From `src/nowhere/limits.ts`.",
      "| `chunkBytes` | 256 KiB | unknown |",
    ].join("\n");
    const findings = await falseRows(limitRows(page));
    expect(findings).toHaveLength(4);
    expect(findings[0]).toContain("the page says 261120, the code 262144");
    expect(findings[1]).toContain("has no such limit");
  });

  test("find a limit that is not on the page", async () => {
    const without = rows.filter(({ name }) => name !== "uploadWindowBytes");
    expect(await missingRows(without)).toEqual(["src/resources/limits.ts uploadWindowBytes"]);
  });

  test("see through exported objects", () => {
    const limits = exportedLimits({ plainMax: 1, defaults: { lane: { queueMax: 2 }, oneMax: 3 } });
    expect([...limits]).toEqual([
      ["plainMax", 1],
      ["lane.queueMax", 2],
      ["oneMax", 3],
    ]);
  });
});
