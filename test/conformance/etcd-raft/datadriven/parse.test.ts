import { describe, expect, test } from "vitest";
import { parseFile } from "./parse.ts";

const one = (text: string) => parseFile(text)[0];

describe("the datadriven format", () => {
  test("a directive, its input and its expected output up to a blank line", () => {
    const text =
      "# a comment\n\npropose-conf-change 1 v1=true\nv3  \n----\nok\nmore\n\nstatus 1\n----\n";
    expect(parseFile(text)).toEqual([
      {
        line: 3,
        text: "propose-conf-change 1 v1=true",
        command: "propose-conf-change",
        args: [
          { key: "1", values: [] },
          { key: "v1", values: ["true"] },
        ],
        input: "v3",
        expected: "ok\nmore\n",
      },
      {
        line: 9,
        text: "status 1",
        command: "status",
        args: [{ key: "1", values: [] }],
        input: "",
        expected: "",
      },
    ]);
  });

  test("lists may have blanks after their commas; words may have quotes", () => {
    expect(one('committed cfg=(1) idx=(13, 100) "foo"\n----\n')?.args).toEqual([
      { key: "cfg", values: ["1"] },
      { key: "idx", values: ["13", "100"] },
      { key: '"foo"', values: [] },
    ]);
  });

  test("a line that ends with a backslash goes on", () => {
    expect(one("add-nodes 3 \\\n  index=10\n----\nok\n")).toMatchObject({
      text: "add-nodes 3 index=10",
      line: 1,
    });
  });

  test("an output with blank lines stands between doubled separators", () => {
    const text = "raft-log 1\n----\n----\na\n\n----\nb\n----\n----\n\nstatus 1\n----\nok\n";
    const [first, second] = parseFile(text);
    expect(first?.expected).toBe("a\n\n----\nb\n");
    expect(second).toMatchObject({ command: "status", expected: "ok\n" });
  });

  test.each([
    ["campaign 1\n", 'line 1: "campaign 1" is not followed by ----'],
    ["\ncommitted cfg=(1,2\n----\n", 'line 2: cannot read the directive from "cfg=(1,2" on'],
    ["status 1\n----\n----\na\n", "line 1: the doubled ---- is not closed"],
    ["status 1\n----\n----\n----\n----\nb\n", "line 1: no blank line after the closing ----"],
  ])("%j is malformed", (text, message) => {
    expect(() => parseFile(text)).toThrow(
      expect.objectContaining({ code: "QUORATE_CONFORMANCE_BAD_FILE", message }),
    );
  });
});
