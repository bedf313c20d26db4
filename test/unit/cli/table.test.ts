import { describe, expect, test } from "vitest";
import { tableText } from "../../../src/cli/table.ts";

const style = { hasHeaders: true, heading: (line: string) => line };

describe("tables", () => {
  test("columns two spaces apart, numbers to the right, nothing behind the last word", async () => {
    const text = await tableText(
      {
        head: ["NAME", "N", "NOTE"],
        rows: [
          ["a", 5, "x"],
          ["long-name", 1000, ""],
        ],
        right: [1],
      },
      style,
    );
    expect(text).toBe(
      ["NAME          N  NOTE", "a             5  x", "long-name  1000  -", ""].join("\n"),
    );
  });

  test("every row is one line, whatever servers say", async () => {
    const text = await tableText(
      {
        head: ["A", "B"],
        rows: [
          ["x\ny\r\u001b[2J\u2028z", true],
          ["", false],
        ],
      },
      { ...style, hasHeaders: false },
    );
    expect(text).toBe("x y [2J z  yes\n-          no\n");
  });

  test("no rows: the heading alone, or nothing", async () => {
    const empty = { head: ["A", "B"], rows: [] };
    expect(await tableText(empty, style)).toBe("A  B\n");
    expect(await tableText(empty, { ...style, hasHeaders: false })).toBe("");
  });

  test("the heading is coloured after it was measured", async () => {
    const text = await tableText(
      { head: ["A", "B"], rows: [["aa", "b"]] },
      { hasHeaders: true, heading: (line) => `<${line}>` },
    );
    expect(text).toBe("<A   B>\naa  b\n");
  });
});
