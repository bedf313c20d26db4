// Failing system calls of a running process, by strace (-e inject, strace(1)). The kernel does not carry the call out:
// the process sees what it would see from a broken disk.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Need, needFor, needs, onPath } from "../../../support/needs.ts";

function has(thing: string): boolean {
  if (thing === "linux") return !needs("linux").skip;
  if (thing === "root") return !needs("root").skip;
  if (thing === "mount tmpfs") return !needs("mount tmpfs").skip;
  return onPath(thing, process.env["PATH"] ?? "");
}

/** strace may be missing, or forbidden to attach to a process that is no child (yama): root may. */
export function needsFaults(...things: readonly ("strace" | "root" | "mount tmpfs")[]): Need {
  return needFor(["linux", ...things], has);
}

export interface Injection {
  readonly call: "fdatasync" | "fsync";
  readonly error: "EIO" | "ENOSPC";
  /** strace's `when`: "3" the third call only, "3+" the third and all after it; counted for each thread. */
  readonly when: string;
}

/** Resolves once every thread of the process is watched; `ended` when it has gone, or `stop` let it go. */
export async function inject(
  pid: number,
  { call, error, when }: Injection,
): Promise<{ readonly ended: Promise<unknown>; stop(): void }> {
  const words = ["-f", "-o", "/dev/null", "-e", `trace=${call}`];
  const fault = ["-e", `inject=${call}:error=${error}:when=${when}`];
  const strace = spawn("strace", [...words, ...fault, "-p", String(pid)], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const ended = once(strace, "exit");
  let said = "";
  await new Promise<void>((resolve, reject) => {
    strace.stderr.on("data", (piece: Buffer) => {
      said += piece.toString();
      if (said.includes("attached")) resolve();
    });
    strace.once("error", reject);
    strace.once("exit", () => {
      reject(new Error(`strace could not attach to ${pid}: ${said}`));
    });
  });
  return { ended, stop: () => strace.kill("SIGTERM") };
}
