import { expect, test } from "vitest";
import { defined } from "../../../../src/base/assert.ts";
import type { Broken } from "../../../sim/checkers/linearizability/explanation.ts";
import { explain } from "../../../sim/checkers/linearizability/explanation.ts";
import { HistoryRecorder } from "../../../sim/checkers/linearizability/history.ts";
import {
  type RegisterInput,
  type RegisterOutput,
  registerModel,
} from "../../../sim/checkers/linearizability/models/register.ts";
import { verdictOf } from "./histories.ts";

type Register = Broken<RegisterInput, RegisterOutput, unknown>;

/** A stale read after nine writes, with a write beside it; correct again afterwards. */
function broken(): Register {
  const recorder = new HistoryRecorder<RegisterInput, RegisterOutput>();
  const call = (client: string, input: RegisterInput) =>
    recorder.called({ client, key: "x", input });
  for (let value = 1; value <= 9; value += 1) {
    call("a", { kind: "write", value }).answered({ kind: "done" });
  }
  const beside = call("b", { kind: "write", value: 10 });
  call("c", { kind: "read" }).answered({ kind: "value", value: 8 });
  beside.answered({ kind: "done" });
  call("c", { kind: "read" }).answered({ kind: "value", value: 10 });
  const verdict = verdictOf(registerModel, recorder.operations());
  return defined(verdict.kind === "not-linearizable" ? verdict.broken : undefined, "a violation");
}

test("the prefix ends where the answer that cannot be returned", () => {
  const { brokenAt, blocking, placed, unplaced } = broken();
  expect(brokenAt).toBe(21);
  expect(blocking).toMatchObject({ client: "c", calledAt: 20, output: { value: 8 } });
  expect(placed.slice(0, 9).map(({ client }) => client)).toEqual(Array(9).fill("a"));
  expect(unplaced).toContainEqual(blocking);
  expect([...placed, ...unplaced]).toHaveLength(11);
});

test("it is told in a few lines", () => {
  const text = explain(broken(), registerModel);
  expect(text).toContain('key "x" is linearizable up to time 21, where read -> 8 of client c');
  expect(text).toContain("[20, 21] client c: read -> 8");
  expect(text).not.toContain("client a: write 1\n");
  expect(text.split("\n").length).toBeLessThan(15);
});

test("an answer that was lost is shown as it was recorded", () => {
  const recorder = new HistoryRecorder<RegisterInput, RegisterOutput>();
  const call = (input: RegisterInput) => recorder.called({ client: "a", key: "x", input });
  call({ kind: "write", value: 1 });
  call({ kind: "read" }).answered({ kind: "value", value: 1 });
  call({ kind: "read" }).answered({ kind: "value", value: null });
  const verdict = verdictOf(registerModel, recorder.operations());
  const { placed, blocking } = defined(
    verdict.kind === "not-linearizable" ? verdict.broken : undefined,
    "a violation",
  );
  expect(placed[0]).toMatchObject({ input: { kind: "write" }, output: undefined });
  expect(blocking).toMatchObject({ output: { value: null } });
});
