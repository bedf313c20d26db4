import { describe, expect, test } from "vitest";
import {
  AssertionFailed,
  assert as assertHolds,
  defined,
  unreachable,
} from "../../../src/base/assert.ts";
import { defineErrors, type ErrorKind, messageOf, QuorateError } from "../../../src/base/errors.ts";
import { exitCodeOf, exitCodes } from "../../../src/base/exit-codes.ts";

const errors = defineErrors("ROOM", {
  GONE: { kind: "not-found", help: "Look elsewhere." },
  FULL: { kind: "exhausted", help: "Remove something." },
});

describe("a catalogue", () => {
  test("makes errors with code, kind, help, fields and cause", () => {
    const cause = new Error("disk");
    const error = errors.GONE("it is gone", { fields: { id: 7 }, cause });
    expect(error).toBeInstanceOf(QuorateError);
    expect(error.cause).toBe(cause);
    expect(error.toRecord()).toEqual({
      code: "QUORATE_ROOM_GONE",
      kind: "not-found",
      message: "it is gone",
      help: "Look elsewhere.",
      fields: { id: 7 },
    });
  });

  test("an error without details has no fields and no cause", () => {
    const error = errors.FULL("full");
    expect(error.fields).toEqual({});
    expect("cause" in error).toBe(false);
  });

  test("survives the way over a wire", () => {
    const record = errors.GONE("x", { fields: { a: true } }).toRecord();
    const far = new QuorateError(JSON.parse(JSON.stringify(record)) as typeof record);
    expect(far.toRecord()).toEqual(record);
    expect(far.message).toBe("x");
  });

  test("lists its lines by code", () => {
    expect([...errors.specs.keys()]).toEqual(["QUORATE_ROOM_GONE", "QUORATE_ROOM_FULL"]);
  });
});

describe("exit codes", () => {
  const expected: Readonly<Record<ErrorKind, number>> = {
    invalid: 2,
    "not-found": 5,
    "already-exists": 6,
    conflict: 6,
    precondition: 1,
    forbidden: 4,
    exhausted: 3,
    unavailable: 3,
    unknown: 7,
    corrupt: 1,
    internal: 1,
  };

  test.each(Object.entries(expected))("%s ends with %i", (kind, code) => {
    const record = { code: "X", message: "", help: "", fields: {} };
    expect(exitCodeOf(new QuorateError({ ...record, kind: kind as ErrorKind }))).toBe(code);
  });

  test("anything else is a failure, and no failure looks like success", () => {
    for (const thrown of [new Error("x"), "text", undefined, null]) {
      expect(exitCodeOf(thrown)).toBe(exitCodes.failed);
    }
    expect(Object.values(expected)).not.toContain(exitCodes.ok);
  });
});

describe("assertions", () => {
  test("throw with the message, and only when they do not hold", () => {
    expect(() => {
      assertHolds(true, "fine");
    }).not.toThrow();
    expect(() => {
      assertHolds(false, "broken");
    }).toThrow(new AssertionFailed("broken"));
    expect(defined(0, "zero")).toBe(0);
    expect(() => defined(undefined, "row")).toThrow("row is missing");
    expect(() => defined(null, "row")).toThrow(AssertionFailed);
    expect(() => unreachable("odd" as never)).toThrow('unexpected value: "odd"');
  });

  test("messageOf tells of anything that was thrown", () => {
    expect(messageOf(new Error("e"))).toBe("e");
    expect(messageOf("text")).toBe("text");
    expect(messageOf(undefined)).toBe("undefined");
  });
});
