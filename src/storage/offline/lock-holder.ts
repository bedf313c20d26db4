// Whether somebody holds LevelDB's lock, without touching it: the kernel lists its locks. LOCK of the data directory
// names a process, but a pid of another container says nothing here.
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { isMissing, readFileIfThere } from "../files/atomic-file.ts";

/** `MAJOR:MINOR:INODE` in the form of /proc/locks: the device in hexadecimal digits (Linux, makedev(3), proc(5)). */
export function lockName(device: bigint, inode: bigint): string {
  const major = ((device >> 8n) & 0xfffn) | ((device >> 32n) & 0xfffff000n);
  const minor = (device & 0xffn) | ((device >> 12n) & 0xffffff00n);
  const hex = (part: bigint): string => part.toString(16).padStart(2, "0");
  return `${hex(major)}:${hex(minor)}:${String(inode)}`;
}

/** True if a process of this machine has the database open; false also where the kernel does not tell. */
export async function isLevelLocked(database: string): Promise<boolean> {
  try {
    const { dev, ino } = await stat(join(database, "LOCK"), { bigint: true });
    const locks = await readFileIfThere("/proc/locks");
    const lines = locks?.toString("utf8").split("\n") ?? [];
    return lines.some((line) => line.split(/\s+/).includes(lockName(dev, ino)));
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
