// What package.json and package-lock.json promise: the same versions for everybody, on every platform.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Lockfile, missingFromLock } from "./lockfile.ts";

interface Manifest {
  readonly allowScripts: Readonly<Record<string, boolean>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

const repository = join(import.meta.dirname, "..", "..");
const json = (name: string): unknown => JSON.parse(readFileSync(join(repository, name), "utf8"));
const exact = /^\d+\.\d+\.\d+(-[\w.]+)?$/;

describe("packages", () => {
  test("versions are exact", () => {
    const { dependencies, devDependencies } = json("package.json") as Manifest;
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(
      ([, version]) => !exact.test(version),
    );
    expect(loose).toEqual([]);
  });

  test("the lockfile holds the binaries of every platform (else: node --import tsx test/tidy/lockfile.ts)", () => {
    expect(missingFromLock(json("package-lock.json") as Lockfile)).toEqual([]);
  });

  test("every install script was looked at and is allowed or refused in allowScripts", () => {
    const { allowScripts } = json("package.json") as Manifest;
    const { packages } = json("package-lock.json") as Lockfile;
    const scripted = Object.entries(packages)
      .filter(([, locked]) => locked.hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ""));
    expect(Object.keys(allowScripts).sort()).toEqual([...new Set(scripted)].sort());
  });

  test("a platform that is missing from a lockfile is found", () => {
    const optionalDependencies = { "tool-linux-x64": "1.2.3", "tool-darwin-arm64": "1.2.3" };
    const lock: Lockfile = {
      packages: {
        "node_modules/tool": { version: "1.2.3", dev: true, optionalDependencies },
        "node_modules/tool-linux-x64": { version: "1.2.3" },
      },
    };
    const missing = { name: "tool-darwin-arm64", version: "1.2.3", dev: true };
    expect(missingFromLock(lock)).toEqual([missing]);
  });
});
