import { beforeEach, describe, expect, test } from "vitest";
import type { LogFields, Logger } from "../../../../src/base/logger.ts";
import {
  quietRepeats,
  repeatForgottenMs,
  repeatsMax,
} from "../../../../src/server/system/quiet-repeats.ts";

let written: [level: string, fields: LogFields, message: string][];
let nowMs: number;
let logger: Logger;

function collecting(bound: LogFields): Logger {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void => {
      written.push([level, { ...bound, ...fields }, message]);
    };
  return {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: (fields) => collecting({ ...bound, ...fields }),
  };
}

beforeEach(() => {
  written = [];
  nowMs = 0;
  logger = quietRepeats(collecting({}), { nowMs: () => nowMs });
});

const levels = (): string[] => written.map(([level]) => level);
const refused = (fields: LogFields): void => {
  logger.warn({ code: "FOREIGN", reason: "another cluster", ...fields }, "peer refused");
};

describe("a coded warning", () => {
  test("is one line, however often it comes", () => {
    for (let i = 0; i < 5; i += 1) refused({ caller: `10.0.0.1:${String(40_000 + i)}` });
    expect(levels()).toEqual(["warn", "debug", "debug", "debug", "debug"]);
  });

  test("of another kind, for another reason or about another peer is news", () => {
    refused({ caller: "10.0.0.1:1" });
    refused({ caller: "10.0.0.2:1" });
    refused({ caller: "10.0.0.1:1", reason: "another life" });
    refused({ caller: "10.0.0.1:1", code: "NOT_ADMITTED" });
    refused({ peer: 2 });
    refused({ peer: 3 });
    logger.warn({ code: "FOREIGN", reason: "another cluster", peer: 2 }, "message refused");
    expect(levels()).toEqual(Array.from({ length: 7 }, () => "warn"));
  });

  test("is remembered by all children together", () => {
    logger.child({ room: "transport" }).warn({ code: "X", reason: "r" }, "m");
    logger.child({ room: "transport" }).child({ a: 1 }).warn({ code: "X", reason: "r" }, "m");
    expect(levels()).toEqual(["warn", "debug"]);
    expect(written[1]?.[1]).toMatchObject({ room: "transport", a: 1, code: "X" });
  });

  test("is news again after a long silence, not after a long time of repeats", () => {
    for (let i = 0; i < 4; i += 1) {
      refused({ peer: 1 });
      nowMs += repeatForgottenMs - 1;
    }
    nowMs += 1;
    refused({ peer: 1 });
    expect(levels()).toEqual(["warn", "debug", "debug", "debug", "warn"]);
  });
});

describe("more kinds than can be remembered", () => {
  const warned = (): number => levels().filter((level) => level === "warn").length;

  test("are one warning more, and push out nothing that is remembered", () => {
    for (let peer = 0; peer < 3 * repeatsMax; peer += 1) refused({ peer });
    expect(warned()).toBe(repeatsMax + 1);
    refused({ peer: 1 });
    expect(warned()).toBe(repeatsMax + 1);
  });

  test("find room when others are forgotten", () => {
    for (let peer = 0; peer < repeatsMax; peer += 1) refused({ peer });
    nowMs = repeatForgottenMs;
    for (let peer = 0; peer < repeatsMax; peer += 1) refused({ peer: -1 - peer });
    expect(warned()).toBe(2 * repeatsMax);
  });
});

test("everything else is passed on", () => {
  for (let i = 0; i < 2; i += 1) {
    logger.warn({ a: 1 }, "uncoded");
    logger.error({ code: "X" }, "error");
    logger.info({ code: "X" }, "info");
    logger.debug({ code: "X" }, "debug");
  }
  expect(levels()).toEqual(["warn", "error", "info", "debug", "warn", "error", "info", "debug"]);
});
