// Small histories for the checker's tests.
import fc from "fast-check";
import { checkHistory, type Verdict } from "../../../sim/checkers/linearizability/check.ts";
import type { Model, Operation } from "../../../sim/checkers/linearizability/model.ts";

/** Stands still: nothing here takes time. */
export const noTime = { nowMs: (): number => 0 };

export function verdictOf<Input, Output, State>(
  model: Model<Input, Output, State>,
  operations: readonly Operation<Input, Output>[],
): Verdict<Input, Output, State> {
  return checkHistory({ model, operations, clock: noTime });
}

type Times = readonly [calledAt: number, returnedAt: number];

/** `at(0, 2)(input, output)`: one operation of key `k`, each of a client of its own. */
export function at(...[calledAt, returnedAt]: Times) {
  return <Input, Output>(input: Input, output: Output | undefined): Operation<Input, Output> => ({
    client: `c${calledAt}`,
    key: "k",
    input,
    output,
    calledAt,
    returnedAt: output === undefined ? Infinity : returnedAt,
  });
}

export const latest = 8;

/** Some operations at random times; many are concurrent, some touch each other's ends. */
export function historyOf<Input, Output>(
  operation: fc.Arbitrary<readonly [Input, Output | undefined]>,
  maxLength: number,
): fc.Arbitrary<Operation<Input, Output>[]> {
  const timed = fc
    .tuple(operation, fc.integer({ min: 0, max: latest }), fc.integer({ min: 0, max: 4 }))
    .map(([[input, output], calledAt, lasts]) => at(calledAt, calledAt + lasts)(input, output));
  return fc.array(timed, { minLength: 2, maxLength });
}
