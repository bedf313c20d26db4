// The servers that a directive speaks of.
import { badArgument, bareNumbers, firstNumber } from "../datadriven/arguments.ts";
import type { Directive } from "../datadriven/parse.ts";
import type { Environment } from "./environment.ts";
import type { Server } from "./server.ts";

export function serverOf(environment: Environment, directive: Directive, number: number): Server {
  const server = environment.servers[number - 1];
  if (server === undefined) throw badArgument(directive, `there is no server ${number}`);
  return server;
}

export function firstServer(environment: Environment, directive: Directive): Server {
  return serverOf(environment, directive, firstNumber(directive));
}

export function namedServers(environment: Environment, directive: Directive): Server[] {
  return bareNumbers(directive).map((number) => serverOf(environment, directive, number));
}
