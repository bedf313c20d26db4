// Two processes and one data directory. LOCK is hidden from the second one wherever that matters: in another container the
// pid in it says nothing either.
import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { constants, existsSync } from "node:fs";
import {
  type FileHandle,
  open as openFile,
  readdir,
  readFile,
  rename,
  rm,
  truncate,
  writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { OwnData } from "../../../src/server/own-data.ts";
import type { DataDirectory } from "../../../src/storage/contract.ts";
import { openDataDirectory } from "../../../src/storage/data-directory.ts";
import { writeContacts } from "../../../src/storage/files/contacts.ts";
import { readIdentity } from "../../../src/storage/files/identity.ts";
import { decideQuarantine, readQuarantine } from "../../../src/storage/files/quarantine.ts";
import { codeOf, hardState, run, temporaryDirectory } from "../../conformance/storage/harness.ts";
import { flipBit } from "../../unit/storage/level/raw.ts";
import { treeOf } from "../../unit/storage/offline/tree.ts";

const program = join(import.meta.dirname, "open-directory-program.ts");
const inUse = "QUORATE_STORAGE_DATA_DIRECTORY_IN_USE";
const timeout = 60_000;
let dir: string;
let children: ChildProcess[];
beforeEach(async () => {
  dir = await temporaryDirectory();
  children = [];
  const data = await open();
  await data.saveIdentity({ ...data.identity, ...whose, peerId: 2 });
  await data.log.append({ entries: run(1, 9, 1), hardState: hardState(1, 0, 9) });
  await data.close();
});
afterEach(async () => {
  for (const child of children) await kill(child);
  await rm(dir, { recursive: true });
});

const whose = { clusterId: "c", generation: 1, serverId: "s1" };
const reason = { code: "QUORATE_STORAGE_CORRUPT_LOG", message: "m", atMs: 5, ...whose };
const inOwner = (name: string): string => join(dir, "owner", name);
const open = (): Promise<DataDirectory> =>
  openDataDirectory({ dir, logger: silentLogger, serverId: whose.serverId });

function begin(): ChildProcess {
  const child = fork(program, { execArgv: ["--import", "tsx"], stdio: "inherit" });
  children.push(child);
  child.send(dir);
  return child;
}

/** What a process beside says about the directory; it goes on holding it. */
async function beside(): Promise<unknown> {
  const [answer] = (await once(begin(), "message")) as [unknown];
  return answer;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGKILL");
  await ended;
}

/** Everything but what LevelDB notes before it asks for its lock. */
async function tree(): Promise<readonly string[]> {
  return (await treeOf(dir)).filter(
    (line) => !line.includes(`${dir} `) && !line.includes("/owner"),
  );
}

/** Resolves when somebody reads the pipe; that reader waits until this is closed. */
async function readerOf(pipe: string): Promise<FileHandle> {
  let handle: FileHandle | undefined;
  const attempt = async (): Promise<boolean> => {
    try {
      handle = await openFile(pipe, constants.O_WRONLY | constants.O_NONBLOCK);
      return true;
    } catch (error) {
      // Nobody reads it yet (fifo(7)).
      if (error instanceof Error && "code" in error && error.code === "ENXIO") return false;
      throw error;
    }
  };
  await expect.poll(attempt, { timeout: 30_000 }).toBe(true);
  return handle!;
}

/** A server that has others. */
async function ownData(): Promise<OwnData> {
  await writeContacts(dir, { ...whose, others: ["a:1", "b:1"], canBeSpared: true });
  return new OwnData(
    { dir, serverId: whose.serverId, others: [] },
    { logger: silentLogger, wallClock: { wallMs: () => 7 } },
  );
}

describe("a second start", () => {
  test("in the middle of the first one is refused, and judges and moves nothing", {
    timeout,
  }, async () => {
    const own = await ownData();
    const current = join(dir, "log", "CURRENT");
    await rename(current, `${current}.whole`);
    // Whoever reads this waits for a writer: the first start stands still before its log is loaded.
    execFileSync("mkfifo", [current]);
    const first = begin();
    const standing = await readerOf(current);
    await rm(join(dir, "LOCK"));
    await rm(current);
    const before = await tree();
    // Without CURRENT the log looks lost.
    expect(await codeOf(() => own.open())).toBe(inUse);
    expect(await codeOf(() => own.open())).toBe(inUse);
    expect(await tree()).toEqual(before);
    expect(await readQuarantine(dir)).toBeUndefined();
    await kill(first);
    await standing.close();
    await rename(`${current}.whole`, current);
    const data = await open();
    expect(data.log.view.lastIndex()).toBe(9);
    await data.close();
  });

  test("does not carry out what was decided about a directory that is held", {
    timeout,
  }, async () => {
    expect(await beside()).toBe("open");
    decideQuarantine(dir, reason);
    const held = await readFile(join(dir, "LOCK"));
    await rm(join(dir, "LOCK"));
    const before = await tree();
    expect(await codeOf(open)).toBe(inUse);
    expect(await tree()).toEqual(before);
    await writeFile(join(dir, "LOCK"), held);
    await expect(open()).rejects.toMatchObject({ code: inUse, fields: { pid: children[0]?.pid } });
    // Killed, it holds nothing, and the decision is carried out.
    await kill(children[0]!);
    const data = await open();
    expect(data.identity.peerId).toBe(0);
    expect(existsSync(join(dir, "quarantined", "1", "log"))).toBe(true);
    await data.close();
  });

  test("of the same process does not cost it its lock", { timeout }, async () => {
    const data = await open();
    await rm(join(dir, "LOCK"));
    expect(await codeOf(open)).toBe(inUse);
    expect(await beside()).toBe(inUse);
    await data.close();
  });

  test("finds the lock as long as damage is judged, and the quarantine decided before it is let go", {
    timeout,
  }, async () => {
    await flipBit(join(dir, "identity"), 40);
    const found: unknown[] = [];
    const onFailure = async (): Promise<void> => {
      await rm(join(dir, "LOCK"));
      found.push(await beside());
      decideQuarantine(dir, reason);
    };
    const opening = openDataDirectory({ dir, logger: silentLogger, onFailure });
    await expect(opening).rejects.toMatchObject({ code: "QUORATE_STORAGE_CORRUPT_IDENTITY" });
    expect(found).toEqual([inUse]);
    expect(await beside()).toBe("open");
    expect((await readIdentity(dir))?.peerId).toBe(0);
  });
});

test("LOCK is there until the log is closed", async () => {
  const data = await open();
  const close = data.log.close.bind(data.log);
  const seen: boolean[] = [];
  vi.spyOn(data.log, "close").mockImplementation(async () => {
    seen.push(existsSync(join(dir, "LOCK")));
    await close();
    seen.push(existsSync(join(dir, "LOCK")));
  });
  await data.close();
  expect([...seen, existsSync(join(dir, "LOCK"))]).toEqual([true, true, false]);
});

describe("damage to the lock database stops no start", () => {
  const manifest = async (): Promise<string> =>
    inOwner((await readdir(join(dir, "owner"))).find((name) => name.startsWith("MANIFEST"))!);
  test.each([
    ["CURRENT is empty", () => truncate(inOwner("CURRENT"))],
    ["CURRENT says nothing", () => writeFile(inOwner("CURRENT"), "MANIFEST")],
    ["CURRENT is gone", () => rm(inOwner("CURRENT"))],
    ["its manifest is gone", async () => rm(await manifest())],
    ["its manifest is empty", async () => truncate(await manifest())],
    ["its manifest is damaged", async () => flipBit(await manifest(), 12)],
    ["LOCK is gone", () => rm(inOwner("LOCK"))],
    ["all of it is gone", () => rm(join(dir, "owner"), { recursive: true })],
    [
      "all is zeros",
      async () => {
        for (const name of await readdir(join(dir, "owner"))) {
          await writeFile(inOwner(name), Buffer.alloc(100));
        }
      },
    ],
  ])("%s", async (_, spoil) => {
    await spoil();
    const data = await open();
    expect([data.identity.peerId, data.log.view.lastIndex()]).toEqual([2, 9]);
    await data.close();
    expect(await readQuarantine(dir)).toBeUndefined();
    await (await open()).close();
  });

  test("nor does it let a second one in", { timeout }, async () => {
    await rm(inOwner("CURRENT"));
    await truncate(await manifest());
    expect(await beside()).toBe("open");
    await rm(join(dir, "LOCK"));
    await writeFile(inOwner("CURRENT"), "MANIFEST");
    const before = await readdir(join(dir, "owner"));
    expect(await codeOf(open)).toBe(inUse);
    expect(await readdir(join(dir, "owner"))).toEqual(expect.arrayContaining(before));
  });
});
