// One seed, from its plan to its verdict. Run twice: both runs must be the same in every event.
import { messageOf } from "../../src/base/errors.ts";
import type { Hash64 } from "../../src/base/hash.ts";
import { checkLinearizable } from "./checkers/linearizable.ts";
import type { Violation } from "./checkers/report.ts";
import { SimClient } from "./client.ts";
import { Liveness } from "./liveness.ts";
import { Nemesis } from "./nemesis.ts";
import { checkerOf } from "./outcome.ts";
import { type PlanOptions, planOf } from "./plan.ts";
import { chance, splitRandom } from "./random.ts";
import { Readmission } from "./readmission.ts";
import { SimUploader } from "./uploader.ts";
import { BrokenPromise, World } from "./world.ts";

export interface SeedResult {
  readonly seed: number;
  readonly servers: number;
  readonly ok: boolean;
  readonly failure?: Violation;
  /** The end of the run; empty when it passed. */
  readonly transcript: readonly string[];
  readonly virtualMs: number;
  /** From the healing of the core until everything was in order. */
  readonly recoveryMs: number;
  readonly events: number;
  readonly hash: string;
  readonly elections: number;
  readonly commits: number;
  readonly writes: number;
  readonly reads: number;
  readonly uploads: number;
  readonly downloads: number;
  readonly faults: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  readonly snapshotsInstalled: number;
  /** Servers whose data was found damaged, and how many of them came back under a new peer id. */
  readonly quarantined: number;
  readonly readmitted: number;
  /** Memberships that were in force, one after the other. */
  readonly memberships: number;
  /** False when the search for linearizability was given up. */
  readonly isDecided: boolean;
}

interface Progress {
  recoveryMs: number;
  isDecided: boolean;
}

/** What is still under way when the clients have stopped. */
const settleMs = 200;

interface Cast {
  readonly nemesis: Nemesis;
  readonly readmission: Readmission;
}

async function play(world: World, cast: Cast, progress: Progress): Promise<void> {
  const { plan } = world;
  const { nemesis, readmission } = cast;
  await world.found();
  const random = splitRandom(plan.seed, "clients");
  const clients = Array.from({ length: plan.clients }, (_, number) => {
    const usesSession = chance(random, 600_000);
    return new SimClient({ name: `c${number + 1}`, usesSession }, world);
  });
  const uploaders = Array.from(
    { length: plan.uploaders },
    (_, number) => new SimUploader(`u${number + 1}`, world),
  );
  for (const client of [...clients, ...uploaders]) client.start();
  nemesis.start();
  readmission.start();
  await world.run(plan.safetyMs);
  for (const client of [...clients, ...uploaders]) client.stop();
  nemesis.stop();
  readmission.stop();
  progress.recoveryMs = await new Liveness(world).run();
  await world.run(settleMs);
  const operations = world.history.operations();
  progress.isDecided = checkLinearizable(operations, (violation) => world.report(violation));
  await world.run(0);
}

function violationOf(thrown: unknown): Violation {
  if (thrown instanceof BrokenPromise) return thrown.violation;
  const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : messageOf(thrown);
  return { checker: checkerOf(thrown), detail };
}

export async function runOnce(
  options: PlanOptions,
  modules: { hash: Hash64 },
): Promise<SeedResult> {
  const world = new World(planOf(options), modules);
  const nemesis = new Nemesis(world);
  const readmission = new Readmission(world);
  const progress: Progress = { recoveryMs: 0, isDecided: true };
  let failure: Violation | undefined;
  try {
    await play(world, { nemesis, readmission }, progress);
  } catch (thrown) {
    failure = violationOf(thrown);
  }
  const { schedule, trace, observer, writes, reads, uploads, downloads, plan } = world;
  return {
    seed: plan.seed,
    servers: plan.servers,
    ok: failure === undefined,
    ...(failure === undefined ? {} : { failure }),
    transcript: failure === undefined ? [] : trace.transcript(),
    virtualMs: Math.round(schedule.nowMs),
    recoveryMs: Math.round(progress.recoveryMs),
    events: schedule.steps,
    hash: trace.hash(),
    elections: observer.elections.elections,
    commits: observer.committedLog.last,
    writes,
    reads,
    uploads,
    downloads,
    faults: nemesis.total,
    faultsByKind: Object.fromEntries(nemesis.counts),
    snapshotsInstalled: observer.snapshotsInstalled,
    quarantined: world.servers.filter(({ isQuarantined }) => isQuarantined).length,
    readmitted: readmission.done,
    memberships: observer.memberships,
    isDecided: progress.isDecided,
  };
}

/** The first run, unless the second was another one. */
export function compareRuns(first: SeedResult, second: SeedResult): SeedResult {
  if (first.hash === second.hash && first.events === second.events) return first;
  const detail = `two runs differ: ${first.hash} after ${first.events} events, ${second.hash} after ${second.events}`;
  const failure = { checker: "determinism", detail };
  return { ...first, ok: false, failure: first.failure ?? failure, transcript: second.transcript };
}

/** Runs the seed twice; a second run that differs is a failure of its own. */
export async function runSeed(
  options: PlanOptions,
  modules: { hash: Hash64 },
): Promise<SeedResult> {
  const first = await runOnce(options, modules);
  return compareRuns(first, await runOnce(options, modules));
}
