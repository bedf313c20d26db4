// `node --import tsx --import test/sim/mutations/loader.ts …`: puts the mutation named by QUORATE_SIM_MUTATION into
// the program. It is given as JSON, so that tests can try mutations that are in no table.
import { register } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Mutation } from "./mutation.ts";

const text = process.env["QUORATE_SIM_MUTATION"];
if (text !== undefined) {
  const mutation = JSON.parse(text) as Mutation;
  const repository = join(import.meta.dirname, "..", "..", "..");
  const url = pathToFileURL(join(repository, mutation.file)).href;
  register("./hook.ts", import.meta.url, { data: { url, mutation } });
}
