// Bytes that this process has had written to disks, as the kernel counts them (/proc/self/io, Linux; proc(5)). A page
// counts when it is made dirty, once until it has reached the disk; a file system that is on no disk (tmpfs) counts nothing.
import { readFileSync } from "node:fs";
import { until } from "./wait.ts";

/** No more bytes for so long: what worked in the background has ended. */
const quietMs = 500;
const quietMsMax = 60_000;

/** From the text of /proc/PID/io. */
export function writtenBytesOf(text: string): number {
  const found = /^write_bytes: ([0-9]+)$/m.exec(text)?.[1];
  if (found === undefined) throw new Error("the kernel does not count the bytes of a process");
  return Number(found);
}

export function writtenBytes(): number {
  return writtenBytesOf(readFileSync("/proc/self/io", "utf8"));
}

/** Resolves when this process writes no more. */
export async function writesAreQuiet(): Promise<void> {
  let bytes = writtenBytes();
  let sinceMs = performance.now();
  await until(
    "this process writes no more",
    () => {
      const now = writtenBytes();
      if (now !== bytes) sinceMs = performance.now();
      bytes = now;
      return performance.now() - sinceMs >= quietMs ? true : undefined;
    },
    quietMsMax,
  );
}
