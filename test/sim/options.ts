// The command line of the simulator.
import { Command, Option } from "commander";
import { parseWords } from "../../bench/lib/command-line.ts";
import { simErrors } from "./errors.ts";

export interface SimOptions {
  readonly seeds: number;
  readonly from: number;
  readonly minutes: number | undefined;
  readonly servers: number | undefined;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly mutations: boolean;
  /** Only the mutation of this name; undefined = all. */
  readonly mutation: string | undefined;
  /** Stop at the first seed that fails. */
  readonly failFast: boolean;
  /** Play each seed once only. */
  readonly once: boolean;
}

const safetySecondsDefault = 30;
const uint32Max = 0xffff_ffff;

function whole(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= min && value <= max) return value;
    throw simErrors.BAD_OPTION(
      `${name} must be a whole number from ${min} to ${max}, not "${text}"`,
    );
  };
}

function serversOf(text: string): number {
  const value = Number(text);
  if ([3, 5, 7].includes(value)) return value;
  throw simErrors.BAD_OPTION(`--servers must be 3, 5 or 7, not "${text}"`);
}

function minutesOf(text: string): number {
  const value = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && value > 0) return value;
  throw simErrors.BAD_OPTION(`--minutes must be a number above 0, not "${text}"`);
}

function commandOf(): Command {
  return new Command("npm run sim --")
    .description("Runs the shipped replica in a simulated world, seed by seed.")
    .addOption(new Option("--seed <n>", "this seed only").argParser(whole("--seed", 0, uint32Max)))
    .addOption(
      new Option("--seeds <k>", "so many seeds, one after the other")
        .argParser(whole("--seeds", 1, uint32Max))
        .conflicts("seed"),
    )
    .addOption(
      new Option("--from <s>", "the first of them")
        .argParser(whole("--from", 0, uint32Max))
        .conflicts("seed"),
    )
    .addOption(
      new Option("--minutes <m>", "seeds until this much time has passed").argParser(minutesOf),
    )
    .addOption(
      new Option("--servers <n>", "3, 5 or 7; otherwise each seed draws").argParser(serversOf),
    )
    .addOption(
      new Option("--seconds <n>", "virtual time with faults")
        .argParser(whole("--seconds", 1, 3600))
        .default(safetySecondsDefault),
    )
    .option("--json <file>", "writes the results there")
    .option("--fail-fast", "ends with the first seed that fails", false)
    .option("--once", "plays each seed once, without the check for equal runs", false)
    .option("--mutations", "checks that known bugs, put back in, are caught", false)
    .option("--mutation <name>", "the same for one of them")
    .allowExcessArguments(false);
}

interface Values {
  readonly seed?: number;
  readonly seeds?: number;
  readonly from?: number;
  readonly minutes?: number;
  readonly servers?: number;
  readonly seconds: number;
  readonly json?: string;
  readonly failFast: boolean;
  readonly once: boolean;
  readonly mutations: boolean;
  readonly mutation?: string;
}

/** Undefined = help was asked for, and printed. Throws QUORATE_SIM_BAD_OPTION. */
export function readOptions(words: readonly string[]): SimOptions | undefined {
  const command = commandOf();
  if (!parseWords(command, words, simErrors.BAD_OPTION)) return undefined;
  const values = command.opts<Values>();
  const endless = values.minutes === undefined ? 1 : uint32Max;
  return {
    seeds: values.seed === undefined ? (values.seeds ?? endless) : 1,
    from: values.seed ?? values.from ?? 1,
    minutes: values.minutes,
    servers: values.servers,
    seconds: values.seconds,
    json: values.json,
    mutations: values.mutations || values.mutation !== undefined,
    mutation: values.mutation,
    failFast: values.failFast,
    once: values.once,
  };
}
