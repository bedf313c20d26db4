// Control groups, version 2 (kernel: Documentation/admin-guide/cgroup-v2.rst). A process cannot leave its cgroup by
// forking, by `setsid` or by losing its parent, so one write to `cgroup.kill` (Linux 5.14) ends a job completely.
// Where no writable hierarchy is found, jobs are ended by process group: best effort.
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { messageOf } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { readStat } from "./processes.ts";

/** Mount point of the unified hierarchy in the text of /proc/self/mountinfo. */
export function unifiedMount(mountInfo: string): string | undefined {
  for (const line of mountInfo.split("\n")) {
    const [before, after] = line.split(" - ");
    if (after?.startsWith("cgroup2 ") === true) return before?.split(" ")[4];
  }
  return undefined;
}

/** Path of the own group inside the unified hierarchy, from the text of /proc/self/cgroup. */
export function ownPath(cgroups: string): string | undefined {
  return cgroups
    .split("\n")
    .find((line) => line.startsWith("0::"))
    ?.slice(3);
}

/** `never`: process groups only, for machines where somebody else manages the hierarchy. */
export type CgroupUse = "when-writable" | "never";

const basePrefix = "quorate-";

/** Empty groups of sentinels that were killed. */
function removeAbandoned(parent: string): void {
  for (const name of readdirSync(parent)) {
    const pid = name.startsWith(basePrefix) ? Number(name.slice(basePrefix.length)) : 0;
    if (pid > 0 && readStat(pid) === undefined) removeCgroup(join(parent, name));
  }
}

export class Cgroups {
  readonly #logger: Logger;
  #base = "";

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  get isUsable(): boolean {
    return this.#base !== "";
  }

  /** Looks for a place to make groups; says once in the log when there is none. */
  detect(use: CgroupUse): void {
    if (use === "never") {
      this.giveUp("switched off");
      return;
    }
    const mount = unifiedMount(readFileSync("/proc/self/mountinfo", "utf8"));
    const own = ownPath(readFileSync("/proc/self/cgroup", "utf8"));
    if (mount === undefined || own === undefined) {
      this.giveUp("no cgroup v2 hierarchy is mounted");
      return;
    }
    const base = join(mount, own, `${basePrefix}${process.pid}`);
    try {
      removeAbandoned(join(mount, own));
      mkdirSync(base, { recursive: true });
      if (!existsSync(join(base, "cgroup.kill"))) {
        rmdirSync(base);
        this.giveUp("the kernel has no cgroup.kill (Linux 5.14)");
        return;
      }
    } catch (error) {
      this.giveUp(messageOf(error));
      return;
    }
    this.#base = base;
  }

  giveUp(reason: string): void {
    this.#base = "";
    this.#logger.warn({ reason }, "fencing: best effort (process groups, no cgroups)");
  }

  /** Makes the group of one run and moves `pid` into it; "" when that failed, and no further one is tried. */
  adopt(name: string, pid: number): string {
    if (this.#base === "") return "";
    const path = join(this.#base, name);
    try {
      mkdirSync(path, { recursive: true });
      writeFileSync(join(path, "cgroup.procs"), String(pid));
      return path;
    } catch (error) {
      removeCgroup(path);
      this.giveUp(messageOf(error));
      return "";
    }
  }

  /** Removes the own base group, once its children are gone. */
  close(): void {
    if (this.#base !== "") removeCgroup(this.#base);
    this.#base = "";
  }
}

/** Every group below `path`, deepest first: jobs may make groups of their own. */
function descendants(path: string): string[] {
  if (!existsSync(path)) return [];
  const below = readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap((entry) => descendants(join(path, entry.name)));
  return [...below, path];
}

/** SIGKILL to everything in it, its descendants included. False when the group does not exist (any more). */
export function killCgroup(path: string): boolean {
  try {
    writeFileSync(join(path, "cgroup.kill"), "1");
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENODEV") return false;
    throw error;
  }
}

/** No living process is left in it; a group that does not exist is gone. Zombies are not listed by the kernel. */
export function isCgroupGone(path: string): boolean {
  try {
    return !/^populated 1$/m.test(readFileSync(join(path, "cgroup.events"), "latin1"));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENODEV") return true;
    throw error;
  }
}

/** Removes empty groups; what still holds processes stays (EBUSY) and is removed by a later life. */
export function removeCgroup(path: string): void {
  for (const group of descendants(path)) {
    try {
      rmdirSync(group);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code !== "EBUSY" && code !== "ENOENT") throw error;
    }
  }
}
