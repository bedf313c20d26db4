import { defineErrors, type ErrorCatalogue } from "../../../src/base/errors.ts";

type Names = "BAD_FOLDER" | "BAD_LINE" | "EMPTY" | "NOTHING_KNOWN";

export const historyErrors: ErrorCatalogue<Names> = defineErrors<Names>("LINEARIZABILITY", {
  BAD_FOLDER: {
    kind: "invalid",
    help: "Name a folder that exists and can be read.",
  },
  BAD_LINE: {
    kind: "invalid",
    help: "Compare the file with the original: a history with a damaged line has no verdict.",
  },
  EMPTY: {
    kind: "invalid",
    help: "Compare the file with the original: any verdict would be right about nothing.",
  },
  NOTHING_KNOWN: {
    kind: "not-found",
    help: "Name a folder, or a parent of one, that holds a verdicts.tsv beside its histories, or key-value histories named *-ok.txt and *-bad.txt.",
  },
});

export interface Line {
  readonly file: string;
  /** From 1. */
  readonly number: number;
  readonly text: string;
}

const quotedCharsMax = 120;

export function badLine({ file, number, text }: Line, what: string): Error {
  const quoted = JSON.stringify(text.slice(0, quotedCharsMax));
  return historyErrors.BAD_LINE(`${file}:${number}: ${what}: ${quoted}`, {
    fields: { file, line: number },
  });
}

/** The lines of a file that hold anything. */
export function linesOf(file: string, text: string): Line[] {
  return text
    .split(/\r?\n/)
    .map((line, index) => ({ file, number: index + 1, text: line }))
    .filter((line) => line.text.trim() !== "");
}
