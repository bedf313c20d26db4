// The commands propose and propose-conf-change.
import { badArgument, keyedValues, toBoolean } from "../datadriven/arguments.ts";
import type { Directive } from "../datadriven/parse.ts";
import { type ConfChange, parseChanges } from "../wording/conf-change.ts";
import type { Environment } from "./environment.ts";
import { firstServer } from "./named-servers.ts";
import { changeEntry, normalEntry, proposeOn } from "./propose.ts";

export function proposeData(environment: Environment, directive: Directive): string | undefined {
  const server = firstServer(environment, directive);
  const [, data] = directive.args;
  if (directive.args.length !== 2 || data === undefined || data.values.length > 0) {
    throw badArgument(directive, "a server and one word are needed");
  }
  const entry = normalEntry(new TextEncoder().encode(data.key));
  return proposeOn(server, entry, environment.output);
}

const transitions = {
  auto: "auto",
  implicit: "joint-implicit",
  explicit: "joint-explicit",
} as const;

function isTransition(text: string): text is keyof typeof transitions {
  return Object.hasOwn(transitions, text);
}

export function proposeConfChange(
  environment: Environment,
  directive: Directive,
): string | undefined {
  const server = firstServer(environment, directive);
  let v1 = false;
  let transition: ConfChange["transition"] = "auto";
  for (const { key, value } of keyedValues(directive)) {
    if (key === "v1") v1 = toBoolean(directive, value);
    else if (key !== "transition") return `unknown command ${key}`;
    else if (isTransition(value)) transition = transitions[value];
    else return `unknown transition ${value}`;
  }
  const changes = parseChanges(directive.input);
  if (typeof changes === "string") return changes;
  if (v1 && (changes.length > 1 || transition !== "auto")) {
    return "v1 conf change can only have one operation and no transition";
  }
  if (v1 && changes.length === 0) throw badArgument(directive, "a change is missing");
  return proposeOn(server, changeEntry({ v1, transition, changes }), environment.output);
}
