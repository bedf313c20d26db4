// How commands are declared, so that each looks alike: a noun, a verb, its examples, and an action that is handed a
// context. Nothing here loads what only a running command needs.
import { Argument, Command, type OptionValues } from "commander";
import type { CliContext } from "./context.ts";

/** What the user typed after a verb. */
export interface Input<Flags extends OptionValues = OptionValues> {
  readonly words: readonly string[];
  /** What came after `--`. */
  readonly rest: readonly string[];
  readonly flags: Flags;
}

export type Action<Flags extends OptionValues> = (
  context: CliContext,
  input: Input<Flags>,
) => Promise<void>;

/** Runs an action with a context made from the global flags. */
export type Runner = (work: (context: CliContext) => Promise<void>) => Promise<void>;

/**
 * Words after `--` are data even if they begin with a dash. They are marked with a character that no argument of a
 * process can contain, so that neither commander nor a second `--` can mistake them.
 */
const mark = "\0";

export function markRest(argv: readonly string[]): readonly string[] {
  const end = argv.indexOf("--");
  if (end < 0) return argv;
  return [...argv.slice(0, end), ...argv.slice(end + 1).map((word) => mark + word)];
}

export const unmarked = (text: string): string => text.replaceAll(mark, "");

export interface VerbSpec<Flags extends OptionValues> {
  readonly name: string;
  /** `<job>` is needed, `[prefix]` is not, `[words...]` are many; each with its description. */
  readonly args?: readonly (readonly [string, string])[];
  readonly text: string;
  /** Complete command lines, each with what it does. */
  readonly examples: readonly (readonly [string, string])[];
  /** True if words after `--` are handed on apart from the arguments. */
  readonly hasRest?: boolean;
  readonly options?: (command: Command) => Command;
  readonly action: Action<Flags>;
}

export function examplesText(examples: VerbSpec<OptionValues>["examples"]): string {
  const lines = examples.map(([line, text]) => `  ${line}\n      ${text}`);
  return `\nExamples:\n${lines.join("\n")}`;
}

/** A noun with its verbs. */
export function noun(name: string, text: string, verbs: readonly Command[]): Command {
  const command = new Command(name).description(text);
  for (const verb of verbs) command.addCommand(verb);
  return command;
}

export function verb<Flags extends OptionValues>(spec: VerbSpec<Flags>, run: Runner): Command {
  const { name, args = [], text, examples, hasRest = false, options, action } = spec;
  const command = new Command(name).description(text).addHelpText("after", examplesText(examples));
  for (const [form, description] of args) command.addArgument(new Argument(form, description));
  if (hasRest) command.argument("[rest...]", "after `--`: handed on as it is");
  options?.(command);
  command.action(async () => {
    const typed = command.args;
    const rest = hasRest ? typed.filter((word) => word.startsWith(mark)) : [];
    const words = hasRest ? typed.filter((word) => !word.startsWith(mark)) : typed;
    if (words.length > args.length && args.at(-1)?.[0].endsWith("...]") !== true) {
      command.error(`error: too many arguments. Put what belongs to the job after \`--\``);
    }
    const input = {
      words: words.map(unmarked),
      rest: rest.map(unmarked),
      flags: command.opts<Flags>(),
    };
    await run((context) => action(context, input));
  });
  return command;
}
