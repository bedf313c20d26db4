// A registry mirror may hold the binaries of one platform only. `npm install` behind it leaves the other
// platforms out of package-lock.json, and then `npm ci` refuses the file everywhere. Run as a program,
// this puts the missing entries back: their exact version stands in the package that wants them, their
// platform in their name, and npm skips them wherever that platform is not its own.
import { readFileSync, writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

export interface LockedPackage {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  hasInstallScript?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  optionalDependencies?: Record<string, string>;
}

export interface Lockfile {
  packages: Record<string, LockedPackage>;
}

export interface MissingPackage {
  readonly name: string;
  readonly version: string;
  readonly dev: boolean;
}

/** Optional dependencies that some locked package names and no entry provides. */
export function missingFromLock(lock: Lockfile): MissingPackage[] {
  const missing = new Map<string, MissingPackage>();
  for (const [path, locked] of Object.entries(lock.packages)) {
    for (const [name, version] of Object.entries(locked.optionalDependencies ?? {})) {
      const nested = lock.packages[`${path}/node_modules/${name}`];
      if (nested !== undefined || lock.packages[`node_modules/${name}`] !== undefined) continue;
      missing.set(name, { name, version, dev: locked.dev === true });
    }
  }
  return [...missing.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

const systems = [
  "android",
  "darwin",
  "freebsd",
  "linux",
  "openbsd",
  "netbsd",
  "openharmony",
  "win32",
];
const processors = ["arm64", "arm", "ia32", "loong64", "ppc64", "riscv64", "s390x", "x64"];

function entryFor({ name, version, dev }: MissingPackage): LockedPackage {
  const words = name.replace(/^.*\//, "").replaceAll("armv7", "arm").split("-");
  const os = systems.find((system) => words.includes(system));
  const cpu = processors.find((processor) => words.includes(processor));
  if (os === undefined || cpu === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(
      `cannot tell the platform of ${name}@${version}: add it to the lockfile by hand`,
    );
  }
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => word.startsWith("gnu"))
      ? "glibc"
      : undefined;
  return {
    version,
    cpu: [cpu],
    ...(dev ? { dev } : {}),
    ...(libc === undefined ? {} : { libc: [libc] }),
    optional: true,
    os: [os],
  };
}

function completeLockfile(path: string): void {
  const lock = JSON.parse(readFileSync(path, "utf8")) as Lockfile;
  const missing = missingFromLock(lock);
  for (const absent of missing) lock.packages[`node_modules/${absent.name}`] = entryFor(absent);
  const entries = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
  lock.packages = Object.fromEntries(entries);
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`${missing.length} entries added to ${path}`);
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  completeLockfile("package-lock.json");
}
