import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { AssertionFailed } from "../../../src/base/assert.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { index } from "../../../src/base/numbers.ts";
import type { DataDirectory } from "../../../src/storage/contract.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";
import { readIdentity } from "../../../src/storage/files/identity.ts";
import { decideQuarantine } from "../../../src/storage/files/quarantine.ts";
import {
  codeOf,
  digestOf,
  hardState,
  run,
  snapshotMeta,
  temporaryDirectory,
} from "../../conformance/storage/harness.ts";
import { markStopped } from "./files/stopped.ts";
import { flipBit } from "./level/raw.ts";

let root: string;
let dir: string;
beforeEach(async () => {
  root = await temporaryDirectory();
  dir = join(root, "data");
});
afterEach(() => rm(root, { recursive: true, force: true }));

const open = (serverId?: string): Promise<DataDirectory> =>
  openDataDirectory({ dir, logger: silentLogger, ...(serverId === undefined ? {} : { serverId }) });

async function reopen(data: DataDirectory): Promise<DataDirectory> {
  await data.close();
  return open();
}

/** A child process over the same directory; lines that it printed. */
async function child(): Promise<{ process: ChildProcess; lines: string[] }> {
  const script = fileURLToPath(new URL("./child-server.ts", import.meta.url));
  const started = spawn(process.execPath, ["--import", "tsx", script, dir], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  createInterface({ input: started.stdout }).on("line", (line) => void lines.push(line));
  await expect.poll(() => lines.length, { timeout: 15_000 }).toBeGreaterThan(20);
  return { process: started, lines };
}

async function kill(victim: ChildProcess): Promise<void> {
  const ended = once(victim, "exit");
  victim.kill("SIGKILL");
  await ended;
}

describe("identity", () => {
  test("a new directory is private, has a new identity and its first boot", async () => {
    const data = await open("alpha");
    expect(data.identity).toMatchObject({
      serverId: "alpha",
      clusterId: "",
      peerId: 0,
      generation: 0,
      bootCounter: 1,
    });
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    expect((await readdir(dir)).sort()).toEqual([
      "LOCK",
      "chunk-index",
      "chunks",
      "identity",
      "log",
      "owner",
      "snapshots",
    ]);
    await data.close();
    await data.close();
    expect(await readdir(dir)).not.toContain("LOCK");
  });

  test("each opening counts and renews the nonce", async () => {
    const first = await open();
    const second = await reopen(first);
    expect(second.identity.bootCounter).toBe(2);
    expect(second.identity.bootNonce).not.toBe(first.identity.bootNonce);
    expect(second.identity.incarnation).toBe(first.identity.incarnation);
    await second.close();
  });

  test("identity and formation are durable; a second formation is a defect", async () => {
    const data = await open();
    await data.saveIdentity({ ...data.identity, clusterId: "c9", peerId: 4 });
    await data.saveFormation(Buffer.from("proposal"));
    await expect(data.saveFormation(Buffer.from("other"))).rejects.toThrow(AssertionFailed);
    const again = await reopen(data);
    expect(again.identity).toMatchObject({ clusterId: "c9", peerId: 4, bootCounter: 2 });
    expect(Buffer.from(again.formation ?? []).toString()).toBe("proposal");
    await again.close();
  });

  test("another server's directory, a foreign one and a damaged identity are refused", async () => {
    await (await open("alpha")).close();
    expect(await codeOf(() => open("beta"))).toBe("QUORATE_STORAGE_WRONG_SERVER");
    await flipBit(join(dir, "identity"), 40);
    expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
    dir = join(root, "other");
    await mkdir(dir);
    await writeFile(join(dir, "holiday.jpg"), "");
    expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_NOT_A_DATA_DIRECTORY");
    expect(await readdir(dir)).toEqual(["holiday.jpg"]);
    dir = join(dir, "holiday.jpg");
    expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_OPEN_FAILED");
  });

  test("a log without identity and an identity without log are refused", async () => {
    const data = await open();
    await data.log.append({ entries: run(1, 2, 1), hardState: undefined });
    await data.close();
    const identity = await readFile(join(dir, "identity"));
    await rm(join(dir, "identity"));
    expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_CORRUPT_IDENTITY");
    await writeFile(join(dir, "identity"), identity);
    await (await open()).close();
    await rm(join(dir, "log"), { recursive: true });
    expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_CORRUPT_LOG");
  });

  test("a quarantine that was cut short before the new identity is continued beside foreign names", async () => {
    await (await open("alpha")).close();
    const reason = { code: "QUORATE_STORAGE_CORRUPT_LOG", message: "m", atMs: 5 };
    decideQuarantine(dir, { ...reason, clusterId: "c", generation: 1, serverId: "alpha" });
    await rm(join(dir, "identity"));
    await mkdir(join(dir, "notes"));
    const data = await open("alpha");
    expect(data.identity).toMatchObject({ clusterId: "c", peerId: 0, bootCounter: 1 });
    await data.close();
  });

  test("one that was put aside too often is refused for good, and nothing of it is moved", async () => {
    await (await open("alpha")).close();
    await markStopped(dir);
    const before = await readdir(dir);
    for (let start = 0; start < 2; start += 1) {
      expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_QUARANTINED_TOO_OFTEN");
    }
    expect(await readdir(dir)).toEqual(before);
    expect((await readIdentity(dir))?.bootCounter).toBe(1);
  });

  test("a creation that was cut short is begun again", async () => {
    await (await open()).close();
    await rm(join(dir, "identity"));
    const data = await open();
    expect(data.identity.bootCounter).toBe(1);
    await data.close();
  });
});

describe("log and snapshots", () => {
  test("everything is there after a restart", async () => {
    const data = await open();
    const bytes = Buffer.from("chunk");
    await data.log.append({ entries: run(1, 9, 1), hardState: hardState(1, 0, 9) });
    const writer = await data.snapshots.create(snapshotMeta(8, 1));
    await writer.write(Buffer.from("tables"));
    await writer.commit();
    await data.log.compact(snapshotMeta(8, 1), index(7));
    await data.chunks.put([{ digest: digestOf(bytes), bytes }]);
    const again = await reopen(data);
    expect([again.log.view.firstIndex(), again.log.view.lastIndex()]).toEqual([7, 9]);
    expect(Buffer.from(await again.snapshots.read(index(8), 0, 100)).toString()).toBe("tables");
    expect(again.chunks.digests()).toEqual([digestOf(bytes)]);
    await again.close();
    await rm(join(dir, "snapshots"), { recursive: true });
    expect(await codeOf(() => open())).toBe("QUORATE_STORAGE_CORRUPT_SNAPSHOT");
  });

  test("a snapshot whose installation was cut short is adopted by the log", async () => {
    const data = await open();
    await data.log.append({ entries: run(1, 9, 1), hardState: hardState(1, 1, 3) });
    await (await data.snapshots.create(snapshotMeta(100, 6))).commit();
    const again = await reopen(data);
    const { view } = again.log;
    expect([view.firstIndex(), view.lastIndex(), view.snapshot()]).toEqual([
      101,
      100,
      snapshotMeta(100, 6),
    ]);
    expect(view.initialHardState()).toEqual(hardState(6, 0, 100));
    await again.close();
  });
});

describe("another process", () => {
  test("is named while it lives, and is no obstacle once it was killed", {
    timeout: 60_000,
  }, async () => {
    const other = await child();
    try {
      const refused = await open().then(
        () => undefined,
        (error: unknown) => error,
      );
      const { pid } = other.process;
      expect(refused).toMatchObject({
        code: "QUORATE_STORAGE_DATA_DIRECTORY_IN_USE",
        fields: { directory: dir, pid },
      });
      const lock = await readFile(join(dir, "LOCK"), "utf8");
      await writeFile(join(dir, "LOCK"), "nonsense");
      const byLevel = await open().then(
        () => undefined,
        (error: unknown) => error,
      );
      expect(byLevel).toMatchObject({ code: "QUORATE_STORAGE_DATA_DIRECTORY_IN_USE" });
      await writeFile(join(dir, "LOCK"), lock);
    } finally {
      await kill(other.process);
    }
    const acknowledged = Number(other.lines.at(-1));
    const data = await open();
    expect(data.log.view.lastIndex()).toBeGreaterThanOrEqual(acknowledged);
    expect(data.log.view.initialHardState().commit).toBe(data.log.view.lastIndex());
    expect(data.identity.bootCounter).toBe(2);
    await data.close();
  });

  test("the same process is refused too", async () => {
    const data = await open();
    const refused = await open().then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(refused).toMatchObject({ fields: { pid: process.pid } });
    await data.close();
    await (await open()).close();
  });

  test("a lock file of a process that had this number before is no obstacle", async () => {
    await (await open()).close();
    await writeFile(join(dir, "LOCK"), `pid ${String(process.pid)} start 1\n`);
    await (await open()).close();
  });
});
