// SIGTERM: the machine stops and gives back its jobs, proves that they have ended, and says goodbye. Nobody waits for
// its lease.
import { beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { descendants, isAlive } from "../../bench/lib/process-tree.ts";
import { until } from "../../bench/lib/wait.ts";
import { nothingBroken, useStage } from "./support/stage.ts";

const jobs = 6;
/** One more job for each server: it takes its time to end, and the jobs beside it are released before. */
const slowJobs = 3;
const slowToEnd = [
  "node",
  "-e",
  "process.on('SIGTERM', () => setTimeout(() => process.exit(0), 1000)); setInterval(() => undefined, 1000)",
];
/** What the product promises for an ordered end. */
const orderlyEndMs = 5000;

interface LogLine {
  readonly msg: string;
  readonly isProven?: boolean;
}

/** Every line is whole: the last one, too, was written to its end. */
function logLines(machine: Machine): readonly LogLine[] {
  const text = machine.log();
  expect(text.endsWith("\n")).toBe(true);
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as LogLine);
}

describe("a server is stopped in order", () => {
  // A lease that nobody would wait for in a test: what is quick here is quick because of the exit proof.
  const stage = useStage({ servers: 3, jobs, lease: "relaxed", flags: ["--balance-hold", "300"] });

  beforeAll(async () => {
    const { client } = stage();
    for (let i = 1; i <= slowJobs; i += 1) {
      const name = `slow-${String(i)}`;
      await client.jobs.submit({ name, spec: { command: { command: slowToEnd } } });
    }
    await settledEverywhere();
  });

  /** Even, nothing on its way, and the jobs that do not tick run as well: a balance may move those last. */
  async function settledEverywhere(): Promise<void> {
    const { fleet, client } = stage();
    await fleet.balanced(3);
    await until("every job runs under its present epoch", async () => {
      const list = await client.jobs.list();
      return list.every(({ run, epoch }) => run?.phase === "running" && run.epoch === epoch)
        ? true
        : undefined;
    });
  }

  /** What happened to a job since a revision. */
  async function history(job: string, since: number): Promise<readonly string[]> {
    const { events } = await stage().client.jobs.get(job);
    return events
      .filter(({ revision }) => revision > since)
      .map(({ kind, detail }) => `${kind} ${detail}`);
  }

  async function stopAndCheck(machine: Machine): Promise<void> {
    const { fleet, client } = stage();
    const table = await client.jobs.ring();
    const owned = table.jobs.filter(({ owner }) => owner === machine.id);
    const before = await fleet.settled();
    const its = [...before.values()].filter(({ server }) => server === machine.id);
    const below = descendants(machine.pid);
    expect(its.length).toBeGreaterThan(0);
    expect(owned).toHaveLength((jobs + slowJobs) / 3);
    // The server process and the jobs.
    expect(below.length).toBeGreaterThan(owned.length);

    const exit = { code: undefined as number | null | undefined };
    void machine.stop().then((code) => {
      exit.code = code;
    });
    await until(
      `${machine.id} has ended`,
      () => (machine.isRunning() ? undefined : true),
      orderlyEndMs,
    );
    await until("its exit code", () => (exit.code === undefined ? undefined : true));
    expect(exit.code).toBe(0);
    expect(below.filter(isAlive)).toEqual([]);

    const lines = logLines(machine);
    expect(lines.at(-1)?.msg).toBe("server stopped");
    expect(lines.findLast(({ msg }) => msg === "session given back")?.isProven).toBe(true);

    await until("its jobs run elsewhere", () =>
      its.every(({ job, epoch }) => fleet.living().get(job)?.epoch === epoch + 1)
        ? true
        : undefined,
    );
    const after = await fleet.settled();
    for (const { job, pid, server } of before.values()) {
      const now = after.get(job);
      if (server === machine.id) expect(now?.server).not.toBe(machine.id);
      else expect(now?.pid).toBe(pid);
    }
    for (const { jobId } of owned) {
      const events = await until("it runs elsewhere", async () => {
        const all = await history(jobId, table.revision);
        return all.at(-1)?.startsWith("RunReported running") === true ? all : undefined;
      });
      // Its owner proved that it has ended: nobody waited for a lease. It is handed on once, and not back to a
      // server that is leaving.
      const handed = events.filter((event) => event.startsWith("Assignment"));
      expect(handed).toEqual([
        expect.stringMatching(new RegExp(`^AssignmentReleased by ${machine.id}`)),
        expect.stringMatching(new RegExp(`^AssignmentMade to (?!${machine.id})`)),
      ]);
    }
    expect(await stage().broken()).toEqual(nothingBroken);
  }

  async function startAgain(machine: Machine): Promise<void> {
    const { cluster, client } = stage();
    machine.start();
    await cluster.ready([machine]);
    await settledEverywhere();
    const { servers } = await client.servers.list();
    expect(servers.find(({ serverId }) => serverId === machine.id)).toMatchObject({
      role: "ROLE_VOTER",
      liveness: "LIVENESS_UP",
    });
    expect(await stage().broken()).toEqual(nothingBroken);
  }

  test("a follower: exits with 0, its log is whole, its jobs run elsewhere by exit proof, and it comes back", async () => {
    const machine = await stage().follower();
    await stopAndCheck(machine);
    await startAgain(machine);
  });

  test("the leader: the same; it hands over leadership before it goes", async () => {
    const machine = await stage().fleet.leader();
    await stopAndCheck(machine);
    expect((await stage().fleet.leader()).id).not.toBe(machine.id);
    expect(machine.log()).not.toContain("leadership was not handed over");
    await startAgain(machine);
  });
});
