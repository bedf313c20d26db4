// What the command lines of benchmarks and simulator have in common: whatever is wrong with one is found before
// anything runs, and told as a coded error.
import { type Command, CommanderError } from "commander";
import { whyUnwritable } from "./json-file.ts";

type Refusal = (message: string, details?: { readonly cause: unknown }) => Error;

/** False = help was asked for, and printed. Throws what `refuse` makes of a mistake. */
export function parseWords(command: Command, words: readonly string[], refuse: Refusal): boolean {
  try {
    command.exitOverride().configureOutput({ writeErr: () => undefined });
    command.parse(words, { from: "user" });
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return false;
    throw refuse(thrown.message.replace(/^error: /, ""), { cause: thrown });
  }
  const { json } = command.opts<{ readonly json?: string }>();
  const why = json === undefined ? undefined : whyUnwritable(json);
  if (why !== undefined) throw refuse(`--json: ${why}`);
  return true;
}
