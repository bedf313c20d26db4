// `npm run check`: everything that can be said about the tree without running it. Nothing here writes,
// except caches under node_modules/.cache; `npm run fix` repairs what a tool can repair.
import { performance } from "node:perf_hooks";
import { type Check, runChecks } from "../support/check-runner.ts";

const cache = "node_modules/.cache";
const bin = (tool: string): string => `node_modules/.bin/${tool}`;

/** The native compiler: the same findings as the one that builds, for a third of the time. */
function typeCheck(name: string, project: string): Check {
  const buildInfo = `${cache}/tsc/${name.replaceAll(" ", "-")}.tsbuildinfo`;
  const args = ["-p", project, "--incremental", "--tsBuildInfoFile", buildInfo];
  return { name, command: bin("tsgo"), args };
}

// The longest first: with two at a time the short ones fill the gaps.
const checks: readonly Check[] = [
  {
    name: "lint",
    command: bin("eslint"),
    args: [
      ".",
      "--max-warnings=0",
      "--cache",
      "--cache-strategy=content",
      `--cache-location=${cache}/eslint/`,
    ],
  },
  typeCheck("types", "tsconfig.json"),
  typeCheck("types of the pure rooms", "tsconfig.pure.json"),
  {
    name: "dependency rules",
    command: bin("depcruise"),
    args: ["--config", ".dependency-cruiser.cjs", "src", "test", "bench"],
  },
  { name: "dead code", command: bin("knip"), args: ["--no-progress"] },
  {
    name: "generated types",
    command: process.execPath,
    args: ["--import", "tsx", "test/tidy/gen.ts", "--verify"],
  },
  { name: "format", command: bin("biome"), args: ["check", "."] },
  { name: "proto", command: bin("buf"), args: ["lint"] },
];

const startMs = performance.now();
const failed = await runChecks(checks, {
  parallelMax: 2,
  print: (line) => {
    console.log(line);
  },
});
const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
console.log(
  failed.length === 0
    ? `${checks.length} checks, all clean, ${seconds} s`
    : `${checks.length} checks, not clean: ${failed.join(", ")}; ${seconds} s`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
