// One register with compare-and-set, absent (null) in the beginning.
import { unreachable } from "../../../../../src/base/assert.ts";
import type { Model, Traces } from "../model.ts";
import { unseenValue } from "../traces.ts";

type Value = number | string | null;

export type RegisterInput =
  | { readonly kind: "read" }
  | { readonly kind: "write"; readonly value: Value }
  | { readonly kind: "cas"; readonly from: Value; readonly to: Value };

export type RegisterOutput =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "done" }
  /** Of a compare-and-set: the value was not `from`. */
  | { readonly kind: "refused" };

function stepOf(
  state: Value,
  input: RegisterInput,
  output: RegisterOutput | undefined,
): Value | undefined {
  switch (input.kind) {
    case "read":
      return output === undefined || (output.kind === "value" && output.value === state)
        ? state
        : undefined;
    case "write":
      return output === undefined || output.kind === "done" ? input.value : undefined;
    case "cas":
      if (output?.kind === "refused") return state === input.from ? undefined : state;
      if (state !== input.from) return undefined;
      return output === undefined || output.kind === "done" ? input.to : undefined;
    default:
      return unreachable(input);
  }
}

const trace = (value: Value): string => JSON.stringify(value);

/** The value that the operation found in the register. */
function foundBy(input: RegisterInput, output: RegisterOutput | undefined): Value | undefined {
  if (input.kind === "cas" && output?.kind === "done") return input.from;
  return output?.kind === "value" ? output.value : undefined;
}

const traces: Traces<RegisterInput, RegisterOutput> = {
  written: (input, output) => {
    if (input.kind === "read" || output?.kind === "refused") return undefined;
    const value = input.kind === "write" ? input.value : input.to;
    return value === null ? undefined : trace(value);
  },
  mentioned: (input, output) => {
    if (input.kind === "cas") return [trace(input.from)];
    return output?.kind === "value" ? [trace(output.value)] : [];
  },
  seen: (input, output) => {
    const value = foundBy(input, output);
    return value === undefined ? undefined : { value: trace(value), answer: { kind: "done" } };
  },
  withUnseen: (input) => {
    if (input.kind === "read") return input;
    return input.kind === "write"
      ? { ...input, value: unseenValue }
      : { ...input, to: unseenValue };
  },
};

const endOf = (output: RegisterOutput | undefined): string => {
  if (output === undefined) return " ?";
  return output.kind === "refused" ? " refused" : "";
};

export const registerModel: Model<RegisterInput, RegisterOutput, Value> = {
  initial: null,
  step: stepOf,
  identity: (state) => JSON.stringify(state),
  traces,
  observes: (input, output) => input.kind === "read" || output?.kind === "refused",
  describe: (input, output) => {
    switch (input.kind) {
      case "read":
        return `read -> ${output?.kind === "value" ? JSON.stringify(output.value) : "?"}`;
      case "write":
        return `write ${JSON.stringify(input.value)}${endOf(output)}`;
      case "cas":
        return `cas ${JSON.stringify(input.from)} -> ${JSON.stringify(input.to)}${endOf(output)}`;
      default:
        return unreachable(input);
    }
  },
};
