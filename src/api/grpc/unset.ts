// In proto3 a number that is not said arrives as 0. Where 0 is no value of the field (its least is above) and the field
// has a default, 0 means "not said", and is taken out before the call sees it; JSON says it by leaving the field out.
import type { TSchema } from "typebox";

type Node = TSchema & {
  readonly minimum?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Node>>;
};

const isUnset = ({ minimum = 0, default: fallback }: Node, value: unknown): boolean =>
  value === 0 && minimum > 0 && fallback !== undefined;

/** `message` without the zeros that stand for nothing. */
export function withoutUnset(schema: TSchema, message: unknown): unknown {
  const { properties } = schema as Node;
  if (properties === undefined || typeof message !== "object" || message === null) return message;
  return Object.fromEntries(
    Object.entries(message).flatMap(([name, value]: [string, unknown]) => {
      const field = properties[name];
      if (field === undefined) return [[name, value]];
      return isUnset(field, value) ? [] : [[name, withoutUnset(field, value)]];
    }),
  );
}
