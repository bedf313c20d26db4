import { expect, test } from "vitest";
import { AssertionFailed } from "../../../../src/base/assert.ts";
import { HistoryRecorder } from "../../../sim/checkers/linearizability/history.ts";

test("open calls are unknown, calls without effect are left out, the rest has its times", () => {
  const recorder = new HistoryRecorder<string, string>();
  const call = (input: string) => recorder.called({ client: "a", key: "k", input });
  const first = call("answered");
  call("open");
  call("failed").hadNoEffect();
  first.answered("yes");
  expect(recorder.operations()).toEqual([
    { client: "a", key: "k", input: "answered", output: "yes", calledAt: 1, returnedAt: 5 },
    { client: "a", key: "k", input: "open", output: undefined, calledAt: 2, returnedAt: Infinity },
  ]);
});

test("a call ends once", () => {
  const call = new HistoryRecorder<string, string>().called({ client: "a", key: "k", input: "" });
  call.answered("yes");
  expect(() => {
    call.hadNoEffect();
  }).toThrow(AssertionFailed);
});
