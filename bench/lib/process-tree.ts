// Which processes belong to a machine of the test, from /proc (Linux): the sentinel, its server process, its jobs
// and whatever these have started.
import { readdirSync, readFileSync } from "node:fs";

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly zombie: boolean;
}

function statOf(pid: number): ProcessStat | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  } catch (error) {
    if (
      (error as NodeJS.ErrnoException).code === "ENOENT" ||
      (error as NodeJS.ErrnoException).code === "ESRCH"
    ) {
      return undefined;
    }
    throw error;
  }
  // The command, in parentheses, may hold anything; the fields after it are fixed (proc(5)).
  const [state, parent, group] = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return { pid, parent: Number(parent), group: Number(group), zombie: state === "Z" };
}

function allProcesses(): readonly ProcessStat[] {
  return readdirSync("/proc")
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((name) => {
      const stat = statOf(Number(name));
      return stat === undefined || stat.zombie ? [] : [stat];
    });
}

/** Every living descendant of `root`, without it. */
export function descendants(root: number): readonly number[] {
  const all = allProcesses();
  const found = new Set<number>([root]);
  for (let grown = true; grown; ) {
    grown = false;
    for (const { pid, parent } of all) {
      if (!found.has(parent) || found.has(pid)) continue;
      found.add(pid);
      grown = true;
    }
  }
  found.delete(root);
  return [...found];
}

/** Children of `root` whose command line contains `text`. */
export function childrenRunning(root: number, text: string): readonly number[] {
  return allProcesses()
    .filter(({ pid, parent }) => parent === root && commandLine(pid).includes(text))
    .map(({ pid }) => pid);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${String(pid)}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw error;
  }
}

export function isAlive(pid: number): boolean {
  const stat = statOf(pid);
  return stat !== undefined && !stat.zombie;
}

/** User and system time used so far, in milliseconds (clock ticks of 10 ms). */
export function cpuMs(pid: number): number {
  const text = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Signals every process given; those that are gone already do not matter. */
export function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}
