import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import { encodeCommand } from "../../../src/state/command-codec.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";
import { entryKey, stateKey } from "../../../src/storage/level/keys.ts";
import { rawWrite } from "../storage/level/raw.ts";
import { run, words } from "./run.ts";

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "quorate-cli-data-"));
  const data = await openDataDirectory({ dir, logger: silentLogger, serverId: "alpha" });
  await data.saveIdentity({ ...data.identity, clusterId: "west", peerId: 3 });
  const command = { kind: "kv-delete", key: "a", condition: { kind: "none" } } as const;
  const commandBytes = encodeCommand({ atMs: 1, actor: "t", request: undefined, command });
  const pieces = [new Uint8Array(0), commandBytes, Buffer.from("ff00", "hex")];
  const entries = pieces.map((bytes, i) => ({
    index: index(i + 1),
    term: term(1),
    type: "normal" as const,
    data: bytes,
  }));
  const hardState = { term: term(1), vote: peerId(3), commit: index(2) };
  for (const one of entries) await data.log.append({ entries: [one], hardState: undefined });
  await data.log.append({ entries: [], hardState });
  await data.close();
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const damage = (): Promise<void> =>
  rawWrite(join(dir, "log"), [
    [entryKey(2), Buffer.of(1)],
    [stateKey, undefined],
  ]);

describe("inspect", () => {
  test("facts, databases", async () => {
    const { code, stdout } = await run(["data", "inspect", dir]);
    expect(code).toBe(0);
    const lines = words(stdout);
    expect(lines).toContainEqual(["cluster", "west"]);
    expect(lines).toContainEqual(["server", "alpha"]);
    expect(lines).toContainEqual(["in use by", "none"]);
    expect(lines).toContainEqual(["quarantine", "none"]);
    expect(lines.find(([name]) => name === "log")?.at(-1)).toBe("intact");
  });

  test("also while it is in use, as JSON", async () => {
    const data = await openDataDirectory({ dir, logger: silentLogger });
    const { code, stdout } = await run(["data", "inspect", dir, "-o", "json"]);
    await data.close();
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      ownerPid: process.pid,
      identity: { clusterId: "west", bootCounter: 2 },
    });
  });
});

describe("verify", () => {
  test("clean", async () => {
    const { code, stdout } = await run(["data", "verify", dir]);
    expect(stdout).toBe("clean: 3 entries, 0 chunks and 0 snapshots are intact\n");
    expect(code).toBe(0);
  });

  test("findings, each with where, code and what; exit 1", async () => {
    await damage();
    const { code, stdout, stderr } = await run(["data", "verify", dir]);
    expect(code).toBe(1);
    const [head, first, second] = words(stdout);
    expect(head).toEqual(["WHERE", "CODE", "WHAT"]);
    expect(first?.slice(0, 2)).toEqual(["log: hard state", "QUORATE_STORAGE_CORRUPT_LOG"]);
    expect(second?.slice(0, 2)).toEqual(["log: entry 2", "QUORATE_STORAGE_CORRUPT_ENTRY"]);
    expect(stdout).toContain("QUORATE_STORAGE_CORRUPT_ENTRY: Do not repair");
    expect(stderr).toContain("QUORATE_CLI_DATA_DAMAGED");
    const json = await run(["data", "verify", dir, "-o", "json"]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      findings: [{ where: "log: hard state" }, { where: "log: entry 2" }],
      checked: { entries: 2 },
    });
  });

  test("a person sees how far it is", async () => {
    const { code, stderr } = await run(["data", "verify", dir], { isTTY: true });
    expect(code).toBe(0);
    expect(stderr).toContain("verifying");
  });

  test("refused while it is in use, and where there is nothing", async () => {
    const data = await openDataDirectory({ dir, logger: silentLogger });
    for (const verb of ["verify", "dump"]) {
      const { code, stderr } = await run(["data", verb, dir]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("DATA_DIRECTORY_IN_USE")]);
    }
    await data.close();
    await writeFile(join(dir, "letter"), "");
    for (const verb of ["inspect", "verify", "dump"]) {
      const { code, stderr } = await run(["data", verb, join(dir, "letter")]);
      expect([code, stderr]).toEqual([1, expect.stringContaining("NOT_A_DATA_DIRECTORY")]);
    }
  });
});

describe("dump", () => {
  test("hard state and entries with their kinds", async () => {
    const { code, stdout } = await run(["data", "dump", dir, "--no-headers"]);
    expect(code).toBe(0);
    const [state, , ...entries] = words(stdout).map((line) => line.map((word) => word.trim()));
    expect(state).toEqual(["1", "3", "2", "1", "3", "0", "4", "2 of 2"]);
    expect(entries.map((line) => line.at(-1))).toEqual(["leader", "kv-delete", "unknown 0xff00"]);
  });

  test("a range as JSON lines, damage included", async () => {
    await damage();
    const { code, stdout } = await run(["data", "dump", dir, "-o", "json", "--from", "2"]);
    expect(code).toBe(0);
    const lines = stdout.trimEnd().split("\n");
    const [state, second, third] = lines.map((line): unknown => JSON.parse(line));
    expect(lines).toHaveLength(3);
    expect(state).toMatchObject({ hardState: { term: 1, vote: 3, commit: 2, intactCopies: 1 } });
    expect(second).toMatchObject({ index: 2, code: "QUORATE_STORAGE_CORRUPT_ENTRY" });
    expect(third).toMatchObject({ index: 3, term: 1, type: "normal", bytes: 2 });
  });

  test("a range that is none", async () => {
    const { code, stderr } = await run(["data", "dump", dir, "--from", "x"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--from")]);
  });
});
