// The format of datadriven test files (github.com/cockroachdb/datadriven): a directive line, optional input
// lines, a line `----`, and the expected output up to a blank line. An output that has blank lines itself
// stands between doubled `----` lines.
import { conformanceErrors } from "../../errors.ts";

export interface Argument {
  readonly key: string;
  /** Empty for a bare word; `key=value` has one, `key=(a,b)` as many as there are commas and one more. */
  readonly values: readonly string[];
}

export interface Directive {
  /** Of the directive line in its file, from 1. */
  readonly line: number;
  readonly text: string;
  readonly command: string;
  readonly args: readonly Argument[];
  /** Without leading and trailing blanks. */
  readonly input: string;
  /** Every line ends with a line feed; empty when nothing is expected. */
  readonly expected: string;
}

const separator = "----";
const word = /^ *(?:[^\s=]+=\([^)]*\)|(?![^\s=]+=\()\S+)(?: +|$)/;

/** The directives of a file, in order; throws `QUORATE_CONFORMANCE_BAD_FILE`. */
export function parseFile(text: string): Directive[] {
  const reader = new Lines(text);
  const directives: Directive[] = [];
  for (;;) {
    const line = reader.next();
    if (line === undefined) return directives;
    const trimmed = line.trim();
    if (trimmed === "" || trimmed.startsWith("#")) continue;
    directives.push(readDirective(reader, trimmed));
  }
}

function readDirective(reader: Lines, first: string): Directive {
  const line = reader.number;
  let text = first;
  while (text.endsWith("\\")) {
    text = `${text.slice(0, -1).trimEnd()} ${(reader.next() ?? "").trim()}`.trim();
  }
  const [command, ...args] = splitWords(text, line);
  const input: string[] = [];
  for (;;) {
    const next = reader.next();
    if (next === undefined) throw bad(line, `"${text}" is not followed by ${separator}`);
    if (next === separator) break;
    input.push(next);
  }
  const expected = readExpected(reader, line)
    .map((each) => `${each}\n`)
    .join("");
  const parsed = args.map((arg) => readArgument(arg));
  return {
    line,
    text,
    command: command ?? "",
    args: parsed,
    input: input.join("\n").trim(),
    expected,
  };
}

function splitWords(text: string, line: number): string[] {
  const words: string[] = [];
  let rest = text;
  while (rest.trim() !== "") {
    const found = word.exec(rest)?.[0];
    if (found === undefined) throw bad(line, `cannot read the directive from "${rest}" on`);
    words.push(found.trim());
    rest = rest.slice(found.length);
  }
  return words;
}

function readArgument(text: string): Argument {
  const at = text.indexOf("=");
  if (at < 0) return { key: text, values: [] };
  const value = text.slice(at + 1);
  const list = value.length > 2 && value.startsWith("(") && value.endsWith(")");
  const values = list ? value.slice(1, -1).split(",") : [value];
  return { key: text.slice(0, at), values: values.map((each) => each.trim()) };
}

function readExpected(reader: Lines, directive: number): string[] {
  const lines: string[] = [];
  let line = reader.next();
  if (line !== separator) {
    for (; line !== undefined && line.trim() !== ""; line = reader.next()) lines.push(line);
    return lines;
  }
  for (;;) {
    line = reader.next();
    if (line === undefined) throw bad(directive, `the doubled ${separator} is not closed`);
    if (line !== separator) {
      lines.push(line);
      continue;
    }
    const second = reader.next();
    if (second === separator) break;
    lines.push(line, second ?? "");
  }
  const after = reader.next();
  if (after !== undefined && after !== "") {
    throw bad(directive, `no blank line after the closing ${separator}`);
  }
  return lines;
}

class Lines {
  readonly #lines: readonly string[];
  /** Lines read so far. */
  number = 0;

  constructor(text: string) {
    const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
    if (lines.at(-1) === "") lines.pop();
    this.#lines = lines;
  }

  next(): string | undefined {
    const line = this.#lines[this.number];
    if (line !== undefined) this.number += 1;
    return line;
  }
}

function bad(line: number, what: string): Error {
  return conformanceErrors.BAD_FILE(`line ${String(line)}: ${what}`, { fields: { line } });
}
