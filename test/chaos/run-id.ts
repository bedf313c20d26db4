// Everything that a run leaves outside its own process carries its owner's name: pid and start time, which together
// name one life of one process. So a later run can tell what an owner that died has left behind.
import { readFileSync } from "node:fs";

const startTimeField = 19;

function startTicks(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ")[startTimeField];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** Begins every name; short, since names of network interfaces have 15 characters. */
const prefix = "qchaos";

export interface RunId {
  readonly pid: number;
  readonly startedAt: string;
}

export const ownRunId = (): RunId => ({
  pid: process.pid,
  startedAt: startTicks(process.pid) ?? "0",
});

/** `qchaos-123-4567`, the beginning of the names of namespaces and directories. */
export const nameOf = ({ pid, startedAt }: RunId): string => `${prefix}-${pid}-${startedAt}`;

const pattern = new RegExp(`^${prefix}-(\\d+)-(\\d+)(?:-|$)`);

/** Undefined for names that are not of a chaos run. */
export function ownerOf(name: string): RunId | undefined {
  const [, pid, startedAt] = pattern.exec(name) ?? [];
  return pid === undefined || startedAt === undefined ? undefined : { pid: Number(pid), startedAt };
}

export const isLiving = ({ pid, startedAt }: RunId): boolean => startTicks(pid) === startedAt;
