// Runs in the loader's thread: gives the one mutated module its changed source, and leaves all others alone.
import { readFileSync } from "node:fs";
import type { LoadHook } from "node:module";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { simErrors } from "../errors.ts";
import { type Mutation, mutated } from "./mutation.ts";

interface HookData {
  readonly url: string;
  readonly mutation: Mutation;
}

let data: HookData | undefined;

export function initialize(given: HookData): void {
  data = given;
}

export const load: LoadHook = (url, context, nextLoad) => {
  if (data === undefined || url.split("?", 1)[0] !== data.url) return nextLoad(url, context);
  const { mutation } = data;
  const text = mutated(readFileSync(fileURLToPath(data.url), "utf8"), mutation);
  if (text === undefined) {
    throw simErrors.MUTATION_MISFITS(`${mutation.name} does not fit ${mutation.file}`);
  }
  const { outputText } = ts.transpileModule(text, {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
  });
  return { format: "module", source: outputText, shortCircuit: true };
};
