import { destination, type LoggerOptions, type Logger as Pino, pino, stdTimeFunctions } from "pino";
import type { LogFields, Logger } from "../../base/logger.ts";

export const logLevels = ["debug", "info", "warn", "error"] as const;
export type LogLevel = (typeof logLevels)[number];

const standardError = 2;

/** Keys of every line; a field of the same name would make the line have the key twice. */
const ownKeys = ["level", "time", "msg"];

function renamed(fields: LogFields): LogFields {
  if (!ownKeys.some((name) => name in fields)) return fields;
  const pairs = Object.entries(fields);
  return Object.fromEntries(
    pairs.map(([name, value]) => [ownKeys.includes(name) ? `${name}_` : name, value]),
  );
}

// pino's own children write their fields beside those of their parent: two with a `room` would make a line with the key
// twice, which JSON readers resolve differently. So each line is written with all its fields, merged here.
function wrap(root: Pino, bound: LogFields): Logger {
  const write =
    (level: LogLevel) =>
    (fields: LogFields, message: string): void => {
      if (root.isLevelEnabled(level)) root[level](renamed({ ...bound, ...fields }), message);
    };
  return {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
    child: (fields) => wrap(root, { ...bound, ...fields }),
  };
}

/** The form of the sentinel's lines, so that one reader understands both: level as text, time in ISO 8601. */
const form: LoggerOptions = {
  base: null,
  formatters: { level: (label) => ({ level: label }) },
  timestamp: stdTimeFunctions.isoTime,
};

/**
 * JSON lines on standard error (or on the given descriptor). Written synchronously: a server that stops or crashes has
 * lost no line (pino's transports and buffers lose the last ones).
 */
export function jsonLogger(
  level: LogLevel,
  fields: LogFields,
  descriptor: number = standardError,
): Logger {
  return wrap(pino({ ...form, level }, destination({ dest: descriptor, sync: true })), fields);
}
