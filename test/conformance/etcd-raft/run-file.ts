// Runs one datadriven file and compares the whole output of every directive.
import { messageOf, QuorateError } from "../../../src/base/errors.ts";
import { type Directive, parseFile } from "./datadriven/parse.ts";

/** Makes the answerer of one file; it keeps state from directive to directive. */
export type Suite = () => (directive: Directive) => string;

/** Undefined when every output is as expected; else the first difference, in lines. */
export function runFile(suite: Suite, text: string): readonly string[] | undefined {
  try {
    const answer = suite();
    const directives = parseFile(text);
    if (directives.length === 0) return ["the file holds no directive"];
    for (const directive of directives) {
      const difference = compare(directive, answerOf(answer, directive));
      if (difference !== undefined) return difference;
    }
    return undefined;
  } catch (error) {
    if (error instanceof QuorateError) return [`${error.code}: ${error.message}`, error.help];
    throw error;
  }
}

/** An output always ends with a line feed. */
function answerOf(answer: (directive: Directive) => string, directive: Directive): string {
  try {
    const text = answer(directive);
    return text === "" || text.endsWith("\n") ? text : `${text}\n`;
  } catch (error) {
    if (error instanceof QuorateError) throw error;
    return `the core failed: ${messageOf(error)}\n`;
  }
}

function compare(directive: Directive, actual: string): string[] | undefined {
  const { expected, line, text } = directive;
  if (actual === expected) return undefined;
  const [wanted, got] = [linesOf(expected), linesOf(actual)];
  const at = wanted.findIndex((each, i) => each !== got[i]);
  const differs = at < 0 ? wanted.length : at;
  return [
    `line ${line}: ${text}`,
    `the output differs from its line ${differs + 1} on`,
    "expected:",
    ...wanted.map((each) => `  ${each}`),
    "actual:",
    ...got.map((each) => `  ${each}`),
  ];
}

function linesOf(text: string): string[] {
  return text === "" ? [] : text.slice(0, -1).split("\n");
}
