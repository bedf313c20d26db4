import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  Journal,
  journalPath,
  type LifeRecord,
  readJournal,
  type StartRecord,
  unended,
} from "../../../../src/runner/sentinel/journal.ts";
import {
  journalHolder,
  killJournaled,
  survivors,
} from "../../../../src/runner/sentinel/leftovers.ts";
import {
  bootId,
  isAlive,
  type ProcessStat,
  parseStat,
  readStat,
} from "../../../../src/runner/sentinel/processes.ts";
import { monotonicClock } from "../../../../src/runner/sentinel/system.ts";

let directory: string;
let journal: Journal;
const children: ChildProcess[] = [];
const ownLife: LifeRecord = {
  kind: "life",
  pid: process.pid,
  startTicks: readStat(process.pid)!.startTicks,
  bootId: bootId(),
};

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "quorate-journal-"));
  journal = new Journal({ dataDirectory: directory, life: ownLife });
  await journal.start();
});
afterEach(async () => {
  await journal.stop();
  for (const child of children.splice(0)) child.kill("SIGKILL");
  await rm(directory, { recursive: true });
});

const record = (jobId: string, group: number, startTicks = 1): StartRecord => ({
  ...{ kind: "start", jobId, epoch: 3, group, startTicks },
  ...{ bootId: bootId(), cgroup: "" },
});

async function sleeper(jobId: string): Promise<ChildProcess & { pid: number }> {
  const child = spawn("sleep", ["60"], {
    detached: true,
    stdio: "ignore",
    env: { PATH: "/usr/bin:/bin", QUORATE_JOB_ID: jobId },
  });
  await once(child, "spawn");
  children.push(child);
  return child as ChildProcess & { pid: number };
}

describe("journal", () => {
  test("keeps the starts that have no end, across simultaneous appends", async () => {
    await Promise.all([1, 2, 3].map((n) => journal.append(record(`j${n}`, 1000 + n))));
    await journal.append({ kind: "end", group: 1002, startTicks: 1 });
    const left = unended(await readJournal(directory));
    expect(left.map((r) => r.jobId)).toEqual(["j1", "j3"]);
  });

  test("half a line at the end is a start that was never executed", async () => {
    await journal.append(record("j1", 1001));
    await appendFile(journalPath(directory), '{"kind":"start","jobId":"j2"');
    expect(unended(await readJournal(directory)).map((r) => r.jobId)).toEqual(["j1"]);
  });

  test("is rewritten with what runs once it has grown", async () => {
    const jobId = "j".repeat(70_000);
    for (let group = 1; group <= 16; group += 1) {
      await journal.append(record(jobId, group));
      if (group > 1) await journal.append({ kind: "end", group, startTicks: 1 });
    }
    await journal.append(record("last", 99));
    expect((await readFile(journalPath(directory))).length).toBeLessThan(200_000);
    expect(unended(await readJournal(directory)).map((r) => r.group)).toEqual([1, 99]);
  });

  test("names the sentinel that holds it, as long as it lives", async () => {
    expect(await journalHolder(directory)).toBeUndefined();
    const child = await sleeper("none");
    const { startTicks } = readStat(child.pid)!;
    const other = new Journal({
      dataDirectory: directory,
      life: { ...ownLife, pid: child.pid, startTicks },
    });
    await other.start();
    expect(await journalHolder(directory)).toMatchObject({ pid: child.pid });
    const reused = { ...ownLife, pid: child.pid, startTicks: startTicks - 1 };
    const older = new Journal({ dataDirectory: directory, life: reused });
    await older.start();
    expect(await journalHolder(directory)).toBeUndefined();
    await other.stop();
    await older.stop();
  });
});

describe("leftovers", () => {
  test("a journaled group is killed", async () => {
    const child = await sleeper("j1");
    await journal.append(record("j1", child.pid, readStat(child.pid)!.startTicks));
    expect(await killJournaled(directory, monotonicClock)).toEqual([{ jobId: "j1", epoch: 3 }]);
    expect(readStat(child.pid)).toSatisfy(
      (stat?: ProcessStat) => stat === undefined || !isAlive(stat),
    );
    expect(await killJournaled(directory, monotonicClock)).toEqual([]);
  });

  test("a reused process id, another boot and an ended run are left alone", async () => {
    const child = await sleeper("j1");
    const { startTicks } = readStat(child.pid)!;
    await journal.append(record("j1", child.pid, startTicks - 1));
    await journal.append({ ...record("j1", child.pid, startTicks), bootId: "another" });
    await journal.append({ kind: "end", group: child.pid, startTicks });
    expect(await killJournaled(directory, monotonicClock)).toEqual([]);
    expect(isAlive(readStat(child.pid)!)).toBe(true);
  });

  test("without the first process only members that carry the run's environment count", () => {
    const stat = (pid: number, startTicks: number): ProcessStat => ({
      ...{ pid, startTicks, state: "S", group: 50, session: 50, threads: 1 },
    });
    const start = record("j1", 50, 10);
    const members = [stat(60, 11), stat(61, 12), stat(62, 9)];
    const carries = (pid: number): boolean => pid !== 61;
    expect(survivors(start, members, carries).map((p) => p.pid)).toEqual([60]);
    expect(survivors(start, [stat(50, 10), ...members], carries)).toHaveLength(4);
    expect(survivors(start, [stat(50, 11), ...members], carries)).toEqual([]);
  });
});

describe("/proc", () => {
  test("a name with parentheses and spaces does not shift the fields", () => {
    const rest = "S 1 77 78 0 -1 0 0 0 0 0 0 0 0 0 20 0 5 0 424242 1 1";
    expect(parseStat(`9 (a) b (c)) ${rest}`)).toEqual({
      ...{ pid: 9, state: "S", group: 77, session: 78, threads: 5, startTicks: 424242 },
    });
    expect(parseStat("nonsense")).toBeUndefined();
  });

  test("a zombie is alive only while other threads of it run", () => {
    const zombie: ProcessStat = {
      pid: 1,
      state: "Z",
      group: 1,
      session: 1,
      threads: 1,
      startTicks: 1,
    };
    expect(isAlive(zombie)).toBe(false);
    expect(isAlive({ ...zombie, threads: 2 })).toBe(true);
  });
});
