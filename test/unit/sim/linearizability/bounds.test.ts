// A check that cannot be finished says so, and which bound it was.
import { describe, expect, test } from "vitest";
import { checkHistory } from "../../../sim/checkers/linearizability/check.ts";
import type { Operation } from "../../../sim/checkers/linearizability/model.ts";
import {
  type TextInput,
  type TextOutput,
  textModel,
} from "../../../sim/checkers/linearizability/models/text.ts";
import { at, noTime } from "./histories.ts";

type Op = Operation<TextInput, TextOutput>;

const appendCount = 12;

/** All appends at once, and then an answer that no order of them gives: every order has to be tried. */
const hard: Op[] = Array.from({ length: appendCount }, (_, n) =>
  at(0, 1)<TextInput, TextOutput>({ kind: "append", value: `${n} ` }, { kind: "done" }),
);
const impossible = at(2, 3)<TextInput, TextOutput>({ kind: "get" }, { kind: "value", value: "" });
const onKey = (key: string, operations: readonly Op[]): Op[] =>
  operations.map((operation) => ({ ...operation, key }));

const easy = onKey("easy", [
  at(0, 1)<TextInput, TextOutput>({ kind: "put", value: "x" }, { kind: "done" }),
]);
const broken = onKey("broken", [...easy, impossible]);

/** Each look costs a millisecond. */
function ticking() {
  let now = 0;
  return {
    nowMs: () => {
      now += 1;
      return now;
    },
  };
}

const ofTime = { clock: ticking(), durationMsMax: 20 };
const ofMemory = { clock: noTime, memoryBytesMax: 100_000 };

describe.each([
  ["time", ofTime],
  ["memory", ofMemory],
] as const)("the bound of %s", (bound, bounds) => {
  const check = (...operations: Op[]) => checkHistory({ model: textModel, operations, ...bounds });

  test("leads to an unknown verdict that names it", () => {
    const verdict = check(...easy, ...hard, impossible);
    expect(verdict).toMatchObject({ kind: "unknown", bound, key: "k" });
  });

  test("does not hide a violation of another key", () => {
    expect(check(...broken, ...hard, impossible).kind).toBe("not-linearizable");
  });

  test("is not hit by what is easy", () => {
    expect(check(...easy).kind).toBe("linearizable");
  });
});

test("memory stays below its bound, and a bound of nothing is a bound", () => {
  const operations = [...hard, impossible];
  const tight = checkHistory({ model: textModel, operations, ...ofMemory });
  expect(tight.effort.memoryBytesPeak).toBeLessThanOrEqual(ofMemory.memoryBytesMax);
  expect(tight.effort.configurations).toBeGreaterThan(100);
  const none = checkHistory({ model: textModel, operations, clock: noTime, memoryBytesMax: 0 });
  expect(none).toMatchObject({ kind: "unknown", bound: "memory" });
});

test("memory that one key used up is there again for the next", () => {
  const keys = ["a", "b", "c"].flatMap((key) => onKey(key, [...hard, impossible]));
  const operations = [...keys, ...onKey("z", [...hard, ...hard, impossible]), ...broken];
  const verdict = checkHistory({ model: textModel, operations, ...ofMemory });
  expect(verdict).toMatchObject({ kind: "not-linearizable", broken: { key: "broken" } });
});

test("without time a history of one key is unknown, not linearizable", () => {
  const clock = { nowMs: () => 5 };
  const search = checkHistory({ model: textModel, operations: hard, clock, durationMsMax: -1 });
  expect(search).toMatchObject({ kind: "unknown", bound: "time" });
});
