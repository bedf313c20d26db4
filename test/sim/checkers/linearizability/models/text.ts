// One key of a map of texts with put, append and get; an empty text in the beginning.
import { unreachable } from "../../../../../src/base/assert.ts";
import type { Model } from "../model.ts";

export type TextInput =
  | { readonly kind: "get" }
  | { readonly kind: "put"; readonly value: string }
  | { readonly kind: "append"; readonly value: string };

export type TextOutput =
  | { readonly kind: "value"; readonly value: string }
  | { readonly kind: "done" };

export const textModel: Model<TextInput, TextOutput, string> = {
  initial: "",
  step: (state, input, output) => {
    switch (input.kind) {
      case "get":
        return output === undefined || (output.kind === "value" && output.value === state)
          ? state
          : undefined;
      case "put":
        return output?.kind === "value" ? undefined : input.value;
      case "append":
        return output?.kind === "value" ? undefined : state + input.value;
      default:
        return unreachable(input);
    }
  },
  identity: (state) => state,
  observes: (input) => input.kind === "get",
  describe: (input, output) => {
    if (input.kind === "get") {
      return `get -> ${output?.kind === "value" ? JSON.stringify(output.value) : "?"}`;
    }
    return `${input.kind} ${JSON.stringify(input.value)}${output === undefined ? " ?" : ""}`;
  },
};
