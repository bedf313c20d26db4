// The three acts. Each breaks something on purpose, waits until the jobs themselves say that all is well again, and
// tells what it has measured.
import type { Fleet, Takeover } from "../lib/fleet.ts";
import { type Spread, spread, tenth } from "../lib/stats.ts";
import { monotonicMs } from "../lib/ticks.ts";
import { until } from "../lib/wait.ts";
import type { Timeline } from "./timeline.ts";

export interface ServerKilled {
  readonly pidsChanged: number;
  readonly backMs: number;
}

export interface HostLost {
  readonly jobs: number;
  readonly assignedMs: Spread;
  readonly runningMs: Spread;
  readonly collateralRestarts: number;
}

export interface Joined {
  readonly moved: number;
  readonly minimum: number;
}

function byMachine(fleet: Fleet): ReadonlyMap<string, readonly string[]> {
  const rows = new Map<string, string[]>(fleet.cluster.machines.map(({ id }) => [id, []]));
  for (const { job, server } of fleet.living().values()) rows.get(server)?.push(job);
  return rows;
}

export function draw(fleet: Fleet, timeline: Timeline): void {
  timeline.picture(byMachine(fleet));
}

/** kill -9 of the leader's server process: its sentinel keeps the jobs and starts it again. */
export async function killServer(fleet: Fleet, timeline: Timeline): Promise<ServerKilled> {
  timeline.act("Act 1: kill -9 of a server process");
  const machine = await fleet.leader();
  const before = await fleet.settled();
  const atMs = monotonicMs();
  const pid = machine.killServer();
  timeline.say(`${machine.id}, the leader: server process ${String(pid)} killed`);
  await until(`${machine.id} back`, async () => {
    const now = machine.serverPid();
    return now !== undefined && now !== pid && (await machine.isReady()) ? true : undefined;
  });
  const backMs = tenth(monotonicMs() - atMs);
  const now = await fleet.settled();
  const pidsChanged = [...before.values()].filter(
    (run) => now.get(run.job)?.pid !== run.pid,
  ).length;
  timeline.say(
    `${machine.id} is back after ${String(backMs)} ms; jobs with another pid: ${String(pidsChanged)}`,
  );
  return { pidsChanged, backMs };
}

function summary(takeovers: readonly Takeover[], collateralRestarts: number): HostLost {
  return {
    jobs: takeovers.length,
    assignedMs: spread(takeovers.map(({ assignedMs }) => assignedMs)),
    runningMs: spread(takeovers.map(({ runningMs }) => runningMs)),
    collateralRestarts,
  };
}

/** A whole machine is gone at once: sentinel, server process and jobs. It comes back afterwards. */
export async function loseHost(
  fleet: Fleet,
  timeline: Timeline,
  which: "follower" | "leader",
): Promise<HostLost> {
  timeline.act(`Act 2: a machine is lost (${which})`);
  const leader = await fleet.leader();
  const follower = fleet.cluster.machines.find(
    (machine) => machine !== leader && machine.isRunning(),
  );
  const machine = which === "leader" ? leader : follower;
  if (machine === undefined) throw new Error("there is no follower to lose");
  const before = await fleet.settled();
  timeline.say(`${machine.id}: sentinel, server and jobs killed at once`);
  const takeovers = await fleet.lose(machine);
  const collateral = fleet.collateral(before, machine.id);
  const result = summary(takeovers, collateral.length);
  const { runningMs, jobs, collateralRestarts } = result;
  timeline.say(
    `its ${String(jobs)} jobs run elsewhere, the last after ${String(runningMs.max)} ms; other jobs touched: ${String(collateralRestarts)}`,
  );
  draw(fleet, timeline);
  machine.start();
  await fleet.cluster.ready([machine]);
  const eligible = fleet.cluster.machines.filter((each) => each.isRunning()).length;
  await fleet.balanced(eligible);
  timeline.say(`${machine.id} is back and has taken its share again`);
  return result;
}

/** One more machine: exactly as many jobs move as must. */
export async function join(fleet: Fleet, timeline: Timeline): Promise<Joined> {
  timeline.act("Act 3: a machine is added");
  const before = await fleet.settled();
  const machine = await fleet.cluster.add();
  timeline.say(`${machine.id} joins`);
  const servers = fleet.cluster.machines.length;
  await fleet.balanced(servers);
  const now = await fleet.settled();
  const moved = [...before.values()].filter((run) => now.get(run.job)?.pid !== run.pid).length;
  const minimum = Math.floor(fleet.jobs.size / servers);
  timeline.say(
    `${String(moved)} of ${String(fleet.jobs.size)} jobs moved; the least possible is ${String(minimum)}`,
  );
  draw(fleet, timeline);
  return { moved, minimum };
}
