// What some tests need and a fresh machine may lack. A test says so, runs where the thing is there, and is
// otherwise skipped with the reason in its title:
//
//   const java = needs("java");
//   test.skipIf(java.skip)(java.title("starts a jar"), …);
import { spawnSync } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export type Requirement =
  | "chromium"
  | "docker"
  | "etcd"
  | "ip netns"
  | "iptables"
  | "java"
  | "kubectl"
  | "linux"
  | "mariadb"
  | "mount tmpfs"
  | "nats-server"
  | "postgresql"
  | "root"
  | "systemd-analyze"
  | "tc"
  | "zookeeper";

export interface Need {
  /** True if something is missing. */
  readonly skip: boolean;
  /** `skipped: needs java`, or empty. */
  readonly reason: string;
  /** The test's title, with the reason when it is skipped. */
  title(text: string): string;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** True if `program`, a name or an absolute path, can be run with this search path. */
export function onPath(program: string, searchPath: string): boolean {
  if (program.startsWith("/")) return isExecutable(program);
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== "")
    .some((folder) => isExecutable(join(folder, program)));
}

const succeeds = (command: string, ...args: string[]): boolean =>
  spawnSync(command, args, { stdio: "ignore" }).status === 0;

const program =
  (...names: string[]) =>
  (): boolean =>
    names.some((name) => onPath(name, process.env["PATH"] ?? ""));

const probes: Readonly<Record<Requirement, () => boolean>> = {
  chromium: program("chromium", "chromium-browser", "google-chrome"),
  docker: () => succeeds("docker", "info"),
  etcd: program("etcd"),
  "ip netns": () => succeeds("ip", "-V") && succeeds("unshare", "--net", "--mount", "true"),
  iptables: () => succeeds("unshare", "--net", "iptables-save"),
  java: program("java"),
  kubectl: program("kubectl"),
  linux: () => process.platform === "linux",
  mariadb: program("mariadbd", "/usr/sbin/mariadbd"),
  "mount tmpfs": () => succeeds("unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"),
  "nats-server": program("nats-server"),
  postgresql: program("postgres", "pg_ctlcluster"),
  root: () => process.getuid?.() === 0,
  "systemd-analyze": program("systemd-analyze"),
  tc: program("tc", "/usr/sbin/tc"),
  zookeeper: program("zkServer.sh", "/usr/share/zookeeper/bin/zkServer.sh"),
};

const found = new Map<Requirement, boolean>();

function isThere(requirement: Requirement): boolean {
  const known = found.get(requirement) ?? probes[requirement]();
  found.set(requirement, known);
  return known;
}

/** The need for all of these, with whatever this machine does not have. */
export function needFor(requirements: readonly string[], has: (thing: string) => boolean): Need {
  const missing = requirements.filter((requirement) => !has(requirement));
  const reason = missing.length === 0 ? "" : `skipped: needs ${missing.join(", ")}`;
  return {
    skip: missing.length > 0,
    reason,
    title: (text) => (reason === "" ? text : `${text} (${reason})`),
  };
}

/** Says whether a test that needs these can run on this machine. */
export function needs(...requirements: readonly Requirement[]): Need {
  return needFor(requirements, (thing) => isThere(thing as Requirement));
}
