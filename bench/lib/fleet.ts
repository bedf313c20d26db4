// A cluster with ticking jobs on it, and the questions that demo, benchmark and tests ask: who runs what, by the
// jobs' own word, and how long did it take after something was broken.
import type { QuorateClient } from "../../src/client/quorate-client.ts";
import type { Artefact } from "./artefact.ts";
import type { LocalCluster, Machine } from "./local-cluster.ts";
import { type JobRun, monotonicMs, type TickCollector } from "./ticks.ts";
import { until } from "./wait.ts";

/** A run that ticked this recently is running. */
const livingMs = 250;
/** A small virtual machine starts quickly and leaves room for its neighbours. */
const jvmOptions = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx24m", "-Xshare:auto"];

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes);
}

/** One sample per job of a lost machine. Times in milliseconds since the loss. */
export interface Takeover {
  readonly job: string;
  readonly assignedMs: number;
  readonly runningMs: number;
}

export class Fleet {
  readonly cluster: LocalCluster;
  readonly client: QuorateClient;
  readonly ticks: TickCollector;
  /** Job id → name. */
  readonly jobs = new Map<string, string>();

  constructor(parts: {
    readonly cluster: LocalCluster;
    readonly client: QuorateClient;
    readonly ticks: TickCollector;
  }) {
    this.cluster = parts.cluster;
    this.client = parts.client;
    this.ticks = parts.ticks;
  }

  /** Pushes the artefact under `default/<its name>`. */
  async push(artefact: Artefact): Promise<void> {
    const kind = artefact.kind === "java" ? "jar" : "file";
    const header = {
      namespace: "default",
      name: artefact.name,
      kind,
      sizeBytes: artefact.bytes.length,
    };
    await this.client.resources.push(() => once(artefact.bytes), { header });
  }

  /** Submits `count` ticking jobs made from a pushed artefact and waits until all of them tick. */
  async run(artefact: Artefact, count: number, prefix = "ticker"): Promise<void> {
    const resource = { namespace: "default", name: artefact.name, version: "latest" };
    const env = { TICK_ADDRESS: this.ticks.address };
    const run =
      artefact.kind === "java" ? { java: { resource, jvmOptions } } : { node: { resource } };
    for (let i = 1; i <= count; i += 1) {
      const name = `${prefix}-${String(i)}`;
      const { jobId } = await this.client.jobs.submit({
        name,
        spec: { ...run, env, stopGraceMs: 1000 },
      });
      this.jobs.set(jobId, name);
    }
    await this.allTicking();
  }

  /** Resolves when each job ticks in exactly one process. */
  async allTicking(boundMs = 30_000): Promise<void> {
    await this.settled(boundMs);
  }

  /** Job id → its run, at a moment at which each job ticks in exactly one process. */
  async settled(boundMs = 30_000): Promise<ReadonlyMap<string, JobRun>> {
    return await until(
      "every job ticks once",
      () => {
        const runs = this.living();
        return this.silent().length === 0 && runs.size === this.jobs.size ? runs : undefined;
      },
      boundMs,
    );
  }

  /** Jobs that stay silent: a stall on a busy machine passes, a loss does not. */
  async lost(boundMs = 10_000): Promise<readonly string[]> {
    const endMs = monotonicMs() + boundMs;
    return await until(
      "the jobs that stay silent",
      () => {
        const silent = this.silent();
        return silent.length === 0 || monotonicMs() > endMs ? silent : undefined;
      },
      2 * boundMs,
    );
  }

  /** Jobs that do not tick now. */
  silent(): readonly string[] {
    return [...this.jobs.keys()].filter((job) => this.ticks.living(job, livingMs).length !== 1);
  }

  /** Job id → its present run, by its own ticks. */
  living(): ReadonlyMap<string, JobRun> {
    const runs = new Map<string, JobRun>();
    for (const job of this.jobs.keys()) {
      const run = this.ticks.living(job, livingMs).at(-1);
      if (run !== undefined) runs.set(job, run);
    }
    return runs;
  }

