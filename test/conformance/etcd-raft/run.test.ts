import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runEtcdRaft } from "./run.ts";

const won = "vote cfg=(1) votes=(y)\n----\nVoteWon\n";
const lost = won.replace("VoteWon", "VoteLost");
const follower = "add-nodes 0\n----\nok\n";
const joint = "leave-joint\n----\ncan't leave a non-joint config\n";

let dir = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "quorate-conformance-"));
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

function run(files: Readonly<Record<string, string>>): { code: number; lines: string[] } {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  const lines: string[] = [];
  const code = runEtcdRaft(dir, { print: (line) => lines.push(line) });
  return { code, lines };
}

describe("conformance etcd-raft", () => {
  test("knows the folders of a checkout", () => {
    const files = {
      "testdata/a.txt": follower,
      "testdata/notes.md": "not a test",
      "confchange/testdata/b.txt": joint,
      "quorum/testdata/c.txt": won,
    };
    expect(run(files)).toEqual({
      code: 0,
      lines: [
        "ok testdata/a.txt",
        "ok confchange/testdata/b.txt",
        "ok quorum/testdata/c.txt",
        "3 passed, 0 failed",
      ],
    });
  });

  test("knows a folder with nothing else; one failure is exit code 1, with what differs", () => {
    const files = { "interaction/a.txt": follower, "quorum/b.txt": lost, "quorum/c.txt": won };
    expect(run(files)).toEqual({
      code: 1,
      lines: [
        "ok interaction/a.txt",
        "FAIL quorum/b.txt",
        "  line 1: vote cfg=(1) votes=(y)",
        "  the output differs from its line 1 on",
        "  expected:",
        "    VoteLost",
        "  actual:",
        "    VoteWon",
        "ok quorum/c.txt",
        "2 passed, 1 failed",
      ],
    });
  });

  test("a file without a directive fails: nothing was compared", () => {
    expect(run({ "interaction/a.txt": "", "quorum/c.txt": won })).toEqual({
      code: 1,
      lines: [
        "FAIL interaction/a.txt",
        "  the file holds no directive",
        "ok quorum/c.txt",
        "1 passed, 1 failed",
      ],
    });
  });

  test("a folder that is not there is exit code 2, too", () => {
    const lines: string[] = [];
    const code = runEtcdRaft(join(dir, "none"), { print: (line) => lines.push(line) });
    expect(code).toBe(2);
    expect(lines[0]).toContain("does not exist");
  });

  test("a folder with nothing known is exit code 2", () => {
    const { code, lines } = run({ "readme.txt": "hello" });
    expect(code).toBe(2);
    expect(lines[0]).toMatch(/^QUORATE_CONFORMANCE_NOTHING_KNOWN: .* holds no test files of etcd/);
  });

  test("without a folder the command says how it is called", () => {
    const main = join(import.meta.dirname, "..", "main.ts");
    const { status, stdout } = spawnSync(process.execPath, ["--import", "tsx", main, "etcd-raft"], {
      encoding: "utf8",
    });
    expect(status).toBe(2);
    expect(stdout).toMatch(/^QUORATE_CONFORMANCE_USAGE: .*\nCall it as: npm run conformance -- /);
  });
});
