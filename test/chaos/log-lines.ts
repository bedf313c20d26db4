// The servers' logs as data: sentinel and server process write JSON lines of one form into one file.

export interface LogLine {
  readonly level: string;
  readonly msg: string;
  readonly timeMs: number;
  readonly code: unknown;
  readonly exitCode: unknown;
  readonly error: unknown;
  readonly role: unknown;
  readonly pid: unknown;
}

/** Lines that are not JSON are kept whole: a crash of the runtime writes such. */
export function readLog(text: string): LogLine[] {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map(readLine);
}

function readLine(line: string): LogLine {
  const nothing = { code: "", exitCode: 0, error: "", role: "", pid: 0 };
  const plain = { level: "plain", msg: line, timeMs: 0, ...nothing };
  if (!line.startsWith("{")) return plain;
  try {
    const { time, ...rest } = JSON.parse(line) as Partial<LogLine> & { readonly time?: string };
    return { ...plain, msg: "", ...rest, timeMs: Date.parse(time ?? "") };
  } catch (error) {
    // The last line of a process that was killed while it wrote.
    if (error instanceof SyntaxError) return plain;
    throw error;
  }
}
