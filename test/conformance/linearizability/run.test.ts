// The command on folders of its own making: right and wrong verdicts, damaged lines, nothing to do.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runLinearizability } from "./run.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quorate-histories-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

function file(path: string, ...lines: string[]): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), `${lines.join("\n")}\n`);
}

function run(): { code: number; lines: string[]; text: string } {
  const lines: string[] = [];
  const code = runLinearizability(root, { print: (line) => lines.push(line) });
  return { code, lines, text: lines.join("\n") };
}

const log = (...events: string[]): string[] =>
  events.map(
    (event) =>
      `INFO  jepsen.util - ${event.replaceAll(" :", "\t:").replace(/(:\w+) (?=[^:])/, "$1\t")}`,
  );

const edn = (process: number, type: string, rest: string): string =>
  `{:process ${process}, :type :${type}, ${rest}}`;

const wroteOne = ["0 :invoke :write 1", "0 :ok :write 1"];
const put = [
  edn(0, "invoke", ':f :put, :key "k", :value "x\\"y"'),
  edn(0, "ok", ':f :put, :key "k", :value "x\\"y"'),
  edn(1, "invoke", ':f :get, :key "k", :value nil'),
];
const gets = (value: string): string => edn(1, "ok", `:f :get, :key "k", :value "${value}"`);

