// Small replicated writes through the public gRPC door: three servers as processes, fsync on, 256-byte values, a closed
// loop of callers in this process. Coordinated omission does not arise: a closed loop measures service time under a
// fixed number of callers, and says so.
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { LocalCluster } from "../lib/local-cluster.ts";
import { cpuMs } from "../lib/process-tree.ts";
import { Latencies, type WorkloadReport } from "../lib/report.ts";
import { tenth } from "../lib/stats.ts";
import { until } from "../lib/wait.ts";

export interface ProposeOptions {
  readonly servers: number;
  /** Writes in flight at any time. */
  readonly clients: number;
  readonly seconds: number;
  readonly progress: (text: string) => void;
}

const valueBytes = 256;
const warmUpMs = 1000;

async function leaderAddress(cluster: LocalCluster, client: QuorateClient): Promise<string> {
  return await until("a leader", async () => {
    const { leaderId } = await client.cluster.status();
    return cluster.machines.find(({ id }) => id === leaderId)?.grpcAddress;
  });
}

/** CPU time of all server processes so far. */
function serversCpuMs(cluster: LocalCluster): number {
  return cluster.machines
    .map((machine) => machine.serverPid())
    .reduce((sum: number, pid) => sum + (pid === undefined ? 0 : cpuMs(pid)), 0);
}

interface ServersNow {
  /** Highest term seen: one more afterwards is an election that nobody needed. */
  readonly term: number;
  readonly rssBytesMax: number;
}

async function look(cluster: LocalCluster): Promise<ServersNow> {
  const all = await Promise.all(
    cluster.machines.map(async ({ grpcAddress }) => {
      const client = new QuorateClient({ addresses: [grpcAddress] });
      try {
        return await client.cluster.status();
      } finally {
        client.close();
      }
    }),
  );
  return {
    term: Math.max(...all.map(({ term }) => term)),
    rssBytesMax: Math.max(...all.map(({ rssBytes }) => rssBytes)),
  };
}

async function drive(client: QuorateClient, options: ProposeOptions): Promise<Latencies> {
  const latencies = new Latencies();
  const value = Buffer.alloc(valueBytes, 7);
  const beginMs = performance.now() + warmUpMs;
  const endMs = beginMs + options.seconds * 1000;
  const caller = async (number: number): Promise<void> => {
    for (let i = 0; performance.now() < endMs; i += 1) {
      const sentMs = performance.now();
      await client.kv.put(`bench/${String(number)}/${String(i % 100)}`, value);
      if (sentMs >= beginMs) latencies.add(performance.now() - sentMs);
    }
  };
  await Promise.all(Array.from({ length: options.clients }, (_, number) => caller(number)));
  return latencies;
}

export async function propose(options: ProposeOptions): Promise<WorkloadReport> {
  const { servers, clients, seconds } = options;
  const cluster = await LocalCluster.start({ servers });
  const addresses = cluster.machines.map(({ grpcAddress }) => grpcAddress);
  const finder = new QuorateClient({ addresses });
  const leader = await leaderAddress(cluster, finder);
  const client = new QuorateClient({ addresses: [leader], exactlyOnce: false, actor: "bench" });
  try {
    options.progress(`${String(clients)} callers write to the leader for ${String(seconds)} s`);
    const cpuBefore = serversCpuMs(cluster);
    const before = await look(cluster);
    const latencies = await drive(client, options);
    const cpuUsedMs = serversCpuMs(cluster) - cpuBefore;
    const after = await look(cluster);
    const opsPerSecond = Math.round(latencies.count / seconds);
    const { p50, p99 } = latencies.percentiles();
    return {
      workload: "propose",
      headline: `proposal throughput: ${String(opsPerSecond)} writes/s of ${String(valueBytes)} B, ${String(clients)} callers, p50 ${String(p50)} ms, p99 ${String(p99)} ms (3 servers on one machine, fsync on)`,
      data: {
        ...{ servers, clients, seconds, valueBytes, opsPerSecond },
        latencyMs: latencies.percentiles(),
        writes: latencies.count,
        elections: after.term - before.term,
        serverRssBytesMax: after.rssBytesMax,
        // Includes the warm-up, in which writes are made but not counted: an upper bound.
        serverCpuMicrosPerOp: tenth((cpuUsedMs * 1000) / Math.max(1, latencies.count)),
      },
      holds: latencies.count > 0,
    };
  } finally {
    client.close();
    finder.close();
    await cluster.destroy();
  }
}
