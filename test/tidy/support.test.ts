// The parts of the test runner, tried on their own.
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { isStale } from "../support/build.ts";
import { runChecks } from "../support/check-runner.ts";
import { needFor, needs, onPath } from "../support/needs.ts";

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "quorate-support-"));
});

afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("needs", () => {
  test("a missing thing skips the test and says so in its title", () => {
    const need = needFor(["java", "etcd"], (thing) => thing === "etcd");
    expect(need.skip).toBe(true);
    expect(need.reason).toBe("skipped: needs java");
    expect(need.title("starts a jar")).toBe("starts a jar (skipped: needs java)");
  });

  test("nothing missing leaves the test as it is", () => {
    const need = needFor(["java"], () => true);
    expect(need.skip).toBe(false);
    expect(need.title("starts a jar")).toBe("starts a jar");
  });

  test("a program is looked for on the path", () => {
    writeFileSync(join(root, "tool"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(root, "text"), "not a program\n", { mode: 0o644 });
    expect(onPath("tool", `/nowhere:${root}`)).toBe(true);
    expect(onPath(join(root, "tool"), "")).toBe(true);
    expect(onPath("text", root)).toBe(false);
    expect(onPath("absent", root)).toBe(false);
  });

  test("this machine is asked", () => {
    expect(needs("linux").skip).toBe(process.platform !== "linux");
  });
});

describe("build", () => {
  const at = (path: string, seconds: number): void => {
    utimesSync(join(root, path), seconds, seconds);
  };

  beforeEach(() => {
    mkdirSync(join(root, "src/room"), { recursive: true });
    writeFileSync(join(root, "src/room/file.ts"), "");
    writeFileSync(join(root, "program.js"), "");
    for (const path of ["src/room/file.ts", "src/room", "src"]) at(path, 1000);
    at("program.js", 2000);
  });

  const stale = (): boolean => isStale(join(root, "program.js"), [join(root, "src")]);

  test("a program newer than its sources is kept", () => {
    expect(stale()).toBe(false);
  });

  test("a changed file, a removed file and a missing program ask for a build", () => {
    at("src/room/file.ts", 3000);
    expect(stale()).toBe(true);
    at("src/room/file.ts", 1000);
    at("src/room", 3000);
    expect(stale()).toBe(true);
    at("src/room", 1000);
    rmSync(join(root, "program.js"));
    expect(stale()).toBe(true);
  });
});

describe("check runner", () => {
  const script = (name: string, code: string) => ({
    name,
    command: process.execPath,
    args: ["-e", code],
  });

  test("a failure is named, shows its output and does not stop the others", async () => {
    const printed: string[] = [];
    const checks = [
      script("good", "console.log('unheard')"),
      script("bad", "console.log('why'); console.error('and where'); process.exit(1)"),
      { name: "absent", command: join(root, "absent"), args: [] },
      script("last", ""),
    ];
    const failed = await runChecks(checks, { parallelMax: 1, print: (line) => printed.push(line) });
    expect(failed).toEqual(["bad", "absent"]);
    const text = printed.join("\n");
    expect(text).toContain("why\nand where");
    expect(text).toContain("ENOENT");
    expect(text).not.toContain("unheard");
    expect(printed.filter((line) => line.startsWith("ok "))).toHaveLength(2);
  });
});
