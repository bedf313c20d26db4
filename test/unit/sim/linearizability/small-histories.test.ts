// One history for each way in which a store of several servers goes wrong, and the lawful one beside it.
import { describe, expect, test } from "vitest";
import type { Operation } from "../../../sim/checkers/linearizability/model.ts";
import {
  type RegisterInput,
  type RegisterOutput,
  registerModel,
} from "../../../sim/checkers/linearizability/models/register.ts";
import {
  type TextInput,
  type TextOutput,
  textModel,
} from "../../../sim/checkers/linearizability/models/text.ts";
import { at, verdictOf } from "./histories.ts";

type Op = Operation<RegisterInput, RegisterOutput>;
type Times = [number, number];

const done: RegisterOutput = { kind: "done" };
const write = (value: number, ...times: Times): Op => at(...times)({ kind: "write", value }, done);
const lostWrite = (value: number, calledAt: number): Op =>
  at(calledAt, Infinity)<RegisterInput, RegisterOutput>({ kind: "write", value }, undefined);
const read = (value: number | null, ...times: Times): Op =>
  at(...times)({ kind: "read" }, { kind: "value", value });
const cas = (from: number, to: number, ...times: Times): Op =>
  at(...times)({ kind: "cas", from, to }, done);
const refusedCas = (from: number, to: number, ...times: Times): Op =>
  at(...times)({ kind: "cas", from, to }, { kind: "refused" });

const kindOf = (...operations: Op[]): string => verdictOf(registerModel, operations).kind;

describe("a register is linearizable", () => {
  test.each<[string, Op[]]>([
    ["nothing happened", []],
    ["one after the other", [write(1, 0, 1), read(1, 2, 3), cas(1, 2, 4, 5), read(2, 6, 7)]],
    ["a read beside a write sees the old value", [write(1, 0, 1), write(2, 2, 9), read(1, 3, 4)]],
    [
      "a read beside a write sees the new value, and all later ones too",
      [write(1, 0, 1), write(2, 2, 9), read(2, 3, 4), read(2, 5, 6)],
    ],
    ["equal times are concurrent", [write(1, 0, 5), read(null, 5, 6)]],
    ["the unknown write never took effect", [write(1, 0, 1), lostWrite(2, 2), read(1, 8, 9)]],
    [
      "the unknown write took effect late, between two reads",
      [write(1, 0, 1), lostWrite(2, 2), read(1, 4, 5), read(2, 6, 7)],
    ],
    [
      "an unknown write that nobody saw explains a refusal",
      [write(1, 0, 1), lostWrite(2, 2), refusedCas(1, 3, 4, 5)],
    ],
    [
      "of two with one condition the later is refused",
      [write(0, 0, 1), cas(0, 1, 2, 5), refusedCas(0, 2, 2, 5)],
    ],
  ])("%s", (_, operations) => {
    expect(kindOf(...operations)).toBe("linearizable");
  });
});

describe("a register is not linearizable", () => {
  test.each<[string, Op[]]>([
    ["a stale read", [write(1, 0, 1), write(2, 2, 3), read(1, 4, 5)]],
    ["a lost update", [write(0, 0, 1), cas(0, 1, 2, 3), cas(0, 2, 4, 5)]],
    ["two winners of one condition", [write(0, 0, 1), cas(0, 1, 2, 5), cas(0, 2, 2, 5)]],
    [
      "a split brain: two sides see two values",
      [write(1, 0, 9), write(2, 0, 9), read(1, 10, 13), read(2, 11, 14), read(1, 15, 16)],
    ],
    ["new and old in turn", [write(1, 0, 1), write(2, 2, 9), read(2, 3, 4), read(1, 5, 6)]],
    ["a value from nowhere", [write(1, 0, 1), read(7, 2, 3)]],
    ["a value from the future", [read(1, 0, 1), write(1, 2, 3)]],
    ["an unknown write seen before it was called", [read(2, 0, 1), lostWrite(2, 2)]],
    [
      "an unknown write took effect twice",
      [write(1, 0, 1), lostWrite(2, 2), read(2, 4, 5), write(3, 6, 7), read(2, 8, 9)],
    ],
    ["a refusal without a reason", [write(1, 0, 1), refusedCas(1, 2, 2, 3)]],
  ])("%s", (_, operations) => {
    expect(kindOf(...operations)).toBe("not-linearizable");
  });
});

describe("a text", () => {
  const append = (value: string, ...times: Times) =>
    at(...times)({ kind: "append", value } as const, { kind: "done" } as const);
  const get = (value: string, ...times: Times) =>
    at(...times)({ kind: "get" } as const, { kind: "value", value } as const);

  test("two appends at once come in either order, for all readers the same", () => {
    const appends = [append("a", 0, 9), append("b", 0, 9)];
    expect(verdictOf(textModel, [...appends, get("ba", 10, 11)]).kind).toBe("linearizable");
    const split = [...appends, get("ba", 10, 11), get("ab", 10, 11)];
    expect(verdictOf(textModel, split).kind).toBe("not-linearizable");
  });
});

test("when a client gave up says nothing about when its operation took effect", () => {
  const lost = at(0, 9)<TextInput, TextOutput>({ kind: "append", value: "x" }, undefined);
  const get = (value: string, calledAt: number) =>
    at(calledAt, calledAt + 1)<TextInput, TextOutput>({ kind: "get" }, { kind: "value", value });
  for (const returnedAt of [1, 5, 9]) {
    const gaveUp = { ...lost, returnedAt };
    const seen = [get("", 2), get("x", 4), get("x", 11)];
    expect(verdictOf(textModel, [gaveUp, ...seen]).kind).toBe("linearizable");
    expect(verdictOf(textModel, [gaveUp, ...seen, get("", 13)]).kind).toBe("not-linearizable");
  }
});

describe("keys", () => {
  test("are judged each for itself, and the broken one is named", () => {
    const good = [write(1, 0, 1), read(1, 2, 3)].map((operation) => ({ ...operation, key: "a" }));
    const stale = [write(1, 0, 1), read(null, 2, 3)].map((op) => ({ ...op, key: "b" }));
    expect(verdictOf(registerModel, good)).toMatchObject({ effort: { keys: 1, operations: 2 } });
    const verdict = verdictOf(registerModel, [...good, ...stale]);
    expect(verdict).toMatchObject({ kind: "not-linearizable", broken: { key: "b" } });
  });
});
