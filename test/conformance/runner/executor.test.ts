// What every executor of jobs on this machine must do: prepare orders that really run, with the epoch in reach of the
// job, and say in words what is missing.
import { spawnSync } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ResourceCache } from "../../../src/runner/executors/cache.ts";
import type { Executor } from "../../../src/runner/executors/contract.ts";
import { ProcessExecutor } from "../../../src/runner/executors/process.ts";
import type { StartOrder } from "../../../src/runner/sentinel/protocol.ts";
import type { ResourceRef, RunSpec } from "../../../src/state/rows.ts";
import { needs } from "../../support/needs.ts";
import { job } from "../../unit/runner/rows.ts";

const java = needs("java");
const searchPath = process.env["PATH"] ?? "/usr/bin:/bin";
let directory: string;
let files: Map<string, string>;
let fetches: number;

function makeExecutor(baseEnv: Readonly<Record<string, string>>): Executor {
  const cache = new ResourceCache(
    { dataDirectory: directory, bytesMax: 1e9 },
    {
      cluster: {
        fetch: async (resource, path) => {
          fetches += 1;
          copyFileSync(files.get(resource.name)!, path);
        },
      },
      wallClock: { wallMs: () => 1000 },
    },
  );
  return new ProcessExecutor(
    { dataDirectory: directory, baseEnv, nodePath: process.execPath },
    { cache },
  );
}

const resource = (name: string): ResourceRef => ({
  ...{ namespace: "default", name, version: 1 },
  digest: Buffer.from(name.padEnd(32, ".")).toString("hex").slice(0, 64),
});

/** What the sentinel would execute. */
function execute(order: StartOrder): { readonly output: string; readonly status: number | null } {
  const { stdout, stderr, status } = spawnSync(order.command, [...order.args], {
    cwd: order.directory,
    env: { ...order.env, QUORATE_JOB_EPOCH: String(order.epoch) },
    encoding: "utf8",
  });
  return { output: (stdout + stderr).trim(), status };
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "quorate-executor-"));
  const script = join(directory, "hello.mjs");
  writeFileSync(
    script,
    'console.log("node", process.argv.slice(2).join(), process.env.QUORATE_JOB_EPOCH);',
  );
  files = new Map([["hello.mjs", script]]);
  if (java.skip) return;
  const source = join(directory, "Hello.java");
  writeFileSync(
    source,
    `public class Hello { public static void main(String[] a) {
      System.out.println("java " + String.join(",", a) + " " + System.getProperty("quorate.job.epoch")
        + " " + System.getProperty("quorate.fencing.token") + " " + System.getProperty("extra")); } }`,
  );
  const jar = join(directory, "hello.jar");
  const make = (command: string, ...args: string[]): void => {
    const made = spawnSync(command, args, { cwd: directory, encoding: "utf8" });
    if (made.status !== 0) throw new Error(`${command}: ${made.stderr}`);
  };
  make("javac", "Hello.java");
  make("jar", "cfe", jar, "Hello", "Hello.class");
  files.set("hello.jar", jar);
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  fetches = 0;
  rmSync(join(directory, "cache"), { recursive: true, force: true });
});

const prepare = (
  run: RunSpec,
  more: {
    args?: readonly string[];
    env?: Record<string, string>;
    base?: Record<string, string>;
  } = {},
): Promise<StartOrder> =>
  makeExecutor(more.base ?? { PATH: searchPath }).prepare({
    job: job("j1", { run, args: more.args ?? [], env: more.env ?? {} }),
    ...{ epoch: 6, session: 7, revision: 8 },
  });

