#!/usr/bin/env node
// `quorate server start` becomes the sentinel itself, so that the root process of a machine stays small: nothing of
// the command line is loaded for it. Every other verb is the command line's.
const [, , noun, verb, ...rest] = process.argv;
const wantsHelp = rest.includes("--help") || rest.includes("-h");

if (noun === "server" && verb === "start" && !wantsHelp) {
  process.argv.splice(2, 2);
  await import("./sentinel.ts");
} else {
  const { runCli } = await import("../cli/main.ts");
  process.exitCode = await runCli({ argv: process.argv.slice(2), environment: process.env });
}
