export type LogFields = Readonly<Record<string, unknown>>;

/**
 * Structured log: fields carry the data, `message` is a constant phrase. One info line per state
 * transition; child loggers carry a `room` field.
 */
export interface Logger {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string): void;
  child(fields: LogFields): Logger;
}

/** Drops everything: the default of the embedded library and of tests. */
export const silentLogger: Logger = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  child: () => silentLogger,
};
