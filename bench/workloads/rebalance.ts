// Machine lost → all its jobs running again, by the jobs' own ticks. The machine is killed as a whole (sentinel, server
// and jobs), comes back, and the next one is killed; every job of a lost machine is one sample.
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { tickerBundle } from "../lib/artefact.ts";
import { checkRuns } from "../lib/checker.ts";
import { Fleet } from "../lib/fleet.ts";
import { LocalCluster } from "../lib/local-cluster.ts";
import { Latencies, type WorkloadReport } from "../lib/report.ts";
import { TickCollector } from "../lib/ticks.ts";

export interface RebalanceOptions {
  readonly servers: number;
  readonly jobs: number;
  readonly lease: "fast" | "default" | "relaxed";
  /** Machines lost, one after the other. */
  readonly repeat: number;
  readonly progress: (text: string) => void;
}

interface Samples {
  readonly assigned: Latencies;
  readonly running: Latencies;
  collateralRestarts: number;
}

async function loseInTurn(fleet: Fleet, options: RebalanceOptions): Promise<Samples> {
  const samples: Samples = {
    assigned: new Latencies(),
    running: new Latencies(),
    collateralRestarts: 0,
  };
  for (let turn = 0; turn < options.repeat; turn += 1) {
    const machine = fleet.cluster.machines[turn % fleet.cluster.machines.length];
    if (machine === undefined) break;
    const before = await fleet.settled();
    const takeovers = await fleet.lose(machine);
    for (const { assignedMs, runningMs } of takeovers) {
      samples.assigned.add(assignedMs);
      samples.running.add(runningMs);
    }
    samples.collateralRestarts += fleet.collateral(before, machine.id).length;
    machine.start();
    await fleet.cluster.ready([machine]);
    await fleet.balanced(options.servers);
    options.progress(`machine ${String(turn + 1)} of ${String(options.repeat)} lost and back`);
  }
  return samples;
}

export async function rebalance(options: RebalanceOptions): Promise<WorkloadReport> {
  const { servers, jobs, lease } = options;
  const ticks = new TickCollector();
  await ticks.start();
  const cluster = await LocalCluster.start({ servers, lease, flags: ["--balance-hold", "300"] });
  const addresses = cluster.machines.map(({ grpcAddress }) => grpcAddress);
  const client = new QuorateClient({ addresses, actor: "bench" });
  try {
    const fleet = new Fleet({ cluster, client, ticks });
    const artefact = tickerBundle();
    await fleet.push(artefact);
    await fleet.run(artefact, jobs);
    options.progress(`${String(jobs)} jobs tick on ${String(servers)} servers`);
    const { assigned, running, collateralRestarts } = await loseInTurn(fleet, options);
    const verdict = checkRuns(ticks.runs());
    const doubleRuns = verdict.doubleRuns.length + verdict.epochsBackwards.length;
    const stuck = (await fleet.lost()).length;
    const { p50, p99 } = running.percentiles();
    return {
      workload: "rebalance",
      headline: `rebalance latency: machine lost → its jobs running, p50 ${String(p50)} ms, p99 ${String(p99)} ms (${String(running.count)} samples, lease ${lease}); double runs ${String(doubleRuns)}, collateral restarts ${String(collateralRestarts)}`,
      data: {
        ...{ servers, jobs, lease, samples: running.count },
        ...{ assignedMs: assigned.percentiles(), runningMs: running.percentiles() },
        ...{ doubleRuns, stuck, collateralRestarts },
      },
      holds: doubleRuns === 0 && stuck === 0,
    };
  } finally {
    client.close();
    await cluster.destroy();
    await ticks.stop();
  }
}
