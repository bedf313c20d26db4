// Disks that fail under a running server: after the first failed write or sync nobody knows what is on the disk, so the
// server process ends with a coded error, its sentinel starts it again, and the others go on without it.
import { spawnSync } from "node:child_process";
import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Machine, program } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { type Injection, inject, needsFaults } from "./support/durability/injection.ts";
import { fatalLines, restarts } from "./support/durability/log-lines.ts";
import type { DurableServers } from "./support/durability/servers.ts";
import { useServers } from "./support/durability/stage.ts";

const writeFailed = "QUORATE_STORAGE_WRITE_FAILED";
/** exitCodes.failed: an error of kind `internal`. */
const failedExitCode = 1;

async function failDisk(
  servers: DurableServers,
  machine: Machine,
  injection: Injection,
): Promise<void> {
  const before = machine.log().length;
  const pid = await until("a server process", () => machine.serverPid());
  await servers.whileWriting(async () => {
    await servers.acknowledges(20);
    const { ended } = await inject(pid, injection);
    await ended;
    await until("started again", () => (restarts(machine, before).length > 0 ? true : undefined));
    await servers.acknowledges(20);
  });
  const [fatal] = fatalLines(machine, before);
  expect(fatal).toMatchObject({ code: writeFailed, msg: "server cannot go on" });
  expect(fatal?.help).toContain("Check free space and the disk");
  expect(restarts(machine, before)).toEqual([failedExitCode]);
  await servers.allBack();
  expect(machine.serverPid()).not.toBe(pid);
  expect(await servers.problems()).toEqual([]);
  expect(await servers.problemsOfCopy(machine)).toEqual([]);
}

const strace = needsFaults("strace", "root");

describe.skipIf(strace.skip)(strace.title("a disk that answers EIO"), () => {
  const servers = useServers();

  test.each<Injection>([
    { call: "fdatasync", error: "EIO", when: "1+" },
    { call: "fdatasync", error: "EIO", when: "9+" },
    // The next sync would succeed, although the pages are gone: asking again must not pass for an answer.
    { call: "fdatasync", error: "EIO", when: "3" },
    { call: "fdatasync", error: "ENOSPC", when: "5+" },
  ])(
    "a follower's $call fails with $error, call $when: it ends, returns, and nothing is missing",
    async (injection) => {
      await failDisk(servers(), await servers().follower(), injection);
    },
  );

  test.each<Injection>([
    { call: "fdatasync", error: "EIO", when: "1+" },
    { call: "fdatasync", error: "EIO", when: "4" },
  ])(
    "the leader's $call fails with $error, call $when: another leads, and nothing is missing",
    async (injection) => {
      await failDisk(servers(), await servers().leader(), injection);
    },
  );
});

const tmpfsBytes = "40m";
const tmpfs = needsFaults("root", "mount tmpfs");

/** Every machine sees a small disk of its own, which is gone when its last process is. */
function onSmallDisk({ dataDirectory }: { readonly dataDirectory: string }): readonly string[] {
  const mount = `mount -t tmpfs -o size=${tmpfsBytes} none "$0" && exec "$@"`;
  return ["unshare", "--mount", "--propagation", "private", "sh", "-c", mount, dataDirectory];
}

/** As the machine's own processes see it. */
const seenBy = (machine: Machine, path: string): string => join(`/proc/${machine.pid}/root`, path);

/** Writes until there is no room for one more byte. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let bytes = 1024 * 1024; bytes >= 1; ) {
      try {
        writeSync(file, Buffer.alloc(bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
        bytes = Math.floor(bytes / 2);
      }
    }
  } finally {
    closeSync(file);
  }
}

describe.skipIf(tmpfs.skip)(tmpfs.title("a disk that is full"), () => {
  const servers = useServers({ launcher: onSmallDisk });

  test.each(["follower", "leader"] as const)(
    "the %s's: it ends with a coded error, stays away, and is back by itself once there is room",
    async (role) => {
      const all = servers();
      const machine = await all[role]();
      const before = machine.log().length;
      const filler = seenBy(machine, join(machine.dataDirectory, "cache-filler"));
      await all.whileWriting(async () => {
        await all.acknowledges(20);
        fill(filler);
        await until("it ended", () => (restarts(machine, before).length > 0 ? true : undefined));
        await all.acknowledges(100);
      });
      const fatal = fatalLines(machine, before);
      expect(fatal[0]).toMatchObject({ code: writeFailed });
      expect(fatal[0]?.help).toContain("Check free space");
      expect(new Set(fatal.map(({ code }) => code))).toEqual(new Set([writeFailed]));
      expect(await all.problems(all.others(machine))).toEqual([]);
      rmSync(filler);
      await all.allBack();
      expect(await all.problems()).toEqual([]);
      expect(await all.problemsOfCopy(machine)).toEqual([]);
    },
  );
});

describe("one data directory, two processes", () => {
  const servers = useServers();

  function startAgain(machine: Machine, entry: string): ReturnType<typeof spawnSync> {
    const ports = ["--http-port", "0", "--grpc-port", "0", "--peer-port", "0"];
    const own = ["--id", machine.id, "--data", machine.dataDirectory];
    const words = entry === program ? ["server", "start"] : [];
    return spawnSync(process.execPath, [entry, ...words, ...own, ...ports], {
      encoding: "utf8",
      timeout: 15_000,
    });
  }

  test.each([
    ["a server process", true, join(program, "../server.js")],
    ["a server process, although LOCK was removed", false, join(program, "../server.js")],
    ["a second machine's command", true, program],
  ])(
    "%s is refused, with the code and the way out; the first goes on",
    async (_, hasLock, entry) => {
      const all = servers();
      const machine = await all.follower();
      const pid = machine.serverPid();
      if (!hasLock) rmSync(join(machine.dataDirectory, "LOCK"));
      await all.whileWriting(async () => {
        await all.acknowledges(20);
        const { status, stdout, stderr } = startAgain(machine, entry);
        expect(status).toBe(failedExitCode);
        const said = `${String(stdout)}${String(stderr)}`;
        expect(said).toContain("QUORATE_STORAGE_DATA_DIRECTORY_IN_USE");
        expect(said).toContain("Never delete a LOCK file");
        if (hasLock) expect(said).toContain(`process ${String(pid)}`);
        await all.acknowledges(20);
      });
      expect(machine.serverPid()).toBe(pid);
      expect(await all.problems()).toEqual([]);
      await machine.stop();
      machine.start();
      await all.allBack();
      expect(await all.problemsOfCopy(machine)).toEqual([]);
    },
  );
});
