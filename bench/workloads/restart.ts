// A long log of small entries, pushed through the public door with the default settings: what the servers' memory does
// meanwhile, how long a server takes to be back afterwards (stopped, then killed), and how long the whole cluster takes
// after it was lost at once. Snapshots keep the log short, so its real length at the restart is reported too.
import { loadavg } from "node:os";
import { join } from "node:path";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { diskBytes } from "../lib/disk-usage.ts";
import { askStatus, followerOf, leaderOf, statusOf, tryPut } from "../lib/door.ts";
import { push } from "../lib/load.ts";
import { LocalCluster, type Machine } from "../lib/local-cluster.ts";
import { MemoryWatch } from "../lib/process-memory.ts";
import { cpuMs } from "../lib/process-tree.ts";
import type { WorkloadReport } from "../lib/report.ts";
import { tenth } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";

export interface RestartOptions {
  readonly servers: number;
  /** Values pushed, in units of 10⁶ bytes. */
  readonly logMb: number;
  readonly valueBytes: number;
  readonly progress: (text: string) => void;
}

/** What the log keeps behind a snapshot: `trailingEntries` of docs/operating/limits.md. */
const trailingEntries = 10_000;
const megabyte = 1_000_000;
/** What the product promises. */
const rssBytesGoal: number = 250 * megabyte;
const restartMsGoal = 3000;
const callers = 256;
/** Control data is written over and over: the state stays small. */
const keys = 1000;
const progressEveryMs = 10_000;
const restartMsMax = 120_000;

/** How the server goes before it comes back. */
type Departure = "stopped" | "killed";

interface Restart {
  readonly how: Departure;
  readonly server: string;
  /** What it finds: on the disk, and in the log alone. */
  readonly dataDirectoryBytes: number;
  readonly logDirectoryBytes: number;
  /** Entries that it reads at its start: those behind its snapshot, and about as many more as stay before it. */
  readonly logEntries: number;
  readonly restartReadyMs: number;
  readonly caughtUpMs: number;
  /** Processor time of the server process until it had caught up: what a busy machine cannot stretch by much. */
  readonly cpuMs: number;
  readonly rssBytes: number;
}

interface Pushed {
  readonly entries: number;
  readonly seconds: number;
  readonly writesFailed: number;
  /** While it was pushed. */
  readonly elections: number;
}

/** Resolves when this server has applied what its leader has committed. */
async function caughtUp(machine: Machine, leader: Machine): Promise<void> {
  const { commitIndex } = await statusOf(leader);
  await until(
    `${machine.id} caught up`,
    async () => {
      const view = await askStatus(machine);
      return view !== undefined && view.appliedIndex >= commitIndex ? true : undefined;
    },
    restartMsMax,
  );
}

async function fill(
  cluster: LocalCluster,
  memory: MemoryWatch,
  options: RestartOptions,
): Promise<Pushed> {
  const { logMb, valueBytes, progress } = options;
  const entries = Math.ceil((logMb * megabyte) / valueBytes);
  const leader = await leaderOf(cluster.machines);
  const addresses = [leader.grpcAddress];
  const client = new QuorateClient({ addresses, exactlyOnce: false, actor: "bench" });
  let toldMs = performance.now();
  const onWritten = (written: number): void => {
    if (performance.now() < toldMs + progressEveryMs) return;
    toldMs = performance.now();
    const held = Object.entries(memory.now()).map(
      ([id, { rssBytes }]) => `${id} ${inMb(rssBytes)}`,
    );
    progress(`${String(written)} of ${String(entries)} entries written; RSS ${held.join(", ")}`);
  };
  try {
    const value = Buffer.alloc(valueBytes, 7);
    const termBefore = (await statusOf(leader)).term;
    const { seconds, failed } = await push(client, {
      ...{ count: entries, callers, value, keys, onWritten },
    });
    for (const machine of cluster.machines) await caughtUp(machine, leader);
    const elections = (await statusOf(leader)).term - termBefore;
    return { entries, seconds, writesFailed: failed, elections };
  } finally {
    client.close();
  }
}

function inMb(bytes: number): string {
  return `${String(Math.round(bytes / megabyte))} MB`;
}

