// What strangers, or servers with an old idea of the membership, do at the peer door they do many times a second until
// they are up to date. One warning tells it all; the repeats are there for whoever asks for debug lines.
import type { Clock } from "../../base/clock.ts";
import type { LogFields, Logger } from "../../base/logger.ts";
import { minute } from "../../base/units.ts";

/** A warning that did not come for so long is news again. */
export const repeatForgottenMs: number = 10 * minute;
/** Warnings remembered at a time. Above it all others count as one, whoever they are about: a crowd fills no disk. */
export const repeatsMax = 1000;

const crowd = "the others";

/** host of host:port: the port of a caller is another one each time. */
function hostOf(caller: unknown): string {
  return typeof caller === "string" ? caller.slice(0, caller.lastIndexOf(":")) : "";
}

/** The kind of a warning and the peer that it is about. */
function keyOf({ code, peer, caller, reason }: LogFields, message: string): string {
  return JSON.stringify([message, code, reason, peer ?? hostOf(caller)]);
}

/** `logger`, with each kind of coded warning once per peer and reason; its repeats become debug lines. */
export function quietRepeats(logger: Logger, clock: Pick<Clock, "nowMs">): Logger {
  return wrap(logger, { clock, seenMs: new Map() });
}

interface Memory {
  readonly clock: Pick<Clock, "nowMs">;
  readonly seenMs: Map<string, number>;
}

function isRepeat({ clock, seenMs }: Memory, key: string): boolean {
  const now = clock.nowMs();
  forget(seenMs, now - repeatForgottenMs);
  const known = seenMs.has(key) || seenMs.size < repeatsMax ? key : crowd;
  const isKnown = seenMs.delete(known);
  seenMs.set(known, now);
  return isKnown;
}

/** What did not come since `untilMs`: it stands in front, as whatever comes goes to the end. */
function forget(seenMs: Map<string, number>, untilMs: number): void {
  for (const [key, lastMs] of seenMs) {
    if (lastMs > untilMs) return;
    seenMs.delete(key);
  }
}

function wrap(logger: Logger, memory: Memory): Logger {
  return {
    debug: (fields, message) => {
      logger.debug(fields, message);
    },
    info: (fields, message) => {
      logger.info(fields, message);
    },
    warn: (fields, message) => {
      const repeats = "code" in fields && isRepeat(memory, keyOf(fields, message));
      logger[repeats ? "debug" : "warn"](fields, message);
    },
    error: (fields, message) => {
      logger.error(fields, message);
    },
    child: (fields) => wrap(logger.child(fields), memory),
  };
}
