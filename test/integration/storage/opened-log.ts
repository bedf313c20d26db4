// A log opened as a server opens it, and what is in it.
import { QuorateError } from "../../../src/base/errors.ts";
import type { LogFields, Logger } from "../../../src/base/logger.ts";
import { index, term } from "../../../src/base/numbers.ts";
import type { Entry, HardState } from "../../../src/raft/types.ts";
import type { LevelLogStore } from "../../../src/storage/level/log-store.ts";
import { openLog } from "../../../src/storage/level/open-log.ts";

export interface Opened {
  /** The code of the refusal. */
  readonly refused: string | undefined;
  readonly last: number;
  readonly hardState: HardState | undefined;
  /** Every entry is the one that was written. */
  readonly isIntact: boolean;
  readonly lines: readonly string[];
}

class Lines implements Logger {
  readonly lines: string[] = [];
  debug(_fields: LogFields, message: string): void {
    this.lines.push(message);
  }
  info(_fields: LogFields, message: string): void {
    this.lines.push(message);
  }
  warn(_fields: LogFields, message: string): void {
    this.lines.push(message);
  }
  error(_fields: LogFields, message: string): void {
    this.lines.push(message);
  }
  child(): Logger {
    return this;
  }
}

/** Bytes without a pattern that could pass for something else, of every size from none to several sectors. */
export function entryAt(number: number): Entry {
  const data = Buffer.from(
    Array.from({ length: (number * 97) % 1500 }, (_, i) => {
      return (Math.imul(i + number, 2654435761) >>> 13) % 256;
    }),
  );
  return { index: index(number), term: term(1 + Math.floor(number / 5)), type: "normal", data };
}

function look(log: LevelLogStore): Pick<Opened, "last" | "hardState" | "isIntact"> {
  const last = log.view.lastIndex();
  const entries = last === 0 ? [] : log.view.entries(index(1), index(last + 1), 1 << 30);
  const isIntact =
    entries?.length === last &&
    entries.every(({ data }, i) => Buffer.from(data).equals(Buffer.from(entryAt(i + 1).data)));
  return { last, hardState: log.view.initialHardState(), isIntact };
}

/** Never creates anything. */
export async function openAndLook(directory: string): Promise<Opened> {
  const logger = new Lines();
  const { lines } = logger;
  try {
    const log = await openLog({ directory, isNew: false }, { logger });
    const seen = look(log);
    await log.close();
    return { refused: undefined, ...seen, lines };
  } catch (error) {
    // A person who reads it without a code is not told what to do.
    const refused = error instanceof QuorateError ? error.code : `no code: ${String(error)}`;
    return { refused, last: 0, hardState: undefined, isIntact: true, lines };
  }
}
