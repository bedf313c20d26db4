// From the command line and the environment to raw values per option, each with its origin. Nothing is
// interpreted here beyond the option's form; settings.ts gives the values their meaning.
import { parseArgs } from "node:util";
import { messageOf } from "../../base/errors.ts";
import { serverErrors } from "../errors.ts";
import { type OptionName, type OptionSpec, serverOptions } from "./options.ts";

export type Origin = "flag" | "environment" | "default";

export interface RawValue {
  readonly text: string;
  readonly origin: Origin;
}

export type RawValues = Readonly<Record<OptionName, RawValue>>;

export type Environment = Readonly<Record<string, string | undefined>>;

/** `QUORATE_HTTP_PORT` for `http-port`. */
export function environmentName(name: string): string {
  return `QUORATE_${name.toUpperCase().replaceAll("-", "_")}`;
}

/** Number of single-character edits between two words (Levenshtein), for "did you mean". */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replace = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replace, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

const suggestionDistanceMax = 3;

function suggestion(flag: string): string {
  const distanceMax = Math.min(suggestionDistanceMax, Math.floor(flag.length / 2));
  const ranked = serverOptions
    .map(({ name }) => ({ name, distance: editDistance(flag, name) }))
    .sort((a, b) => a.distance - b.distance);
  const [best] = ranked;
  return best !== undefined && best.distance <= distanceMax ? `; did you mean --${best.name}?` : "";
}

/** A list may be given in several parts; of anything else the last one counts. */
function together(spec: OptionSpec, before: string | undefined, value: string): string {
  const adds = spec.kind === "list" || spec.kind === "labels";
  return adds && before !== undefined ? `${before},${value}` : value;
}

function readFlags(argv: readonly string[]): ReadonlyMap<string, string> {
  const options = Object.fromEntries(
    serverOptions.map(({ name, kind }) => [
      name,
      { type: kind === "flag" ? ("boolean" as const) : ("string" as const) },
    ]),
  );
  const flags = new Map<string, string>();
  try {
    const { tokens } = parseArgs({ args: [...argv], options, strict: false, tokens: true });
    for (const token of tokens) {
      if (token.kind === "positional") {
        throw serverErrors.UNKNOWN_OPTION(`"${token.value}" is not an option`);
      }
      if (token.kind !== "option") continue;
      const spec = serverOptions.find(({ name }) => name === token.name);
      if (spec === undefined) {
        throw serverErrors.UNKNOWN_OPTION(
          `there is no option ${token.rawName}${suggestion(token.name)}`,
        );
      }
      // `--data --id s1` takes the next flag for the value unless it is noticed here.
      const swallowed = token.inlineValue === false && token.value.startsWith("-");
      if (spec.kind !== "flag" && (token.value === undefined || swallowed)) {
        throw serverErrors.BAD_OPTION(`--${spec.name} needs a value (${spec.unit})`, {
          fields: { option: spec.name },
        });
      }
      flags.set(spec.name, together(spec, flags.get(spec.name), token.value ?? "true"));
    }
  } catch (error) {
    if (error instanceof TypeError)
      throw serverErrors.BAD_OPTION(messageOf(error), { cause: error });
    throw error;
  }
  return flags;
}

/** Reads all options; `argv` without the program and the verb. */
export function readOptions(argv: readonly string[], environment: Environment): RawValues {
  const flags = readFlags(argv);
  const entries = serverOptions.map(({ name, fallback }): [OptionName, RawValue] => {
    const flag = flags.get(name);
    if (flag !== undefined) return [name, { text: flag, origin: "flag" }];
    const variable = environment[environmentName(name)];
    if (variable !== undefined) return [name, { text: variable, origin: "environment" }];
    return [name, { text: fallback, origin: "default" }];
  });
  return Object.fromEntries(entries) as RawValues;
}
