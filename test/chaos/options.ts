// The command line: `npm run chaos -- --minutes M [--seed N] [--servers 3|5] [--loopback] [--keep] [--json FILE]`.
import { parseArgs } from "node:util";
import { whyUnwritable } from "../../bench/lib/json-file.ts";
import { chaosErrors } from "./errors.ts";

/** Of one run. */
export interface ChaosOptions {
  readonly seed: number;
  readonly servers: number;
  readonly minutes: number;
  /** False: all servers on loopback, no network faults. */
  readonly hasNetwork: boolean;
  readonly say: (line: string) => void;
  /** Logs, data and history stay after a good run, too. */
  readonly keep?: boolean;
  /** Ends the run early, with everything cleaned up. */
  readonly signal?: AbortSignal;
}

export interface ChaosArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly servers: number;
  readonly hasNetwork: boolean;
  readonly keep: boolean;
  readonly json: string | undefined;
}

const uint32Max = 0xffff_ffff;
const minutesMax = 24 * 60;

function parsed(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        minutes: { type: "string", default: "2" },
        seed: { type: "string" },
        servers: { type: "string", default: "3" },
        loopback: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        json: { type: "string" },
      },
    }).values;
  } catch (cause) {
    const { message, code = "" } = cause as NodeJS.ErrnoException;
    if (!code.startsWith("ERR_PARSE_ARGS_")) throw cause;
    throw chaosErrors.BAD_OPTION(message, { cause });
  }
}

function seedOf(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= uint32Max) return Number(text);
  throw chaosErrors.BAD_OPTION(`--seed must be a whole number up to ${uint32Max}, not "${text}"`);
}

/** Throws QUORATE_CHAOS_BAD_OPTION. `drawSeed` is asked when none is given. */
export function readArguments(words: readonly string[], drawSeed: () => number): ChaosArguments {
  const { minutes, seed, servers, loopback, keep, json } = parsed(words);
  const time = Number(minutes);
  if (!/^\d+(\.\d+)?$/.test(minutes) || time <= 0 || time > minutesMax) {
    throw chaosErrors.BAD_OPTION(
      `--minutes must be above 0 and at most ${minutesMax}, not "${minutes}"`,
    );
  }
  if (servers !== "3" && servers !== "5") {
    throw chaosErrors.BAD_OPTION(`--servers must be 3 or 5, not "${servers}"`);
  }
  const why = json === undefined ? undefined : whyUnwritable(json);
  if (why !== undefined) throw chaosErrors.BAD_OPTION(`--json: ${why}`);
  return {
    minutes: time,
    seed: seed === undefined ? drawSeed() : seedOf(seed),
    servers: Number(servers),
    hasNetwork: !loopback,
    keep,
    json,
  };
}
