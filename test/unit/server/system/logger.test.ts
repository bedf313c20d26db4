import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Logger } from "../../../../src/base/logger.ts";
import { jsonLogger, type LogLevel } from "../../../../src/server/system/logger.ts";

let directory: string;
let descriptor: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-log-"));
  descriptor = openSync(join(directory, "log"), "a");
});
afterEach(() => {
  closeSync(descriptor);
  rmSync(directory, { recursive: true });
});

/** The lines that `write` makes, as text. */
function lines(write: (logger: Logger) => void, level: LogLevel = "info"): readonly string[] {
  write(jsonLogger(level, { pid: 7 }, descriptor));
  return readFileSync(join(directory, "log"), "utf8")
    .split("\n")
    .filter((line) => line !== "");
}

/** Keys as they stand in the line, also when one of them is there twice. */
function keysOf(line: string): string[] {
  return [...line.matchAll(/[{,]"([a-zA-Z_]+)":/g)].map(([, key]) => key!);
}

describe("a line of the log", () => {
  test("is JSON with the level as text and the time in ISO 8601, like the sentinel's", () => {
    const [line] = lines((logger) => {
      logger.info({ jobId: "j1" }, "job started");
    });
    const { time, ...rest } = JSON.parse(line!) as Record<string, string>;
    expect(rest).toEqual({ level: "info", pid: 7, jobId: "j1", msg: "job started" });
    expect(new Date(time!).toISOString()).toBe(time);
    expect(keysOf(line!)).toEqual(["level", "time", "pid", "jobId", "msg"]);
  });

  test("never has a key twice: the innermost child's field counts, and a line's own before it", () => {
    const written = lines((logger) => {
      const child = logger.child({ room: "replica", part: "x" });
      child.warn({}, "one");
      child.child({ room: "raft" }).warn({}, "two");
      child.child({ room: "raft" }).warn({ room: "own", pid: 1 }, "three");
    });
    const rooms = written.map((line) => (JSON.parse(line) as { room: string }).room);
    expect(rooms).toEqual(["replica", "raft", "own"]);
    for (const line of written) {
      const keys = keysOf(line);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });

  test("keeps fields that are called like its own under another name", () => {
    const [line] = lines((logger) => {
      logger.error({ level: 9, time: "later", msg: "inner" }, "outer");
    });
    expect(JSON.parse(line!)).toMatchObject({
      level: "error",
      msg: "outer",
      level_: 9,
      time_: "later",
      msg_: "inner",
    });
    expect(new Set(keysOf(line!)).size).toBe(keysOf(line!).length);
  });

  test("below the level is not written, by no child either", () => {
    const write = (logger: Logger): void => {
      logger.debug({}, "debug");
      logger.child({ room: "a" }).info({}, "info");
      logger.warn({}, "warn");
    };
    expect(lines(write, "warn")).toHaveLength(1);
    expect(lines(write, "debug")).toHaveLength(1 + 3);
  });
});
