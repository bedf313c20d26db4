// What a person needs to see of a history that is not linearizable: up to where it can be explained, and what does
// not fit there.
import type { Model, Operation } from "./model.ts";
import type { Partition } from "./partition.ts";
import type { Furthest } from "./search.ts";

export interface Broken<Input, Output, State> {
  readonly key: string;
  /**
   * The longest prefix of the key's history that is linearizable ends just before this time, at which `blocking`
   * returned. An answer that was lost counts as returned when what it wrote was seen.
   */
  readonly brokenAt: number;
  readonly blocking: Operation<Input, Output>;
  /** A valid order of that prefix. */
  readonly placed: readonly Operation<Input, Output>[];
  /** After `placed`. */
  readonly state: State;
  /** Called before then, certain to have happened, and not in `placed`: `blocking` is one of them. */
  readonly unplaced: readonly Operation<Input, Output>[];
}

export function brokenAt<Input, Output, State>(
  { operations, recorded, requiredCount }: Partition<Input, Output>,
  furthest: Furthest<State>,
): Broken<Input, Output, State> {
  const blocking = operations[furthest.blocking]!;
  const placed = new Set(furthest.placed);
  return {
    key: blocking.key,
    brokenAt: blocking.returnedAt,
    blocking: recorded[furthest.blocking]!,
    placed: furthest.placed.map((at) => recorded[at]!),
    state: furthest.state,
    unplaced: recorded
      .slice(0, requiredCount)
      .filter(({ calledAt }, at) => calledAt <= blocking.returnedAt && !placed.has(at)),
  };
}

const placedShownMax = 6;

/** A few lines of text; times are those of the history. */
export function explain<Input, Output, State>(
  { key, brokenAt: time, blocking, placed, state, unplaced }: Broken<Input, Output, State>,
  model: Model<Input, Output, State>,
): string {
  const line = ({ client, input, output, calledAt, returnedAt }: Operation<Input, Output>) =>
    `    [${calledAt}, ${returnedAt}] client ${client}: ${model.describe(input, output)}`;
  const shown = placed.slice(-placedShownMax);
  return [
    `key ${JSON.stringify(key)} is linearizable up to time ${time}, where ${model.describe(
      blocking.input,
      blocking.output,
    )} of client ${blocking.client} does not fit`,
    `  placed before: ${placed.length} operations${
      shown.length < placed.length ? `, the last ${shown.length} of them` : ""
    }`,
    ...shown.map(line),
    `  state then: ${model.identity(state)}`,
    `  cannot be placed: ${unplaced.length} operations`,
    ...unplaced.map(line),
  ].join("\n");
}
