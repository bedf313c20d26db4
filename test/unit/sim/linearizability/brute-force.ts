// Linearizability by its definition: any order of the operations that keeps who returned before whom was called,
// with any part of the unknown ones left out. No memo, no list, nothing of the checker but its types.
import type { Operation } from "../../../sim/checkers/linearizability/model.ts";

/** All states that the step may lead to. */
type Steps<Input, Output, State> = (
  state: State,
  input: Input,
  output: Output | undefined,
) => readonly State[];

export function isLinearizable<Input, Output, State>(
  operations: readonly Operation<Input, Output>[],
  initial: State,
  steps: Steps<Input, Output, State>,
): boolean {
  if (operations.every(({ output }) => output === undefined)) return true;
  return operations.some((operation) => {
    const rest = operations.filter((other) => other !== operation);
    if (rest.some((other) => other.returnedAt < operation.calledAt)) return false;
    return steps(initial, operation.input, operation.output).some((state) =>
      isLinearizable(rest, state, steps),
    );
  });
}
