// The interaction suite: several servers, driven by commands, with everything they do and log as the output.
import { conformanceErrors } from "../../errors.ts";
import type { Directive } from "../datadriven/parse.ts";
import { commands } from "./commands.ts";
import { Environment } from "./environment.ts";

/** Answers the directives of one file, in order. */
export function interactionSuite(): (directive: Directive) => string {
  const environment = new Environment();
  return (directive) => answer(environment, directive);
}

function answer(environment: Environment, directive: Directive): string {
  const { output } = environment;
  const { command, line } = directive;
  const handler = Object.hasOwn(commands, command) ? commands[command] : undefined;
  if (handler === undefined) {
    throw conformanceErrors.UNKNOWN_DIRECTIVE(`line ${line}: ${command} is no command`);
  }
  output.clear();
  const complaint = handler(environment, directive);
  if (complaint !== undefined) {
    if (output.quiet) return complaint;
    output.write(complaint);
  }
  return output.text === "" ? "ok" : output.text;
}
