// The example of docs/start.md, run as a reader would: in a folder of its own, where `quorate` is an installed package.
import { spawnSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const repository = join(import.meta.dirname, "..", "..");
const tsx = import.meta.resolve("tsx");
const runBoundMs = 60_000;

/** The TypeScript block directly behind `<!-- test: NAME -->`. */
function exampleNamed(page: string, name: string): string {
  const mark = `<!-- test: ${name} -->\n\`\`\`ts\n`;
  const [, rest] = page.split(mark, 2);
  const end = rest?.indexOf("\n```") ?? -1;
  if (rest === undefined || end < 0) throw new Error(`the page has no example "${name}"`);
  return rest.slice(0, end + 1);
}

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "quorate-docs-"));
  mkdirSync(join(folder, "node_modules"));
  mkdirSync(join(folder, "tmp"));
  symlinkSync(repository, join(folder, "node_modules", "quorate"), "dir");
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe("docs/start.md", () => {
  test("its embedded cluster of one starts, keeps a key, stops, and leaves nothing behind", () => {
    const page = readFileSync(join(repository, "docs/start.md"), "utf8");
    writeFileSync(join(folder, "embedded.mts"), exampleNamed(page, "embedded"));
    const run = spawnSync(process.execPath, ["--import", tsx, "embedded.mts"], {
      cwd: folder,
      encoding: "utf8",
      timeout: runBoundMs,
      env: { ...process.env, NODE_NO_WARNINGS: "1", TMPDIR: join(folder, "tmp") },
    });
    expect(run.stderr).toBe("");
    expect(run.status).toBe(0);
    expect(run.stdout).toMatch(/^hello, version 1, written at revision [0-9]+\n$/);
    const left = readdirSync(join(folder, "tmp")).filter((name) => name.startsWith("quorate-"));
    expect(left).toEqual([]);
  });

  test("an example that is not there, or has no end, is reported", () => {
    expect(() => exampleNamed("# Page\n", "embedded")).toThrow(/no example "embedded"/);
    const open = "<!-- test: embedded -->\n```ts\nconst endless = 1;\n";
    expect(() => exampleNamed(open, "embedded")).toThrow(/no example/);
    expect(exampleNamed(`${open}\`\`\`\n`, "embedded")).toBe("const endless = 1;\n");
  });
});
