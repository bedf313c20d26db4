// One run: a cluster, clients, a schedule of faults, and then the questions that decide.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { ChaosCluster } from "./cluster.ts";
import { converged, recovered } from "./convergence.ts";
import { History } from "./history.ts";
import { electionsWon, failuresIn } from "./log-check.ts";
import { readLog } from "./log-lines.ts";
import { Membership } from "./membership.ts";
import { Nemesis } from "./nemesis.ts";
import { keptMark, sweepDirectories, sweepNamespaces } from "./network/sweep.ts";
import { Observer } from "./observer.ts";
import type { ChaosOptions } from "./options.ts";
import { type Ground, loopbackGround, namespaceGround } from "./places.ts";
import { type ChaosReport, reportOf } from "./report.ts";
import { nameOf, ownRunId } from "./run-id.ts";
import { drawSchedule, type Schedule } from "./schedule.ts";
import { judgeHistory } from "./verdict.ts";
import { readKey, Workload } from "./workload.ts";

interface Scene {
  readonly options: ChaosOptions;
  readonly cluster: ChaosCluster;
  readonly ground: Ground;
  readonly client: QuorateClient;
  readonly history: History;
  readonly workload: Workload;
  readonly now: () => number;
  readonly say: (text: string) => void;
  readonly directory: string;
}

export const scheduleOf = ({ seed, minutes, hasNetwork }: ChaosOptions): Schedule =>
  drawSchedule({ seed, durationMs: minutes * 60_000, hasNetwork });

const runs = { count: 0 };

/** Rejects only when the run itself could not be carried out; what the servers did wrong is in the report. */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { servers, hasNetwork, say } = options;
  if (hasNetwork) for (const name of await sweepNamespaces()) say(`removed ${name} of a dead run`);
  for (const path of sweepDirectories()) say(`removed ${path} of a dead run`);
  runs.count += 1;
  const directory = join(tmpdir(), `${nameOf(ownRunId())}-${runs.count}`);
  mkdirSync(directory);
  const slots = servers + 1;
  const ground = hasNetwork ? namespaceGround(slots, ownRunId()) : await loopbackGround(slots);
  const cluster = new ChaosCluster({ directory, servers, places: ground.places });
  let isGood = false;
  try {
    await ground.network?.start();
    await cluster.start();
    const report = await play(sceneOf({ options, cluster, ground, directory }));
    isGood = report.failures.length === 0 || options.signal?.aborted === true;
    return report;
  } finally {
    await cluster.destroy();
    await ground.network?.destroy();
    if (isGood && options.keep !== true) rmSync(directory, { recursive: true, force: true });
    else {
      writeFileSync(join(directory, keptMark), "");
      say(`logs, data and history are kept in ${directory}`);
    }
  }
}

function sceneOf(parts: Pick<Scene, "options" | "cluster" | "ground" | "directory">): Scene {
  const { options, cluster } = parts;
  const startMs = performance.now();
  const now = (): number => performance.now() - startMs;
  const history = new History(now);
  const { addresses } = cluster;
  return {
    ...parts,
    now,
    history,
    client: new QuorateClient({ addresses, actor: "chaos", deadlineMs: 5000 }),
    workload: new Workload({ seed: options.seed, addresses, now, history }),
    say: (text) => {
      options.say(`${(now() / 1000).toFixed(1).padStart(7)} s  ${text}`);
    },
  };
}

async function play(scene: Scene): Promise<ChaosReport> {
  const { options, cluster, ground, client, now, say, workload } = scene;
  const durationMs = options.minutes * 60_000;
  const isAborted = (): boolean => options.signal?.aborted === true;
  const isOver = (): boolean => isAborted() || now() >= durationMs;
  const observer = new Observer(cluster, (id, term) => {
    say(`  ${id} leads in term ${term}`);
  });
  const membership = new Membership({ cluster, client, say: (text) => say(`  ${text}`), isOver });
  const nemesis = new Nemesis({
    ...{ cluster, observer, membership, network: ground.network, now, say, isOver },
  });
  observer.start();
  workload.start();
  try {
    await nemesis.run(scheduleOf(options));
    while (!isOver()) await new Promise((resolve) => setTimeout(resolve, 100));
  } finally {
    await workload.stop();
    await observer.stop();
  }
  const faultsMs = now();
  const end = isAborted() ? { failures: ["interrupted"], recoveredMs: 0 } : await settle(scene);
  client.close();
  say("checking the history");
  const operations = scene.history.operations();
  const judged = judgeHistory(operations);
  writeFileSync(
    join(scene.directory, "history.jsonl"),
    operations.map((operation) => `${JSON.stringify(operation)}\n`).join(""),
  );
  const logs = cluster.all.map((member) => ({ member, lines: readLog(member.machine.log()) }));
  return reportOf({
    ...{ options, judged, faultsMs, history: scene.history },
    struck: nemesis.struck,
    membership: membership.done,
    recoveredMs: end.recoveredMs,
    elections: logs.reduce((sum, { lines }) => sum + electionsWon(lines), 0),
    failures: [
      ...end.failures,
      ...workload.defects,
      ...logs.flatMap(({ member, lines }) => failuresIn(lines, member)),
    ],
  });
}

/** After the faults: whole again, equal everywhere, nothing lost; also after the power failed once more. */
async function settle(
  scene: Scene,
): Promise<{ readonly failures: readonly string[]; readonly recoveredMs: number }> {
  const { cluster, client, history, say } = scene;
  say("faults are over");
  try {
    const ended = cluster.members.filter(({ machine }) => !machine.isRunning());
    const failures = ended.map(({ id }) => `${id}: the machine ended by itself`);
    for (const member of ended) member.start();
    const recoveredMs = Math.round(await recovered(client));
    say(`a write was acknowledged after ${recoveredMs} ms`);
    failures.push(...(await converged(cluster.members)));
    say("power fails once more on all machines");
    await Promise.all(cluster.members.map((member) => member.lose()));
    for (const member of cluster.members) member.start();
    await recovered(client);
    failures.push(...(await converged(cluster.members)));
    for (const key of history.keys()) {
      const call = history.called("end", key, { kind: "get" });
      call.answered(await readKey(client, key));
    }
    say(`${history.keys().length} keys were read at the end`);
    await Promise.all(cluster.members.map((member) => member.stop()));
    return { failures, recoveredMs };
  } catch (error) {
    return { failures: [error instanceof Error ? error.message : String(error)], recoveredMs: 0 };
  }
}
