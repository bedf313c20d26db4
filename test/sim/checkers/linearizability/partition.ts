// The operations of one key, made ready for the search.
import type { Model, Operation } from "./model.ts";
import { followTraces } from "./traces.ts";

export interface Partition<Input, Output> {
  /** Known outcomes first, in the order of their calls; then unknown ones, in the order of theirs. */
  readonly operations: readonly Operation<Input, Output>[];
  /** The same as they were recorded. */
  readonly recorded: readonly Operation<Input, Output>[];
  readonly requiredCount: number;
  /** Operation → 1 if it leaves the object as it is. */
  readonly observes: Uint8Array;
  /** Operation of unknown outcome → the one before it with the same input; -1 = none. */
  readonly twins: Int32Array;
}

/** One list for each key, in the order of the first calls. */
export function byKey<Input, Output>(
  operations: readonly Operation<Input, Output>[],
): Map<string, Operation<Input, Output>[]> {
  const parts = new Map<string, Operation<Input, Output>[]>();
  for (const operation of operations) {
    const part = parts.get(operation.key);
    if (part === undefined) parts.set(operation.key, [operation]);
    else part.push(operation);
  }
  return parts;
}

/** A read of unknown outcome says nothing and is left out. */
export function partition<Input, Output, State>(
  all: readonly Operation<Input, Output>[],
  model: Model<Input, Output, State>,
): Partition<Input, Output> {
  const { traces } = model;
  const followed = traces === undefined ? all : followTraces(all, traces);
  const pairs = followed
    .map((operation, at) => ({ operation, recorded: all[at]! }))
    .sort((a, b) => a.operation.calledAt - b.operation.calledAt);
  const required = pairs.filter(({ operation }) => operation.output !== undefined);
  const optional = pairs
    .filter(({ operation: { input, output } }) => {
      return output === undefined && !model.observes(input, output);
    })
    .map(({ operation, recorded }) => ({
      operation: { ...operation, returnedAt: Infinity },
      recorded,
    }));
  const ordered = [...required, ...optional];
  const operations = ordered.map(({ operation }) => operation);
  return {
    operations,
    recorded: ordered.map(({ recorded }) => recorded),
    requiredCount: required.length,
    observes: Uint8Array.from(operations, ({ input, output }) =>
      Number(model.observes(input, output)),
    ),
    twins: twinsOf(operations, required.length),
  };
}

function twinsOf(operations: readonly Operation<unknown, unknown>[], from: number): Int32Array {
  const twins = new Int32Array(operations.length).fill(-1);
  const latest = new Map<string, number>();
  for (let at = from; at < operations.length; at += 1) {
    const input = JSON.stringify(operations[at]?.input);
    twins[at] = latest.get(input) ?? -1;
    latest.set(input, at);
  }
  return twins;
}
