// The sentinel's own clocks and log. It shares none with the server, because it must work when the server does not.
import { closeSync, openSync, readSync, write } from "node:fs";
import type { Clock } from "../../base/clock.ts";
import type { LogFields, Logger } from "../../base/logger.ts";
import { second } from "../../base/units.ts";
import { sentinelErrors } from "./errors.ts";
import { logLinesQueuedMax } from "./limits.ts";
import type { SleepClocks } from "./suspend.ts";

export const monotonicClock: Clock = {
  nowMs: () => performance.now(),
  after: (delayMs, callback) => {
    const timer = setTimeout(callback, Math.max(0, delayMs));
    return () => clearTimeout(timer);
  },
  yield: (callback) => {
    const immediate = setImmediate(callback);
    return () => clearImmediate(immediate);
  },
};

/** CLOCK_BOOTTIME through /proc/uptime (procfs(5): seconds since boot, sleep included, two decimals). */
export class BootClock implements SleepClocks {
  #descriptor = -1;
  readonly #buffer = Buffer.alloc(64);

  open(): void {
    try {
      this.#descriptor = openSync("/proc/uptime", "r");
    } catch (cause) {
      throw sentinelErrors.NO_PROC("cannot read /proc/uptime", { cause });
    }
  }

  close(): void {
    if (this.#descriptor >= 0) closeSync(this.#descriptor);
    this.#descriptor = -1;
  }

  monotonicMs(): number {
    return monotonicClock.nowMs();
  }

  bootMs(): number {
    const length = readSync(this.#descriptor, this.#buffer, 0, this.#buffer.length, 0);
    return Number.parseFloat(this.#buffer.toString("latin1", 0, length)) * second;
  }
}

const retryAfterMs = 50;

/**
 * JSON lines on a file descriptor. A write to a pipe or a terminal that nobody reads blocks its caller; here it may
 * only block one thread of the pool, never the loop that holds the lease. What does not fit the queue is dropped
 * and counted.
 */
export class LineWriter {
  readonly #descriptor: number;
  #lines: string[] = [];
  #dropped = 0;
  #isWriting = false;
  #drained: (() => void)[] = [];

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  line(text: string): void {
    if (this.#lines.length >= logLinesQueuedMax) {
      this.#dropped += 1;
      return;
    }
    this.#lines.push(text);
    this.#pump();
  }

  /** Resolves when everything was written, at the latest after `boundMs`. */
  async flush(boundMs: number): Promise<void> {
    if (!this.#isWriting) return;
    await new Promise<void>((resolve) => {
      const cancel = monotonicClock.after(boundMs, resolve);
      this.#drained.push(() => {
        cancel();
        resolve();
      });
    });
  }

  #pump(): void {
    if (this.#isWriting || this.#lines.length === 0) return;
    this.#isWriting = true;
    if (this.#dropped > 0) {
      this.#lines.push(
        JSON.stringify({ level: "warn", msg: "log lines dropped", dropped: this.#dropped }),
      );
      this.#dropped = 0;
    }
    const bytes = Buffer.from(this.#lines.join("\n") + "\n");
    this.#lines = [];
    this.#write(bytes);
  }

  #write(bytes: Buffer): void {
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === "EAGAIN") {
        monotonicClock.after(retryAfterMs, () => this.#write(bytes));
        return;
      }
      // Any other error means that the reader is gone for good; there is no one left to tell.
      if (error === null && written < bytes.length) {
        this.#write(bytes.subarray(written));
        return;
      }
      this.#isWriting = false;
      if (this.#lines.length > 0) this.#pump();
      else for (const drained of this.#drained.splice(0)) drained();
    });
  }
}

export function jsonLogger(writer: LineWriter, bound: LogFields): Logger {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void =>
      writer.line(
        JSON.stringify({
          level,
          time: new Date().toISOString(),
          ...bound,
          ...fields,
          msg: message,
        }),
      );
  return {
    debug: () => undefined,
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => jsonLogger(writer, { ...bound, ...fields }),
  };
}
