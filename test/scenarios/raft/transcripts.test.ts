// The transcripts beside this file, in the language of etcd-io/raft's interaction tests
// (test/conformance/etcd-raft): every line of every output is compared.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { interactionSuite } from "../../conformance/etcd-raft/interaction/suite.ts";
import { runFile } from "../../conformance/etcd-raft/run-file.ts";

const folder: string = import.meta.dirname;
const files: readonly string[] = readdirSync(folder)
  .filter((name) => name.endsWith(".txt"))
  .sort();

function read(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

/** The text with its last line of output that has a digit changed in that digit. */
function planted(text: string): string {
  const lines = text.split("\n");
  const at = lines.findLastIndex((line) => /\d/.test(line) && !line.startsWith("#"));
  const line = lines[at] ?? "";
  lines[at] = line.replace(/\d(?=\D*$)/, (digit) => (digit === "9" ? "8" : "9"));
  return lines.join("\n");
}

describe("raft transcripts", () => {
  test("there are some", () => {
    expect(files.length).toBeGreaterThan(5);
  });

  test.each(files)("%s", (name) => {
    expect(runFile(interactionSuite, read(name))?.join("\n")).toBeUndefined();
  });

  test("with everybody at the highest election priority, which is off, not a line changes", () => {
    for (const name of files) {
      const text = read(name);
      if (text.includes("x-election-priority")) continue;
      const same = text.replace(/^add-nodes .*$/gm, (line) => `${line} x-election-priority=3`);
      expect(runFile(interactionSuite, same)?.join("\n")).toBeUndefined();
    }
  });

  test.each(files)("%s is refused with one digit changed", (name) => {
    const failure = runFile(interactionSuite, planted(read(name)));
    expect(failure?.join("\n")).toMatch(/^line \d+: .*\nthe output differs from its line \d+ on/);
  });
});
