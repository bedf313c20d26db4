import { describe, expect, test } from "vitest";
import type { ErrorKind } from "../../../src/base/errors.ts";
import { Course, type Safety, unreachablePatienceMs } from "../../../src/client/course.ts";
import { clientErrors } from "../../../src/client/errors.ts";
import { type Failure, unreachable } from "../../../src/client/failure.ts";
import { refusal } from "./fake-server.ts";

const untilMs = 10_000;
const courseOf = (safety: Safety, addresses = 1): Course =>
  new Course({ safety, startMs: 0, untilMs, addresses });

const refused = (kind: ErrorKind, code?: string): Failure => ({
  kind: "refused",
  error: refusal(kind, code),
});
const broken: Failure = { kind: "broken", error: clientErrors.NO_ANSWER("broke") };
const strange: Failure = { kind: "strange", error: clientErrors.BAD_ANSWER("strange") };
const dead = unreachable("a:1");

interface Row {
  readonly failure: Failure;
  readonly name: string;
  readonly repeated: readonly Safety[];
}

const all: readonly Safety[] = ["read", "once", "bare"];
const rules: readonly Row[] = [
  { name: "unavailable", failure: refused("unavailable"), repeated: all },
  { name: "unknown", failure: refused("unknown"), repeated: ["read", "once"] },
  { name: "forgotten", failure: refused("unknown", "QUORATE_STATE_UNKNOWN_REQUEST"), repeated: [] },
  { name: "broken", failure: broken, repeated: ["read", "once"] },
  { name: "strange", failure: strange, repeated: [] },
  { name: "dead", failure: dead, repeated: all },
  ...(["invalid", "not-found", "conflict", "precondition", "exhausted", "internal"] as const).map(
    (kind) => ({ name: kind, failure: refused(kind), repeated: [] }),
  ),
];

describe("what may be repeated", () => {
  for (const { name, failure, repeated } of rules) {
    test(`${name}: ${repeated.length === 0 ? "nothing" : repeated.join(", ")}`, () => {
      expect(all.filter((safety) => courseOf(safety).mayRetry(failure, 1))).toEqual(repeated);
    });
  }

  test("nothing after the deadline", () => {
    for (const { failure } of rules) {
      expect(courseOf("read").mayRetry(failure, untilMs)).toBe(false);
    }
  });

  test("every address is dialled, then the patience decides", () => {
    const course = courseOf("read", 3);
    expect(course.mayRetry(dead, unreachablePatienceMs)).toBe(true);
    expect(course.mayRetry(dead, unreachablePatienceMs)).toBe(true);
    expect(course.mayRetry(dead, unreachablePatienceMs)).toBe(false);
  });

  test("a write in doubt dials until its deadline", () => {
    const course = courseOf("once");
    course.mayRetry(broken, 1);
    expect(course.mayRetry(dead, untilMs - 1)).toBe(true);
  });
});

describe("pauses", () => {
  test("none while there is an address that was not dialled; then they grow to a bound", () => {
    const course = courseOf("read", 2);
    course.mayRetry(dead, 1);
    expect(course.pauseMs(1)).toBe(0);
    course.mayRetry(dead, 1);
    const pauses = Array.from({ length: 8 }, () => course.pauseMs(1));
    expect(pauses).toEqual([25, 50, 100, 200, 400, 500, 500, 500]);
  });

  test("chance takes away half at most", () => {
    const course = courseOf("read");
    course.mayRetry(refused("unavailable"), 1);
    expect(course.pauseMs(0)).toBe(12.5);
  });
});

describe("what the caller is told", () => {
  function told(safety: Safety, ...failures: readonly Failure[]): string {
    const course = courseOf(safety, 2);
    for (const failure of failures) course.mayRetry(failure, 1);
    return course.conclusion(failures.at(-1)!).code;
  }

  test("a read that nobody answered", () => {
    expect(told("read", broken)).toBe("QUORATE_CLIENT_NO_ANSWER");
    expect(told("read", dead, dead)).toBe("QUORATE_CLIENT_UNREACHABLE");
    expect(told("read", refused("unavailable", "QUORATE_X"), broken)).toBe("QUORATE_X");
  });

  test("a write that may have been done is in doubt until a server decides", () => {
    for (const last of [broken, dead, strange, refused("unavailable"), refused("exhausted")]) {
      expect(told("once", broken, last)).toBe("QUORATE_CLIENT_OUTCOME_UNKNOWN");
    }
    expect(told("once", broken, refused("conflict", "QUORATE_C"))).toBe("QUORATE_C");
    expect(told("bare", broken)).toBe("QUORATE_CLIENT_OUTCOME_UNKNOWN");
  });

  test("a write that never left is not", () => {
    expect(told("once", dead, dead)).toBe("QUORATE_CLIENT_UNREACHABLE");
    expect(told("bare", refused("unavailable", "QUORATE_N"), dead)).toBe("QUORATE_N");
  });
});