describe("verdicts", () => {
  test("as published, of both formats, in folders below", () => {
    file("logs/good.log", ...log(...wroteOne, "1 :invoke :read nil", "1 :ok :read 1"));
    file("logs/bad.log", ...log(...wroteOne, "1 :invoke :read nil", "1 :ok :read nil"));
    file("logs/verdicts.tsv", "good.log\tlinearizable", "bad.log\tnot-linearizable");
    file("maps/a-ok.txt", ...put, gets('x\\"y'));
    file("maps/a-bad.txt", ...put, gets(""));
    file("maps/README.txt", "no history");
    const { code, lines } = run();
    expect(code).toBe(0);
    expect(lines[0]).toMatch(
      /^ok {3}logs\/good\.log: expected linearizable, given linearizable \(/,
    );
    expect(lines.filter((line) => line.startsWith("ok "))).toHaveLength(4);
    expect(lines.at(-1)).toBe("4 passed, 0 failed");
  });

  test("that differ fail, and a violation is explained", () => {
    file("a-ok.txt", ...put, gets("z"));
    file("b-bad.txt", ...put, gets('x\\"y'));
    const { code, lines, text } = run();
    expect(code).toBe(1);
    expect(text).toContain("FAIL a-ok.txt: expected linearizable, given not-linearizable");
    expect(text).toContain("FAIL b-bad.txt: expected not-linearizable, given linearizable");
    expect(text).toContain('client 1: get -> "z"');
    expect(lines.at(-1)).toBe("0 passed, 2 failed");
  });

  test.each([
    ["h.log", "garbage"],
    ["a-ok.txt", ""],
    ["a-bad.txt", ""],
  ])(
    "of %s with no operation in it fail: any verdict would be right about nothing",
    (name, text) => {
      file(name, text);
      if (name === "h.log") file("verdicts.tsv", "h.log\tlinearizable");
      expect(run().code).toBe(1);
      expect(run().text).toContain("QUORATE_LINEARIZABILITY_EMPTY");
    },
  );

  test("of a file that is not there fail", () => {
    file("verdicts.tsv", "gone.log\tlinearizable");
    expect(run()).toMatchObject({ code: 1 });
    expect(run().text).toContain("given missing");
  });
});

describe("a log", () => {
  const verdict = (...events: string[]): string => {
    file("h.log", "some other line", ...log(...events));
    file("verdicts.tsv", "h.log\tlinearizable");
    return /given (\S+)/.exec(run().text)?.[1] ?? "";
  };

  test("knows compare-and-set, done and refused", () => {
    const done = ["0 :invoke :cas [1 2]", "0 :ok :cas [1 2]"];
    const refused = ["0 :invoke :cas [1 2]", "0 :fail :cas [1 2]"];
    expect(verdict(...wroteOne, ...done)).toBe("linearizable");
    expect(verdict(...wroteOne, ...refused)).toBe("not-linearizable");
    expect(verdict(...wroteOne, ...done, ...refused)).toBe("linearizable");
  });

  test("knows operations of unknown outcome", () => {
    const late = ["0 :invoke :write 2", "0 :info :write :timed-out"];
    const reads = (value: string): string[] => ["1 :invoke :read nil", `1 :ok :read ${value}`];
    expect(verdict(...wroteOne, ...late, ...reads("1"), ...reads("2"))).toBe("linearizable");
    expect(verdict(...wroteOne, ...late, ...reads("2"), ...reads("1"))).toBe("not-linearizable");
    expect(verdict(...wroteOne, "2 :invoke :write 3", ...reads("3"))).toBe("linearizable");
    expect(verdict(...wroteOne, "0 :invoke :read nil", "0 :fail :read :timed-out")).toBe(
      "linearizable",
    );
  });
});

describe("a damaged line is named with its file, its number and a code", () => {
  test.each<[string, string[]]>([
    ["an answer without a call", log(...wroteOne, "0 :ok :write 1")],
    [
      "a call while another is open",
      log(...wroteOne, "1 :invoke :read nil", "1 :invoke :read nil"),
    ],
    ["an answer to something else", log(...wroteOne, "1 :invoke :write 2", "1 :ok :write 3")],
    ["an unreadable call", log(...wroteOne, "1 :invoke :cas [1")],
    ["an unreadable answer", log(...wroteOne, "1 :invoke :read nil", "1 :ok :read x")],
  ])("%s", (_, lines) => {
    file("h.log", ...lines);
    file("verdicts.tsv", "h.log\tlinearizable");
    const { code, text } = run();
    expect(code).toBe(1);
    expect(text).toContain(`QUORATE_LINEARIZABILITY_BAD_LINE: h.log:${lines.length}: `);
    expect(text).toContain("0 passed, 1 failed");
  });

  test.each<[string, string]>([
    ["not a map", "put k v"],
    ["a broken map", '{:process 1, :type :ok, :f :get, :key "k}'],
    ["no process", '{:type :ok, :f :get, :key "k", :value ""}'],
    ["an unknown type", edn(1, "maybe", ':f :get, :key "k", :value ""')],
    ["an unknown operation", edn(2, "invoke", ':f :swap, :key "k", :value ""')],
    ["another key", edn(1, "ok", ':f :get, :key "other", :value ""')],
    ["a value that is no text", edn(1, "ok", ':f :get, :key "k", :value nil')],
  ])("%s", (_, line) => {
    file("h-ok.txt", ...put, line);
    const { code, text } = run();
    expect(code).toBe(1);
    expect(text).toContain("QUORATE_LINEARIZABILITY_BAD_LINE: h-ok.txt:4: ");
  });
});

describe("nothing to judge", () => {
  test("a folder without histories", () => {
    file("notes.txt", "nothing");
    const { code, text } = run();
    expect(code).toBe(2);
    expect(text).toContain("QUORATE_LINEARIZABILITY_NOTHING_KNOWN");
  });

  test("a folder that is not there", () => {
    rmSync(root, { recursive: true });
    const { code, text } = run();
    expect(code).toBe(2);
    expect(text).toContain("QUORATE_LINEARIZABILITY_BAD_FOLDER");
  });

  test.each(["h.log\tperhaps", "h.log", "h.log\tlinearizable\nh.log\tlinearizable"])(
    "a list of verdicts that cannot be read: %j",
    (list) => {
      file("verdicts.tsv", list);
      const { code, text } = run();
      expect(code).toBe(2);
      expect(text).toContain("QUORATE_LINEARIZABILITY_BAD_LINE");
    },
  );
});
