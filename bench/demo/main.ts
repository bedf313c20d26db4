// `npm run demo`: three servers, a real artefact, a dozen jobs and three acts on one timeline, through the public
// doors and signals only. What it says at the end is measured from the jobs' own ticks.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { type Artefact, hasJdk, tickerBundle, tickerJar } from "../lib/artefact.ts";
import { checkRuns } from "../lib/checker.ts";
import { Fleet } from "../lib/fleet.ts";
import { ensureProgram, LocalCluster } from "../lib/local-cluster.ts";
import { TickCollector } from "../lib/ticks.ts";
import { draw, join, killServer, loseHost } from "./acts.ts";
import { Timeline } from "./timeline.ts";

const servers = 3;
const jobs = 12;
/** Evening out begins soon here; a real cluster waits 30 s, in case the machine comes back. */
const flags = ["--balance-hold", "300"];

interface Arguments {
  readonly json: string | undefined;
  readonly keep: boolean;
}

function readArguments(): Arguments {
  const { values } = parseArgs({
    options: { json: { type: "string" }, keep: { type: "boolean", default: false } },
  });
  return { json: values.json, keep: values.keep };
}

async function play(fleet: Fleet, timeline: Timeline): Promise<object> {
  const serverKilled = await killServer(fleet, timeline);
  const hostLost = await loseHost(fleet, timeline, "follower");
  const leaderHostLost = await loseHost(fleet, timeline, "leader");
  const joined = await join(fleet, timeline);
  const { maxMinusMin } = await fleet.client.jobs.ring();
  const verdict = checkRuns(fleet.ticks.runs());
  const doubleRuns = verdict.doubleRuns.length + verdict.epochsBackwards.length;
  const lost = (await fleet.lost()).length;
  return {
    servers,
    jobs: fleet.jobs.size,
    serverKilled,
    hostLost,
    leaderHostLost,
    joined,
    maxMinusMin,
    doubleRuns,
    lost,
  };
}

type Result = Awaited<ReturnType<typeof play>> & {
  readonly serverKilled: { readonly pidsChanged: number; readonly backMs: number };
  readonly hostLost: {
    readonly collateralRestarts: number;
    readonly runningMs: { readonly p50: number; readonly max: number };
  };
  readonly leaderHostLost: Result["hostLost"];
  readonly joined: { readonly moved: number; readonly minimum: number };
  readonly maxMinusMin: number;
  readonly doubleRuns: number;
  readonly lost: number;
};

function tell(result: Result, timeline: Timeline): void {
  const { serverKilled, hostLost, leaderHostLost, joined } = result;
  const ms = ({ p50, max }: { readonly p50: number; readonly max: number }): string =>
    `p50 ${String(p50)} ms, worst ${String(max)} ms`;
  timeline.table([
    ["server process killed: jobs disturbed", String(serverKilled.pidsChanged)],
    ["machine lost → its jobs run again", ms(hostLost.runningMs)],
    ["leader's machine lost → its jobs run again", ms(leaderHostLost.runningMs)],
    [
      "healthy jobs restarted",
      String(hostLost.collateralRestarts + leaderHostLost.collateralRestarts),
    ],
    [
      "machine added: jobs moved / least possible",
      `${String(joined.moved)} / ${String(joined.minimum)}`,
    ],
    ["most loaded − least loaded server", `${String(result.maxMinusMin)} job`],
    ["jobs that ever ran twice at once", String(result.doubleRuns)],
    ["jobs lost", String(result.lost)],
  ]);
}

function holds(result: Result): boolean {
  const { serverKilled, hostLost, leaderHostLost, joined } = result;
  const broken = [
    serverKilled.pidsChanged,
    hostLost.collateralRestarts,
    leaderHostLost.collateralRestarts,
    joined.moved - joined.minimum,
    result.doubleRuns,
    result.lost,
  ];
  return broken.every((count) => count === 0) && result.maxMinusMin <= 1;
}

function chooseArtefact(timeline: Timeline): Artefact {
  if (hasJdk()) {
    timeline.say("java is here: the jobs are a runnable jar, compiled now");
    return tickerJar();
  }
  timeline.say("no JDK here: the jobs are a bundle for node");
  return tickerBundle();
}

async function main(): Promise<void> {
  const { json, keep } = readArguments();
  const timeline = new Timeline(process.stderr);
  timeline.act("Three servers, one resource center, twelve jobs");
  ensureProgram();
  const ticks = new TickCollector();
  await ticks.start();
  const cluster = await LocalCluster.start({ servers, flags });
  const client = new QuorateClient({
    addresses: cluster.machines.map(({ grpcAddress }) => grpcAddress),
    actor: "demo",
  });
  try {
    timeline.say("three servers have formed a cluster");
    const fleet = new Fleet({ cluster, client, ticks });
    const artefact = chooseArtefact(timeline);
    await fleet.push(artefact);
    await fleet.run(artefact, jobs);
    timeline.say(`${artefact.name} is on every server, ${String(jobs)} jobs tick every 10 ms`);
    draw(fleet, timeline);
    const result = (await play(fleet, timeline)) as Result;
    tell(result, timeline);
    if (json !== undefined) writeFileSync(json, `${JSON.stringify(result, null, 2)}\n`);
    process.exitCode = holds(result) ? 0 : 1;
    if (keep) {
      timeline.say(
        `left running: http://${cluster.machines[0]?.httpAddress ?? ""}/openapi.json; Ctrl-C ends it`,
      );
      await new Promise((resolve) => process.once("SIGINT", resolve));
    }
  } finally {
    client.close();
    await cluster.destroy();
    await ticks.stop();
  }
}

await main();
