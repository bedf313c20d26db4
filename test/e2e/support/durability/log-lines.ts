// What a machine has written into its log: JSON lines of sentinel and server process.
import type { Machine } from "../../../../bench/lib/local-cluster.ts";

export interface LogLine {
  readonly level?: string;
  readonly msg?: string;
  readonly code?: string;
  readonly help?: string;
  readonly exitCode?: number;
}

function parsed(line: string): LogLine {
  try {
    return JSON.parse(line) as LogLine;
  } catch (error) {
    // Node's own words, or a line that is being written.
    if (error instanceof SyntaxError) return { msg: line };
    throw error;
  }
}

/** The lines behind the first `from` characters. */
function logLines(machine: Machine, from = 0): readonly LogLine[] {
  return machine
    .log()
    .slice(from)
    .split("\n")
    .filter((line) => line !== "")
    .map(parsed);
}

/** Why server processes of this machine could not go on, in order. */
export function fatalLines(machine: Machine, from = 0): readonly LogLine[] {
  return logLines(machine, from).filter(
    ({ level, code }) => level === "error" && code !== undefined && code !== "",
  );
}

/** Exit codes of server processes that the sentinel then started again. */
export function restarts(machine: Machine, from = 0): readonly number[] {
  return logLines(machine, from).flatMap(({ exitCode }) =>
    exitCode === undefined ? [] : [exitCode],
  );
}