  machine(id: string): Machine {
    const machine = this.cluster.machines.find((candidate) => candidate.id === id);
    if (machine === undefined) throw new Error(`there is no machine ${id}`);
    return machine;
  }

  async leader(): Promise<Machine> {
    const id = await until("a leader", async () => {
      const { leaderId } = await this.client.cluster.status();
      return leaderId === "" ? undefined : leaderId;
    });
    return this.machine(id);
  }

  /** Jobs on machines other than `lost` that another process runs since `before`; one that only stalls is none. */
  collateral(before: ReadonlyMap<string, JobRun>, lost: string): readonly string[] {
    const latest = new Map(this.ticks.runs().map((run) => [run.job, run]));
    return [...before.values()]
      .filter(({ server }) => server !== lost)
      .filter(({ job, pid }) => latest.get(job)?.pid !== pid)
      .map(({ job }) => job);
  }

  /** Loses the whole machine at once; resolves when all its jobs tick elsewhere. */
  async lose(machine: Machine): Promise<readonly Takeover[]> {
    const before = await this.settled();
    const jobs = [...before.values()]
      .filter(({ server }) => server === machine.id)
      .map(({ job }) => job);
    const lostAtMs = monotonicMs();
    await machine.lose();
    const assigned = this.#watchAssigned(jobs, machine.id);
    const running = await until(
      `jobs of ${machine.id} tick elsewhere`,
      () => {
        const runs = jobs.map((job) =>
          this.ticks.living(job, livingMs).find(({ server }) => server !== machine.id),
        );
        return runs.every((run) => run !== undefined) ? runs : undefined;
      },
      30_000,
    );
    const assignedAtMs = await assigned;
    return running.map(({ job, firstMs }) => ({
      job,
      assignedMs: (assignedAtMs.get(job) ?? firstMs) - lostAtMs,
      runningMs: firstMs - lostAtMs,
    }));
  }

  /** When the table first showed each job with another owner, as a client sees it. */
  async #watchAssigned(
    jobs: readonly string[],
    lost: string,
  ): Promise<ReadonlyMap<string, number>> {
    const seen = new Map<string, number>();
    await until(
      "the table names other owners",
      async () => {
        const table = await this.client.jobs.ring();
        for (const row of table.jobs) {
          const moved = row.owner !== "" && row.owner !== lost && row.state === "assigned";
          if (jobs.includes(row.jobId) && moved && !seen.has(row.jobId))
            seen.set(row.jobId, monotonicMs());
        }
        return seen.size === jobs.length ? true : undefined;
      },
      30_000,
    );
    return seen;
  }

  /**
   * Whether the job is where it belongs: on its way to nobody, and its own ticks, where it ticks, say what the table
   * says. A run that has just ended still counts as living.
   */
  #runsAs(row: {
    readonly jobId: string;
    readonly state: string;
    readonly owner: string;
    readonly epoch: number;
  }): boolean {
    if (row.state !== "assigned") return false;
    if (!this.jobs.has(row.jobId)) return true;
    const runs = this.ticks.living(row.jobId, livingMs);
    const [run] = runs;
    return runs.length === 1 && run?.server === row.owner && run.epoch === row.epoch;
  }

  /** Resolves when the table is balanced within one job, nothing is on its way, and every job ticks. */
  async balanced(servers: number, boundMs = 30_000): Promise<void> {
    await until(
      `jobs even on ${String(servers)} servers`,
      async () => {
        const table = await this.client.jobs.ring();
        const eligible = table.servers.filter((server) => server.eligible);
        const even = table.maxMinusMin <= 1 && eligible.length === servers;
        return even && table.jobs.every((row) => this.#runsAs(row)) ? true : undefined;
      },
      boundMs,
    );
  }
}
