// Runs vitest on small folders and reads its last line and exit status: the line that CI and people go by
// must not be able to say that all is well when something did not run.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..", "..");
const reporter = join(repository, "test/support/closing-line-reporter.ts");

const header = `import { beforeAll, describe, expect, test } from "vitest";\n`;
const passing = `${header}test("passes", () => { expect(1).toBe(1); });\n`;
const failing = `${header}test("fails", () => { expect(1).toBe(2); });\n`;
const skipped = `${header}test.skip("is skipped", () => {});\n`;
const broken = `${header}import "./nowhere.ts";\ntest("never runs", () => {});\n`;
const brokenHook = `${header}describe("suite", () => {
  beforeAll(() => { throw new Error("hook"); });
  test("never runs", () => {});
});\n`;
const unhandled = `${header}test("passes", async () => {
  void Promise.reject(new Error("nobody waits"));
  await new Promise((resolve) => setImmediate(resolve));
});\n`;

interface Run {
  readonly lastLine: string | undefined;
  readonly status: number | null;
}

let root: string;

function runVitest(files: Readonly<Record<string, string>>, config: object = {}): Run {
  const folder = mkdtempSync(join(root, "case-"));
  symlinkSync(join(repository, "node_modules"), join(folder, "node_modules"));
  const settings = JSON.stringify({ test: { reporters: ["default", reporter], ...config } });
  writeFileSync(join(folder, "vitest.config.mjs"), `export default ${settings};\n`);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const run = spawnSync(join(repository, "node_modules/.bin/vitest"), ["run"], {
    cwd: folder,
    encoding: "utf8",
  });
  return { lastLine: run.stdout.trimEnd().split("\n").at(-1), status: run.status };
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "quorate-closing-line-"));
});

afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("closing line", () => {
  test("counts passed, failed and skipped tests, broken files and broken hooks", () => {
    const files = {
      "a.test.ts": passing,
      "b.test.ts": failing,
      "c.test.ts": skipped,
      "d.test.ts": broken,
      "e.test.ts": brokenHook,
    };
    expect(runVitest(files)).toEqual({ lastLine: "1 passed, 3 failed, 2 skipped", status: 1 });
  });

  test("is green when everything passed", () => {
    const files = { "a.test.ts": passing, "c.test.ts": skipped };
    expect(runVitest(files)).toEqual({ lastLine: "1 passed, 0 failed, 1 skipped", status: 0 });
  });

  test("counts an error outside any test", () => {
    const files = { "a.test.ts": unhandled };
    expect(runVitest(files)).toEqual({ lastLine: "1 passed, 1 failed, 0 skipped", status: 1 });
  });

  test("is red when every test was skipped", () => {
    const files = { "c.test.ts": skipped };
    expect(runVitest(files)).toEqual({ lastLine: "0 passed, 0 failed, 1 skipped", status: 1 });
  });

  test("is red when there is no test", () => {
    expect(runVitest({})).toEqual({ lastLine: "0 passed, 0 failed, 0 skipped", status: 1 });
  });

  test("is red when the set-up failed", () => {
    const files = { "a.test.ts": passing, "setup.ts": `throw new Error("set-up");\n` };
    const run = runVitest(files, { globalSetup: "./setup.ts" });
    expect(run).toEqual({ lastLine: "0 passed, 1 failed, 0 skipped", status: 1 });
  });
});