describe("every order", () => {
  test("names job, epoch, session and table, has a directory that exists, and carries the job's policies", async () => {
    const order = await prepare({ kind: "command", command: ["pwd"], resource: undefined });
    expect(order).toMatchObject({ jobId: "j1", epoch: 6, session: 7, revision: 8 });
    expect(order).toMatchObject({ stopSignal: "SIGTERM", stopGraceMs: 1000, onLeaseLoss: "stop" });
    expect(existsSync(order.directory)).toBe(true);
    expect(execute(order).output).toBe(order.directory);
  });

  test("the job's environment goes over the machine's, and nothing else comes in", async () => {
    const run = { kind: "command", command: ["env"], resource: undefined } as const;
    const order = await prepare(run, {
      base: { PATH: searchPath, LANG: "C", COLOUR: "red" },
      env: { COLOUR: "blue" },
    });
    const lines = execute(order).output.split("\n").sort();
    expect(lines).toEqual(
      [
        "COLOUR=blue",
        "LANG=C",
        `PATH=${searchPath}`,
        "QUORATE_JOB_EPOCH=6",
        "QUORATE_JOB_NAME=default/j1",
      ].sort(),
    );
  });

  test("what was fetched beforehand is not fetched again", async () => {
    const run = { kind: "node", resource: resource("hello.mjs") } as const;
    const executor = makeExecutor({ PATH: searchPath });
    await executor.prefetch(job("j1", { run }));
    await executor.prepare({ job: job("j1", { run }), epoch: 1, session: 1, revision: 1 });
    expect(fetches).toBe(1);
    expect(executor.digestsOf(job("j1", { run }))).toEqual([run.resource.digest]);
  });
});

describe("command", () => {
  test("arguments as they are, {resource} filled in everywhere", async () => {
    const run = {
      kind: "command",
      command: ["cat", "{resource}"],
      resource: resource("hello.mjs"),
    } as const;
    const order = await prepare(run);
    expect(execute(order).output).toContain('console.log("node"');
    const argument = await prepare(
      { ...run, command: ["echo", "-n"] },
      { args: ["--file={resource}", "a b"] },
    );
    expect(argument.args.at(1)).toMatch(/^--file=\/.*\/hello\.mjs$/);
    expect(argument.args.at(2)).toBe("a b");
  });

  test("an empty command is refused", async () => {
    const empty = prepare({ kind: "command", command: [], resource: undefined });
    await expect(empty).rejects.toMatchObject({ code: "QUORATE_RUNNER_EMPTY_COMMAND" });
  });
});

test("node: the bundle with its arguments", async () => {
  const order = await prepare(
    { kind: "node", resource: resource("hello.mjs") },
    { args: ["x", "y"] },
  );
  expect(execute(order)).toEqual({ output: "node x,y 6", status: 0 });
});

describe("java", () => {
  const run = (mainClass: string): RunSpec => ({
    ...{ kind: "java", resource: resource("hello.jar"), mainClass },
    jvmOptions: ["-Xmx64m", "-Dextra=more"],
  });

  test.skipIf(java.skip)(
    java.title("runs the jar, epoch and token as system properties"),
    async () => {
      const order = await prepare(run(""), { args: ["x", "y"] });
      expect(execute(order)).toEqual({ output: "java x,y 6 6 more", status: 0 });
    },
  );

  test.skipIf(java.skip)(java.title("runs another main class of the jar"), async () => {
    const order = await prepare(run("Hello"), { args: ["z"] });
    expect(execute(order).output).toBe("java z 6 6 more");
    expect(order.args).toContain("-cp");
  });

  test("JAVA_HOME of the job decides; what is missing is said", async () => {
    const home = join(directory, "jdk");
    mkdirSync(join(home, "bin"), { recursive: true });
    writeFileSync(join(home, "bin", "java"), "#!/bin/sh\necho mine\n", { mode: 0o755 });
    files.set("hello.jar", files.get("hello.mjs")!);
    const order = await prepare(run(""), { env: { JAVA_HOME: home } });
    expect(execute(order).output).toBe("mine");
    const nowhere = prepare(run(""), { env: { JAVA_HOME: "/nowhere" } });
    await expect(nowhere).rejects.toMatchObject({ code: "QUORATE_RUNNER_NO_JAVA" });
    const noPath = prepare(run(""), { base: { PATH: "/nowhere" } });
    await expect(noPath).rejects.toThrow("there is no java in PATH, and JAVA_HOME is not set");
  });
});
