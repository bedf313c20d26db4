// Operations of unknown outcome make a search hard: each may be anywhere, or nowhere. Clients of a good test write
// values that are told apart, and then most of it is no guess:
// - a value that was seen, and that only one operation can have written, was written, and before it was seen;
// - values that nobody saw or compared with are all alike, so their writers are interchangeable.
import type { Operation, Traces } from "./model.ts";

/** Stands for all values that nobody saw. No client writes it. */
export const unseenValue = "\u0000never seen";

interface Sighting<Output> {
  readonly answer: Output;
  readonly returnedAt: number;
}

function sightings<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  traces: Traces<Input, Output>,
): Map<string, Sighting<Output>> {
  const first = new Map<string, Sighting<Output>>();
  for (const { input, output, returnedAt } of operations) {
    const seen = traces.seen(input, output);
    if (seen === undefined) continue;
    const known = first.get(seen.value);
    if (known !== undefined && known.returnedAt <= returnedAt) continue;
    first.set(seen.value, { answer: seen.answer, returnedAt });
  }
  return first;
}

/** The same history of one key, in the same order, with less to guess and the same verdict. */
export function followTraces<Input, Output>(
  operations: readonly Operation<Input, Output>[],
  traces: Traces<Input, Output>,
): Operation<Input, Output>[] {
  const mentioned = new Set<string>();
  const writers = new Map<string, number>();
  for (const { input, output } of operations) {
    for (const value of traces.mentioned(input, output)) mentioned.add(value);
    const value = traces.written(input, output);
    if (value !== undefined) writers.set(value, (writers.get(value) ?? 0) + 1);
  }
  const seen = sightings(operations, traces);
  return operations.map((operation) => {
    const { input, output, calledAt } = operation;
    const value = traces.written(input, output);
    if (value === undefined) return operation;
    if (!mentioned.has(value)) return { ...operation, input: traces.withUnseen(input) };
    const sighting = seen.get(value);
    if (output !== undefined || writers.get(value) !== 1 || sighting === undefined)
      return operation;
    const { answer, returnedAt } = sighting;
    return returnedAt < calledAt ? operation : { ...operation, output: answer, returnedAt };
  });
}
