// The house rules that ESLint holds, each broken once on purpose. The linter runs for real over a small
// tree, so that a rule which a later configuration block switches off by accident is missed here.
import { ESLint } from "eslint";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PlantedTree, plantTree } from "../support/planted-tree.ts";

interface Plant {
  readonly what: string;
  readonly path: string;
  readonly text: string;
  readonly rule: string;
}

const lines = (count: number, line: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => line(index)).join("\n");

const syntax = "no-restricted-syntax";
const globals = "no-restricted-globals";

const planted: readonly Plant[] = [
  {
    what: "a file of more than 500 code lines",
    path: "src/api/long-file.ts",
    text: lines(501, (index) => `export const row${index} = ${index};`),
    rule: "max-lines",
  },
  {
    what: "a function of more than 70 code lines",
    path: "src/api/long-function.ts",
    text: `export function long(): number {\nlet sum = 0;\n${lines(70, () => "sum += 1;")}\nreturn sum;\n}`,
    rule: "max-lines-per-function",
  },
  {
    what: "four parameters",
    path: "src/api/parameters.ts",
    text: "export const sum = (a: number, b: number, c: number, d: number): number => a + b + c + d;",
    rule: "max-params",
  },
  {
    what: "console in src",
    path: "src/cli/console.ts",
    text: `console.log("hello");`,
    rule: "no-console",
  },
  {
    what: "an empty catch",
    path: "src/client/empty-catch.ts",
    text: `export function f(): void { try { JSON.parse(""); } catch { /* never mind */ } }`,
    rule: syntax,
  },
  {
    what: "a truth test of a string that may be absent",
    path: "src/api/truth.ts",
    text: "export const f = (name?: string): string => (name ? 'some' : 'none');",
    rule: "@typescript-eslint/strict-boolean-expressions",
  },
  {
    what: "a promise that nobody waits for",
    path: "src/api/floating.ts",
    text: "export function f(work: () => Promise<void>): void { work(); }",
    rule: "@typescript-eslint/no-floating-promises",
  },
  {
    what: "a switch that forgets a case",
    path: "src/api/switch.ts",
    text: "export function f(kind: 'a' | 'b'): number { switch (kind) { case 'a': return 1; } return 0; }",
    rule: "@typescript-eslint/switch-exhaustiveness-check",
  },
  {
    what: "the environment outside server/config and bin",
    path: "src/server/environment.ts",
    text: "export const home = process.env['HOME'];",
    rule: syntax,
  },
  {
    what: "the environment under another name",
    path: "src/runner/environment.ts",
    text: "const { env } = process; export const home = env['HOME'];",
    rule: syntax,
  },
  {
    what: "the environment by import",
    path: "src/transport/environment.ts",
    text: `import { env } from "node:process"; export const home = env['HOME'];`,
    rule: syntax,
  },
  {
    what: "the command line outside server/config and bin",
    path: "src/cli/arguments.ts",
    text: "export const words = process.argv;",
    rule: syntax,
  },
  {
    what: "an async function in the core",
    path: "src/raft/async.ts",
    text: "export const f = async (): Promise<void> => { await g(); }; declare function g(): Promise<void>;",
    rule: syntax,
  },
  {
    what: "chance in the core",
    path: "src/placement/chance.ts",
    text: "export const f = (): number => Math.random();",
    rule: syntax,
  },
  {
    what: "inexact maths in the core",
    path: "src/placement/logarithm.ts",
    text: "export const f = (x: number): number => Math.log(x);",
    rule: syntax,
  },
  {
    what: "a clock in the core",
    path: "src/state/clock.ts",
    text: "export const f = (): number => Date.now();",
    rule: globals,
  },
  {
    what: "a locale in the core",
    path: "src/state/locale.ts",
    text: "export const f = (a: string, b: string): number => a.localeCompare(b);",
    rule: syntax,
  },
  {
    what: "sorting without a comparator in the core",
    path: "src/state/sort.ts",
    text: "export const f = (rows: number[]): number[] => rows.sort();",
    rule: "@typescript-eslint/require-array-sort-compare",
  },
  {
    what: "the environment in the core",
    path: "src/base/environment.ts",
    text: "export const home = process.env['HOME'];",
    rule: syntax,
  },
  {
    what: "a timer in a room that the simulator runs",
    path: "src/replica/timer.ts",
    text: "export const f = (): void => { setTimeout(() => undefined, 1); };",
    rule: globals,
  },
  {
    what: "a clock in a room that the simulator runs",
    path: "src/registry/clock.ts",
    text: "export const f = (): number => Date.now();",
    rule: syntax,
  },
  {
    what: "chance in a room that the simulator runs",
    path: "src/distribution/chance.ts",
    text: "export const f = (): number => Math.random();",
    rule: syntax,
  },
];

const allowed: Readonly<Record<string, string>> = {
  "src/server/config/environment.ts": "export const home = process.env['HOME'];",
  "src/bin/quorate.ts": "export const words = process.argv;",
  "src/server/system/clock.ts": "export const f = (): number => Date.now();",
  "src/raft/quorum.ts": "export const f = (votes: number): number => Math.floor(votes / 2) + 1;",
  "bench/lib/ticker.mjs": `process.stdout.write("tick");`,
  "bench/main.ts": `console.log("two numbers");`,
  "test/unit/long.test.ts": lines(600, (index) => `export const row${index} = ${index};`),
};

let tree: PlantedTree;
const reported = new Map<string, string[]>();

beforeAll(async () => {
  const plants = planted.map(({ path, text }) => [path, text] as const);
  tree = plantTree({ ...Object.fromEntries(plants), ...allowed });
  const linter = new ESLint({ cwd: tree.root });
  for (const { filePath, messages } of await linter.lintFiles(["."])) {
    const rules = messages.map(({ ruleId, message }) => ruleId ?? message);
    reported.set(filePath.slice(tree.root.length + 1), rules);
  }
}, 120_000);

afterAll(() => {
  tree.remove();
});

describe("lint rules", () => {
  for (const { what, path, rule } of planted) {
    test(`${what} is reported in ${path}`, () => {
      expect(reported.get(path)).toContain(rule);
    });
  }

  for (const path of Object.keys(allowed)) {
    test(`nothing is reported in ${path}`, () => {
      expect(reported.get(path)).toEqual([]);
    });
  }
});
