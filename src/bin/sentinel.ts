// The root process of a machine: everything after the program's name are options of the server process.
import { fileURLToPath } from "node:url";
import { runSentinel } from "../runner/sentinel/main.ts";

const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
const server = fileURLToPath(new URL(`./server.${extension}`, import.meta.url));

/**
 * - Half of V8's default young generation (16 MiB per half): an idle server stays about 25 MB smaller, and what a
 *   server allocates dies young either way.
 * - The old generation is collected when it has grown by half, not to four times its size: under full write load a
 *   leader takes 190 MB instead of 310, for about 5 % more CPU (`bench -- propose`).
 */
const serverNodeFlags = ["--max-semi-space-size=8", "--heap-growing-percent=50"];
/** glibc keeps what was freed once per thread that allocated it, and LevelDB's threads come and go; two shares do. */
const serverEnvironment = { MALLOC_ARENA_MAX: "2" };

runSentinel({
  serverCommand: [
    process.execPath,
    ...serverNodeFlags,
    ...process.execArgv,
    server,
    ...process.argv.slice(2),
  ],
  env: { ...serverEnvironment, ...process.env },
});
