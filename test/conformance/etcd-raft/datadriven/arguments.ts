// Reading the arguments of a directive. What cannot be read is a fault of the file.
import type { QuorateError } from "../../../../src/base/errors.ts";
import { conformanceErrors } from "../../errors.ts";
import type { Directive } from "./parse.ts";

export function badArgument(directive: Directive, what: string): QuorateError {
  const { line, text } = directive;
  return conformanceErrors.BAD_ARGUMENT(`line ${String(line)}: ${text}: ${what}`, {
    fields: { line },
  });
}

/** A whole number ≥ 0. */
export function toNumber(directive: Directive, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value)) return value;
  throw badArgument(directive, `"${text}" is not a whole number`);
}

/** As Go's strconv.ParseBool. */
export function toBoolean(directive: Directive, text: string): boolean {
  if (["1", "t", "T", "true", "TRUE", "True"].includes(text)) return true;
  if (["0", "f", "F", "false", "FALSE", "False"].includes(text)) return false;
  throw badArgument(directive, `"${text}" is neither true nor false`);
}

/** The words without `=`. */
export function bareWords(directive: Directive): string[] {
  return directive.args.filter(({ values }) => values.length === 0).map(({ key }) => key);
}

export function bareNumbers(directive: Directive): number[] {
  return bareWords(directive).map((text) => toNumber(directive, text));
}

/** The first argument, as a number. */
export function firstNumber(directive: Directive): number {
  const first = directive.args[0];
  if (first === undefined) throw badArgument(directive, "a number is missing");
  return toNumber(directive, first.key);
}

/** The value of `key=…`. */
export function requiredNumber(directive: Directive, key: string): number {
  const text = directive.args.find((arg) => arg.key === key)?.values[0];
  if (text === undefined) throw badArgument(directive, `${key}= is missing`);
  return toNumber(directive, text);
}

/** All values of all arguments, each with its key, in order. */
export function keyedValues(directive: Directive): { key: string; value: string }[] {
  return directive.args.flatMap(({ key, values }) => values.map((value) => ({ key, value })));
}
