// A follower that was away comes back while clients go on writing at a steady rate: how fast it has what it missed,
// whether the log or a snapshot brought it, and what that costs the clients of the leader. Several rounds; each measures
// its own time before, because a machine that is shared changes from minute to minute.
import { loadavg } from "node:os";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { askStatus, followerOf, leaderOf, statusOf } from "../lib/door.ts";
import { p99Ms, push, type Span, SteadyLoad, windows, within } from "../lib/load.ts";
import { LocalCluster, type Machine } from "../lib/local-cluster.ts";
import { cpuMs } from "../lib/process-tree.ts";
import type { WorkloadReport } from "../lib/report.ts";
import { percentile, tenth } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";

export interface CatchUpOptions {
  readonly servers: number;
  /** Written while the follower is away. */
  readonly entries: number;
  readonly rounds: number;
  /** Steady load, well below what the machine can do: what catching up costs is drowned in a queue otherwise. */
  readonly perSecond: number;
  readonly progress: (text: string) => void;
}

/** What the product promises. */
const entriesPerSecondGoal = 50_000;
const p99RatioGoal = 2;
const valueBytes = 256;
const value = Buffer.alloc(valueBytes, 7);
const keys = 1000;
const callers = 256;
/** Windows in which percentiles are taken: this long, or as long as the catching up takes. */
const windowMs = 5000;
const windowsBefore = 4;
/** The steady load alone, before the first window and before the follower comes back. */
const calmMs = 2000;
const catchUpMsMax = 120_000;
/** What the server writes into its own log when a snapshot took the place of missed entries. */
const installedText = "installed a snapshot";

export type Way = "log" | "snapshot";

export interface Round {
  readonly way: Way;
  readonly entriesBehind: number;
  /** From the spawn of its process until it knows its leader, and until it has applied what is committed. */
  readonly contactMs: number;
  readonly caughtUpMs: number;
  /** Entries behind, over the time between these two. */
  readonly entriesPerSecond: number;
  /** Processor time of the follower's process from its spawn until it had caught up, its start included. */
  readonly followerCpuMs: number;
  readonly windowMs: number;
  readonly p99BeforeMs: readonly number[];
  /** While the follower came back with nothing to catch up: what the start of its process on the same cores costs. */
  readonly p99ControlMs: number;
  readonly p99DuringMs: number;
  /** Of the time between contact and caught up alone; few samples when that is short. */
  readonly p99CatchingUpMs: number;
  /** During ÷ control: what the catching up itself costs. */
  readonly p99Ratio: number;
  /** During ÷ before, which contains the start of the process. */
  readonly p99RatioToBefore: number;
  readonly elections: number;
}