async function restartOnce(cluster: LocalCluster, how: Departure): Promise<Restart> {
  const leader = await leaderOf(cluster.machines);
  const machine = followerOf(cluster.machines, leader);
  const { lastIndex, snapshotIndex } = await statusOf(machine);
  if (how === "stopped") await machine.stop();
  else await machine.lose();
  const found = {
    dataDirectoryBytes: diskBytes(machine.dataDirectory),
    logDirectoryBytes: diskBytes(join(machine.dataDirectory, "log")),
    logEntries: Math.min(lastIndex, lastIndex - snapshotIndex + trailingEntries),
  };
  const spawnedMs = performance.now();
  const since = (): number => tenth(performance.now() - spawnedMs);
  machine.start();
  const ready = until(
    `${machine.id} ready`,
    async () => ((await machine.isReady()) ? since() : undefined),
    restartMsMax,
  );
  await caughtUp(machine, leader);
  const caughtUpMs = since();
  const restartReadyMs = await ready;
  const memory = new MemoryWatch([machine]);
  memory.sample();
  const rssBytes = memory.peaks()[machine.id] ?? 0;
  const usedMs = cpuMs(machine.serverPid() ?? machine.pid);
  return { how, server: machine.id, ...found, restartReadyMs, caughtUpMs, cpuMs: usedMs, rssBytes };
}

interface ColdStart {
  readonly firstWriteMs: number;
  readonly allReadyMs: number;
}

/** All machines lost in the same moment, as when the power fails, and all switched on again in the same moment. */
async function coldStart(cluster: LocalCluster): Promise<ColdStart> {
  await Promise.all(cluster.machines.map((machine) => machine.lose()));
  const spawnedMs = performance.now();
  const since = (): number => tenth(performance.now() - spawnedMs);
  for (const machine of cluster.machines) machine.start();
  const allReady = cluster.ready().then(since);
  const value = Buffer.from("back");
  const firstWriteMs = await Promise.any(
    cluster.machines.map((machine) =>
      until(
        `a write through ${machine.id}`,
        async () => ((await tryPut(machine, "restart/cold", value)) ? since() : undefined),
        restartMsMax,
      ),
    ),
  );
  return { firstWriteMs, allReadyMs: await allReady };
}

export async function restart(options: RestartOptions): Promise<WorkloadReport> {
  const { servers, logMb, valueBytes, progress } = options;
  const cluster = await LocalCluster.start({ servers });
  const memory = new MemoryWatch(cluster.machines);
  memory.start();
  try {
    const pushed = await fill(cluster, memory, options);
    memory.sample();
    memory.stop();
    const rssBytesMax = memory.peaks();
    const restarts: Restart[] = [];
    for (const how of ["stopped", "killed"] as const) {
      restarts.push(await restartOnce(cluster, how));
      progress(`a server was ${how} and is back`);
    }
    const cold = await coldStart(cluster);
    const rssMax = Math.max(
      ...Object.values(rssBytesMax),
      ...restarts.map((each) => each.rssBytes),
    );
    const slowestMs = Math.max(
      ...restarts.map((each) => Math.max(each.restartReadyMs, each.caughtUpMs)),
    );
    const logBytesPushed = pushed.entries * valueBytes;
    const dataBytes = Math.max(...restarts.map((each) => each.dataDirectoryBytes));
    return {
      workload: "restart",
      headline: `restart after a log of ${inMb(logBytesPushed)} (${String(pushed.entries)} entries): ${restarts.map(describe).join("; ")}; memory at most ${inMb(rssMax)}, data directory ${inMb(dataBytes)}; whole cluster lost → first write ${String(cold.firstWriteMs)} ms`,
      data: {
        ...{ servers, logMb, valueBytes, callers, keys, logBytesPushed },
        ...pushed,
        writesPerSecond: Math.round(pushed.entries / pushed.seconds),
        ...{ rssBytesMax, serverProcessesLost: memory.successors, restarts, cold },
        loadAverage: loadavg()[0] ?? 0,
        goals: { rssBytes: rssBytesGoal, restartMs: restartMsGoal },
      },
      holds:
        rssMax <= rssBytesGoal &&
        slowestMs <= restartMsGoal &&
        memory.successors === 0 &&
        pushed.elections === 0,
    };
  } finally {
    memory.stop();
    await cluster.destroy();
  }
}

function describe({ how, restartReadyMs, caughtUpMs, logEntries }: Restart): string {
  return `${how}: ready ${String(restartReadyMs)} ms, caught up ${String(caughtUpMs)} ms (${String(logEntries)} entries in its log)`;
}
