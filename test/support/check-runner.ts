// Runs command lines a few at a time and prints one line for each: a developer wants to know which one
// failed and why, not to read what the others said.
import { spawn } from "node:child_process";
import { performance } from "node:perf_hooks";

export interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface CheckOptions {
  readonly parallelMax: number;
  readonly print: (line: string) => void;
}

interface Outcome {
  readonly passed: boolean;
  readonly output: string;
}

function run(check: Check): Promise<Outcome> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const child = spawn(check.command, check.args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => chunks.push(chunk));
    child.on("error", (error) => chunks.push(Buffer.from(error.message)));
    child.on("close", (code) => {
      resolve({ passed: code === 0, output: Buffer.concat(chunks).toString("utf8").trimEnd() });
    });
  });
}

const secondsSince = (startMs: number): string =>
  ((performance.now() - startMs) / 1000).toFixed(1).padStart(5);

/** Runs every check, also after a failure. Gives the names of those that failed. */
export async function runChecks(
  checks: readonly Check[],
  options: CheckOptions,
): Promise<string[]> {
  const { parallelMax, print } = options;
  const waiting = [...checks];
  const failed: string[] = [];
  const worker = async (): Promise<void> => {
    for (let check = waiting.shift(); check !== undefined; check = waiting.shift()) {
      const startMs = performance.now();
      const { passed, output } = await run(check);
      print(`${passed ? "ok  " : "FAIL"} ${secondsSince(startMs)} s  ${check.name}`);
      if (passed) continue;
      failed.push(check.name);
      print(output);
    }
  };
  await Promise.all(Array.from({ length: parallelMax }, worker));
  return failed;
}
