// The checker against the definition, on small random histories. Half a property is worth nothing here: both
// verdicts must come up often.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Model } from "../../../sim/checkers/linearizability/model.ts";
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
import { isLinearizable } from "./brute-force.ts";
import { historyOf, verdictOf } from "./histories.ts";

const runs = 3_000;
const bothVerdictsMin = runs / 20;

/** How often the two said yes and no, over random histories. Fails where they differ. */
function compare<Input, Output, State>(
  model: Model<Input, Output, State>,
  operation: fc.Arbitrary<readonly [Input, Output | undefined]>,
): { yes: number; no: number } {
  const counts = { yes: 0, no: 0 };
  fc.assert(
    fc.property(historyOf(operation, 6), (operations) => {
      const byDefinition = isLinearizable(operations, model.initial, (state, input, output) => {
        const next = model.step(state, input, output);
        return next === undefined ? [] : [next];
      });
      counts[byDefinition ? "yes" : "no"] += 1;
      const { kind } = verdictOf(model, operations);
      expect(kind).toBe(byDefinition ? "linearizable" : "not-linearizable");
    }),
    { numRuns: runs },
  );
  return counts;
}

function registerOperations(values: number) {
  const value = fc.integer({ min: 1, max: values });
  const read = fc.constant<RegisterInput>({ kind: "read" });
  const write = fc.record({ kind: fc.constant("write" as const), value });
  const cas = fc.record({ kind: fc.constant("cas" as const), from: value, to: value });
  const done = fc.constant<RegisterOutput>({ kind: "done" });
  const refused = fc.constant<RegisterOutput>({ kind: "refused" });
  const seen = fc.option(value).map<RegisterOutput>((found) => ({ kind: "value", value: found }));
  const unknown = fc.constant(undefined);
  return fc.oneof(
    fc.tuple(read, fc.oneof({ weight: 5, arbitrary: seen }, { weight: 1, arbitrary: unknown })),
    fc.tuple(write, fc.oneof(done, unknown)),
    fc.tuple(cas, fc.oneof(done, refused, unknown)),
  );
}

describe("the checker says what the definition says", () => {
  test.each([2, 6])("of registers with %i values", (values) => {
    const { yes, no } = compare(registerModel, registerOperations(values));
    expect(Math.min(yes, no)).toBeGreaterThan(bothVerdictsMin);
  });

  test("of texts", () => {
    const letter = fc.constantFrom("a", "b");
    const change = fc.record({
      kind: fc.constantFrom("put" as const, "append" as const),
      value: letter,
    });
    const done = fc.option(fc.constant<TextOutput>({ kind: "done" }), { nil: undefined });
    const seen = fc
      .string({ unit: letter, maxLength: 3 })
      .map<TextOutput>((value) => ({ kind: "value", value }));
    const operation = fc.oneof(
      fc.tuple(fc.constant<TextInput>({ kind: "get" }), seen),
      fc.tuple<[TextInput, TextOutput | undefined]>(change, done),
    );
    const { yes, no } = compare(textModel, operation);
    expect(Math.min(yes, no)).toBeGreaterThan(bothVerdictsMin);
  });
});
