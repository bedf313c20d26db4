// What /proc tells about processes (proc(5)). A process id alone names nothing for long, because ids are used again;
// together with the start time (field 22 of /proc/PID/stat, clock ticks since boot) and the boot it names one process.
import { readdirSync, readFileSync } from "node:fs";

export interface ProcessStat {
  readonly pid: number;
  /** One letter; Z = ended, waiting to be reaped. */
  readonly state: string;
  readonly group: number;
  readonly session: number;
  readonly threads: number;
  readonly startTicks: number;
}

/** Fields of one /proc/PID/stat; the name in parentheses may hold anything, even parentheses and spaces. */
export function parseStat(text: string): ProcessStat | undefined {
  const open = text.indexOf("(");
  const close = text.lastIndexOf(")");
  if (open < 0 || close < open) return undefined;
  const rest = text.slice(close + 2).split(" ");
  // rest[0] is field 3.
  const field = (number: number): number => Number(rest[number - 3]);
  const stat = {
    pid: Number(text.slice(0, open)),
    state: rest[0] ?? "",
    group: field(5),
    session: field(6),
    threads: field(20),
    startTicks: field(22),
  };
  return Number.isInteger(stat.startTicks) && Number.isInteger(stat.pid) ? stat : undefined;
}

function isGone(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === "ENOENT" || code === "ESRCH";
}

export function readStat(pid: number): ProcessStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch (error) {
    if (isGone(error)) return undefined;
    throw error;
  }
}

/** A zombie runs no more, unless only its first thread ended and others go on. */
export function isAlive(stat: ProcessStat): boolean {
  return (stat.state !== "Z" && stat.state !== "X") || stat.threads > 1;
}

export function allProcesses(): ProcessStat[] {
  const stats: ProcessStat[] = [];
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const stat = readStat(pid);
    if (stat !== undefined) stats.push(stat);
  }
  return stats;
}

/**
 * The living processes of a job that was started as leader of group and session `group`: a shell with job control
 * makes further groups, but they stay in its session.
 */
export function membersOf(group: number, processes: readonly ProcessStat[]): ProcessStat[] {
  return processes.filter((p) => (p.group === group || p.session === group) && isAlive(p));
}

/** False when there is no such process or group. */
export function signal(target: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(target, name);
    return true;
  } catch (error) {
    if (isGone(error)) return false;
    // EPERM: it exists, and the kernel refused (a member that changed its user).
    if ((error as NodeJS.ErrnoException).code === "EPERM") return true;
    throw error;
  }
}

/** SIGKILL to the group and to what left the group but not its session. */
export function killGroup(group: number): void {
  signal(-group, "SIGKILL");
  for (const member of membersOf(group, allProcesses())) signal(member.pid, "SIGKILL");
}

export function isGroupGone(group: number): boolean {
  return membersOf(group, allProcesses()).length === 0;
}

/** The environment that the process was started with contains `line` (`NAME=value`); false when it cannot be read. */
export function startedWith(pid: number, line: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(line);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (isGone(error) || code === "EACCES" || code === "EPERM") return false;
    throw error;
  }
}

/** Names this boot of the machine: start times of different boots cannot be compared. */
export function bootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
}
