import { execFile, type PromiseWithChild } from "node:child_process";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Its standard output. Rejects with what it wrote on standard error when it fails. */
export async function command(words: readonly string[], input = ""): Promise<string> {
  const [program = "", ...args] = words;
  const running: PromiseWithChild<{ stdout: string }> = execute(program, args);
  // A program that reads nothing may be gone by now; one that needed the input says so by its exit code.
  running.child.stdin?.on("error", () => running.child.stdin?.destroy());
  running.child.stdin?.end(input);
  const { stdout } = await running;
  return stdout;
}

/** `ip`, with its words as one text. */
export const ip = (words: string): Promise<string> => command(["ip", ...words.split(" ")]);

/** Words in front of a command that is to run in a network namespace. Mounts stay: cgroups work as ever. */
export const inside = (namespace: string): readonly [string, ...string[]] => [
  "nsenter",
  `--net=/var/run/netns/${namespace}`,
];