interface Scene {
  readonly client: QuorateClient;
  readonly leader: Machine;
  readonly follower: Machine;
  readonly entries: number;
  readonly perSecond: number;
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Asks the follower as often as during its return: what that costs, it then costs before too. */
async function measureBefore({ follower }: Scene): Promise<Span> {
  await wait(calmMs);
  const fromMs = performance.now();
  const toMs = fromMs + windowsBefore * windowMs;
  await until(
    "the time before is over",
    async () => {
      await askStatus(follower);
      return performance.now() >= toMs ? true : undefined;
    },
    2 * windowsBefore * windowMs,
  );
  return { fromMs, toMs };
}

interface Return {
  readonly spawnedMs: number;
  readonly contactMs: number;
  readonly caughtUpMs: number;
  readonly followerCpuMs: number;
  /** Committed by the leader when the follower was in contact. */
  readonly commitIndex: number;
}

/** Brings the follower back and waits until it has what its leader has. Times are moments. */
async function comeBack({ follower, leader }: Scene): Promise<Return> {
  const spawnedMs = performance.now();
  follower.start();
  const contactMs = await until(
    "the follower knows its leader",
    async () => {
      const view = await askStatus(follower);
      return view !== undefined && view.leaderId !== "" ? performance.now() : undefined;
    },
    catchUpMsMax,
  );
  const { commitIndex } = await statusOf(leader);
  const caughtUpMs = await until(
    "the follower caught up",
    async () => {
      const view = await askStatus(follower);
      return view !== undefined && view.appliedIndex >= commitIndex ? performance.now() : undefined;
    },
    catchUpMsMax,
  );
  const followerCpuMs = cpuMs(follower.serverPid() ?? follower.pid);
  return { spawnedMs, contactMs, caughtUpMs, followerCpuMs, commitIndex };
}

/** The median, so that one disturbed window before decides nothing. */
export function p99RatioOf(during: number, before: readonly number[]): number {
  const usual = percentile(before, 0.5);
  return usual === 0 ? 0 : tenth(during / usual);
}

interface Away extends Return {
  readonly entriesBehind: number;
  /** In the follower's log since its return. */
  readonly logFrom: number;
  readonly lengthMs: number;
  readonly p99Ms: number;
}

/** The follower is lost, misses `missed` writes beside a little of the steady load, and comes back. */
async function away(scene: Scene, steady: SteadyLoad, missed: number): Promise<Away> {
  const { client, follower } = scene;
  const { appliedIndex: knownIndex } = await statusOf(follower);
  await follower.lose();
  if (missed > 0) await push(client, { count: missed, callers, value, keys });
  steady.start();
  await wait(calmMs);
  const logFrom = follower.log().length;
  const back = await comeBack(scene);
  const { spawnedMs, caughtUpMs, commitIndex } = back;
  const lengthMs = Math.max(windowMs, caughtUpMs - spawnedMs);
  await wait(spawnedMs + lengthMs - performance.now());
  await steady.pause();
  const span = { fromMs: spawnedMs, toMs: spawnedMs + lengthMs };
  const entriesBehind = commitIndex - knownIndex;
  return { ...back, entriesBehind, logFrom, lengthMs, p99Ms: p99Ms(within(steady.samples, span)) };
}

async function round(scene: Scene): Promise<Round> {
  const { client, leader, follower, entries, perSecond } = scene;
  const steady = new SteadyLoad(client, { perSecond, value, keys });
  const termBefore = (await statusOf(leader)).term;
  steady.start();
  const before = await measureBefore(scene);
  await steady.pause();
  const control = await away(scene, steady, 0);
  const main = await away(scene, steady, entries);
  const { spawnedMs, contactMs, caughtUpMs, followerCpuMs, entriesBehind, lengthMs } = main;
  const { samples } = steady;
  const p99BeforeMs = windows(before, lengthMs).map((span) => p99Ms(within(samples, span)));
  return {
    way: follower.log().includes(installedText, main.logFrom) ? "snapshot" : "log",
    entriesBehind,
    contactMs: tenth(contactMs - spawnedMs),
    caughtUpMs: tenth(caughtUpMs - spawnedMs),
    entriesPerSecond: Math.round((entriesBehind * 1000) / Math.max(1, caughtUpMs - contactMs)),
    followerCpuMs,
    windowMs: Math.round(lengthMs),
    ...{ p99BeforeMs, p99ControlMs: control.p99Ms, p99DuringMs: main.p99Ms },
    p99CatchingUpMs: p99Ms(within(samples, { fromMs: contactMs, toMs: caughtUpMs })),
    p99Ratio: tenth(main.p99Ms / Math.max(control.p99Ms, percentile(p99BeforeMs, 0.5))),
    p99RatioToBefore: p99RatioOf(main.p99Ms, p99BeforeMs),
    elections: (await statusOf(leader)).term - termBefore,
  };
}

/** Of an even number of rounds the larger one of the two in the middle counts. */
const upperMedian = 0.51;

/** Medians of all rounds for what varies (the worse one of two); an election in any round is one too many. */
export function meetsGoals(rounds: readonly Round[]): boolean {
  const bySnapshot = rounds.every(({ way }) => way === "snapshot");
  const rates = rounds.map(({ entriesPerSecond }) => entriesPerSecond);
  const ratios = rounds.map(({ p99Ratio }) => p99Ratio);
  return (
    rounds.length > 0 &&
    (bySnapshot || percentile(rates, 0.5) >= entriesPerSecondGoal) &&
    percentile(ratios, upperMedian) <= p99RatioGoal &&
    rounds.every(({ elections }) => elections === 0)
  );
}

function headlineOf({ entries, perSecond }: CatchUpOptions, rounds: readonly Round[]): string {
  const middle = (pick: (round: Round) => number, share = upperMedian): string =>
    String(percentile(rounds.map(pick), share));
  const ways = [...new Set(rounds.map(({ way }) => way))].join(" and ");
  const elections = rounds.reduce((sum, each) => sum + each.elections, 0);
  return `catch-up of a follower ${String(entries)} entries behind, by ${ways}: caught up ${middle((each) => each.caughtUpMs)} ms after its spawn (${middle((each) => each.entriesPerSecond, 0.5)} entries/s after contact); p99 of ${String(perSecond)} writes/s ${middle((each) => percentile(each.p99BeforeMs, 0.5))} ms before, ${middle((each) => each.p99ControlMs)} ms during a return with nothing to catch up, ${middle((each) => each.p99DuringMs)} ms during this one, ratio of the two ${middle((each) => each.p99Ratio)}; elections ${String(elections)} (medians of ${String(rounds.length)} rounds)`;
}

async function returns(cluster: LocalCluster, options: CatchUpOptions): Promise<readonly Round[]> {
  const leader = await leaderOf(cluster.machines);
  const follower = followerOf(cluster.machines, leader);
  const addresses = [leader.grpcAddress];
  const client = new QuorateClient({ addresses, exactlyOnce: false, actor: "bench" });
  try {
    const rounds: Round[] = [];
    for (let number = 1; number <= options.rounds; number += 1) {
      const { entries, perSecond } = options;
      const done = await round({ client, leader, follower, entries, perSecond });
      rounds.push(done);
      options.progress(`round ${String(number)}: ${JSON.stringify(done)}`);
    }
    return rounds;
  } finally {
    client.close();
  }
}

export async function catchUp(options: CatchUpOptions): Promise<WorkloadReport> {
  const { servers, entries, perSecond } = options;
  const cluster = await LocalCluster.start({ servers });
  try {
    const rounds = await returns(cluster, options);
    return {
      workload: "catch-up",
      headline: headlineOf(options, rounds),
      data: {
        ...{ servers, entries, valueBytes, perSecond, rounds },
        loadAverage: loadavg()[0] ?? 0,
        goals: { entriesPerSecond: entriesPerSecondGoal, p99Ratio: p99RatioGoal },
      },
      holds: meetsGoals(rounds),
    };
  } finally {
    await cluster.destroy();
  }
}
