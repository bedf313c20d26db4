// The root process of a machine: everything after the program's name are options of the server process.
import { fileURLToPath } from "node:url";
import { runSentinel } from "../runner/sentinel/main.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const server = fileURLToPath(new URL(`./server.${extension}`, import.meta.url));

/**
 * Half of V8's default young generation (16 MiB per half): an idle server stays about 25 MB smaller, and what a
 * server allocates dies young either way.
 */
const serverNodeFlags = ["--max-semi-space-size=8"];

runSentinel({
  serverCommand: [
    process.execPath,
    ...serverNodeFlags,
    ...process.execArgv,
    server,
    ...process.argv.slice(2),
  ],
  env: process.env,
});
