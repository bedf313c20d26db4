// What holds for every command: where the servers are, how to print. A flag wins over the environment, the
// environment over the default.
import { cliErrors } from "./errors.ts";

const addressDefault = "127.0.0.1:7471";
const timeoutMsMax = 86_400_000;

export type Environment = Readonly<Record<string, string | undefined>>;

export type OutputFormat = "table" | "json";

/** The global flags as they were given. */
export interface GlobalFlags {
  readonly addr?: string;
  readonly output?: string;
  readonly timeout?: string;
  readonly headers: boolean;
  readonly color: boolean;
}

export interface Settings {
  readonly addresses: readonly string[];
  readonly output: OutputFormat;
  readonly timeoutMs: number | undefined;
  readonly hasHeaders: boolean;
  readonly isColourAllowed: boolean;
  readonly actor: string;
}

function format(text: string): OutputFormat {
  if (text === "table" || text === "json") return text;
  throw cliErrors.USAGE(`the output format is "${text}"; it must be table or json`);
}

/** A whole number that a flag was given. */
export function wholeNumber(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || value > max) {
    throw cliErrors.USAGE(`${flag} is "${text}"; it must be a whole number up to ${String(max)}`);
  }
  return value;
}

export function toSettings(flags: GlobalFlags, environment: Environment): Settings {
  const addresses = flags.addr ?? environment["QUORATE_ADDR"] ?? addressDefault;
  const user = environment["USER"] ?? "";
  return {
    addresses: addresses.split(",").map((address) => address.trim()),
    output: format(flags.output ?? environment["QUORATE_OUTPUT"] ?? "table"),
    timeoutMs:
      flags.timeout === undefined
        ? undefined
        : Math.max(1, wholeNumber("--timeout", flags.timeout, timeoutMsMax)),
    hasHeaders: flags.headers,
    isColourAllowed: flags.color && (environment["NO_COLOR"] ?? "") === "",
    actor: user === "" ? "cli" : `cli:${user}`,
  };
}

/**
 * The output format as far as it can be told from words that did not parse: an error about the command line is
 * printed in the format that was asked for.
 */
export function requestedOutput(argv: readonly string[], environment: Environment): OutputFormat {
  const end = argv.indexOf("--");
  const words = end < 0 ? argv : argv.slice(0, end);
  let text = environment["QUORATE_OUTPUT"] ?? "table";
  for (const [at, word] of words.entries()) {
    if (word === "-o" || word === "--output") text = words[at + 1] ?? text;
    else if (word.startsWith("--output=")) text = word.slice("--output=".length);
    else if (/^-o[a-z]/.test(word)) text = word.slice(2);
  }
  return text === "json" ? "json" : "table";
}
