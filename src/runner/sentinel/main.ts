// Entry of the sentinel process. Imports nothing but node's own modules and this folder, so that it stays small.
import type { WallClock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { Sentinel, type SentinelOptions } from "./sentinel.ts";
import { BootClock, jsonLogger, LineWriter, monotonicClock } from "./system.ts";

const stderrDescriptor = 2;
const flushMs = 200;
const defectExitCode = 70;

/**
 * Runs the sentinel until the machine is told to stop (SIGTERM, SIGINT, SIGHUP, or the server process says goodbye)
 * and leaves the process with its exit code: 0 after an ordered end; the server process's own code when it never got
 * as far as accepting its configuration; 70 after a defect (then every job was killed).
 */
export function runSentinel(options: SentinelOptions): void {
  const writer = new LineWriter(stderrDescriptor);
  const logger = jsonLogger(writer, { room: "sentinel", pid: process.pid });
  const bootClock = new BootClock();
  bootClock.open();
  const wallClock: WallClock = { wallMs: () => Date.now() };
  const leave = (code: number): void => {
    void writer.flush(flushMs).then(() => process.exit(code));
  };
  const sentinel = new Sentinel(options, {
    clock: monotonicClock,
    wallClock,
    sleepClocks: bootClock,
    logger,
    exit: leave,
  });
  const defect = (error: unknown): void => {
    sentinel.killEverything();
    logger.error(
      { error: messageOf(error), stack: (error as Error).stack ?? "" },
      "defect: all jobs were killed",
    );
    leave(defectExitCode);
  };
  process.on("uncaughtException", defect);
  process.on("unhandledRejection", defect);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    process.on(name, () => void sentinel.shutDown());
  }
  sentinel.start();
}
