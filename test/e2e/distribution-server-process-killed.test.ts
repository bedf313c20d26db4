// kill -9 of a server process, its machine lives: the sentinel keeps the jobs running, renews the lease and starts the
// server again. Nobody else notices anything.
import { describe, expect, test } from "vitest";
import { tickerBundle } from "../../bench/lib/artefact.ts";
import type { Fleet } from "../../bench/lib/fleet.ts";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { nothingBroken, type Stage, useStage } from "./support/stage.ts";

const jobs = 6;

/** job → process, of jobs that tick. */
const pids = async (fleet: Fleet): Promise<ReadonlyMap<string, number>> =>
  new Map([...(await fleet.settled())].map(([job, { pid }]) => [job, pid]));

async function epochs({ client }: Stage): Promise<readonly string[]> {
  const ring = await client.jobs.ring();
  return ring.jobs.map(({ jobId, owner, epoch }) => `${jobId} ${owner} ${String(epoch)}`).sort();
}

async function member({ client }: Stage, id: string) {
  const { servers } = await client.servers.list();
  const found = servers.find(({ serverId }) => serverId === id);
  if (found === undefined) throw new Error(`${id} is not listed`);
  return found;
}

async function killAndAwait(
  machine: Machine,
  stopWorking: (pid: number) => void = () => machine.killServer(),
): Promise<void> {
  const sentinel = machine.pid;
  const killed = machine.serverPid();
  if (killed === undefined) throw new Error(`${machine.id} has no server process`);
  stopWorking(killed);
  await until(`${machine.id} has a new server process`, async () => {
    const now = machine.serverPid();
    return now !== undefined && now !== killed && (await machine.isReady()) ? true : undefined;
  });
  expect(machine.pid).toBe(sentinel);
}

describe("kill -9 of a server process", () => {
  const stage = useStage({ servers: 3, jobs });

  async function loseServerProcess(
    machine: Machine,
    stopWorking?: (pid: number) => void,
  ): Promise<void> {
    const { fleet } = stage();
    const pidsBefore = await pids(fleet);
    const epochsBefore = await epochs(stage());
    const { session } = await member(stage(), machine.id);
    expect(pidsBefore.size).toBe(jobs);

    await killAndAwait(machine, stopWorking);

    expect(await pids(fleet)).toEqual(pidsBefore);
    expect(await epochs(stage())).toEqual(epochsBefore);
    const back = await until(`${machine.id} up`, async () => {
      const found = await member(stage(), machine.id);
      return found.liveness === "LIVENESS_UP" ? found : undefined;
    });
    expect(back.role).toBe("ROLE_VOTER");
    // One life of a sentinel is one session: the lease went on.
    expect(back.session).toBe(session);
    expect(await stage().broken()).toEqual(nothingBroken);
  }

  test("a follower's: same job processes, same epochs, same session, and it is a voter again", async () => {
    await loseServerProcess(await stage().follower());
  });

  test("one that stands still is taken for hung and replaced; its jobs go on", async () => {
    const { fleet } = stage();
    const leader = await fleet.leader();
    const follower = fleet.cluster.machines.find((machine) => machine !== leader);
    if (follower === undefined) throw new Error("there is no follower");
    await loseServerProcess(follower, (pid) => {
      process.kill(pid, "SIGSTOP");
    });
    expect(follower.log()).toContain("server process hangs: killed");
  });

  test("the leader's: the same, while the others elect a new leader", async () => {
    const leader = await stage().fleet.leader();
    await loseServerProcess(leader);
    await until("all three name the same leader", async () => {
      const { cluster, client } = stage();
      const views = await Promise.all(
        cluster.machines.map(({ grpcAddress }) => client.cluster.status(grpcAddress)),
      );
      const named = new Set(views.map(({ leaderId }) => leaderId));
      return named.size === 1 && !named.has("") ? true : undefined;
    });
  });

  test("the new server process is master of the jobs that it found: it can stop and start them", async () => {
    const { fleet, client } = stage();
    const machine = await stage().follower();
    const run = [...(await fleet.settled()).values()].find(({ server }) => server === machine.id);
    if (run === undefined) throw new Error(`${machine.id} runs nothing`);
    await killAndAwait(machine);
    await client.jobs.stop(run.job);
    await until("stopped", () => (fleet.silent().includes(run.job) ? true : undefined));
    await client.jobs.start(run.job);
    expect((await fleet.settled()).get(run.job)?.epoch).toBe(run.epoch + 1);
    expect(await stage().broken()).toEqual(nothingBroken);
  });

  test("a job that shall not outlive its server process is given back at once, and only it", async () => {
    const { fleet, client } = stage();
    const machine = await stage().follower();
    const others = await pids(fleet);
    const resource = { namespace: "default", name: tickerBundle().name, version: "latest" };
    const env = { TICK_ADDRESS: fleet.ticks.address };
    // As many as there are servers: one of them runs on the machine.
    for (let i = 1; i <= 3; i += 1) {
      const name = `brittle-${String(i)}`;
      const spec = { node: { resource }, env, onServerDeath: "stop" };
      const { jobId } = await client.jobs.submit({ name, spec });
      fleet.jobs.set(jobId, name);
    }
    const before = await fleet.settled();
    const its = [...before.values()].filter(
      ({ job, server }) => server === machine.id && !others.has(job),
    );
    expect(its).toHaveLength(1);

    await killAndAwait(machine);

    await until("it runs again", () =>
      its.every(({ job, epoch }) => (fleet.living().get(job)?.epoch ?? 0) > epoch)
        ? true
        : undefined,
    );
    const after = await fleet.settled();
    for (const { job } of its) {
      const { events } = await client.jobs.get(job);
      expect(events.map(({ kind }) => kind)).toContain("AssignmentReleased");
    }
    const changed = [...before.values()].filter(({ job, pid }) => after.get(job)?.pid !== pid);
    expect(changed).toEqual(its);
    expect(await stage().broken()).toEqual(nothingBroken);
  });
});
