// What every end-to-end test stands on: one cluster of real processes for all tests of a file, ticking jobs on it, and
// the ends of the servers' logs when a test has failed.
import { afterAll, afterEach, beforeAll } from "vitest";
import { tickerBundle } from "../../../bench/lib/artefact.ts";
import { checkRuns } from "../../../bench/lib/checker.ts";
import { Fleet } from "../../../bench/lib/fleet.ts";
import {
  type ClusterOptions,
  LocalCluster,
  type Machine,
} from "../../../bench/lib/local-cluster.ts";
import { TickCollector } from "../../../bench/lib/ticks.ts";
import { QuorateClient } from "../../../src/client/quorate-client.ts";

const logCharsShown = 3000;

export interface StageOptions extends ClusterOptions {
  /** Ticking jobs to start with, made from the bundle for node. */
  readonly jobs?: number;
}

export class Stage {
  readonly fleet: Fleet;
  readonly #clients = new Map<string, QuorateClient>();

  constructor(fleet: Fleet) {
    this.fleet = fleet;
  }

  static async open({ jobs = 0, ...options }: StageOptions): Promise<Stage> {
    const ticks = new TickCollector();
    await ticks.start();
    const cluster = await LocalCluster.start(options);
    const addresses = cluster.machines.map(({ grpcAddress }) => grpcAddress);
    const client = new QuorateClient({ addresses, actor: "test" });
    const stage = new Stage(new Fleet({ cluster, client, ticks }));
    try {
      if (jobs > 0) {
        await stage.fleet.push(tickerBundle());
        await stage.fleet.run(tickerBundle(), jobs);
      }
    } catch (error) {
      process.stderr.write(stage.logs());
      await stage.close();
      throw error;
    }
    return stage;
  }

  get cluster(): LocalCluster {
    return this.fleet.cluster;
  }

  get client(): QuorateClient {
    return this.fleet.client;
  }

  /** A client that knows this one server only. */
  at({ grpcAddress }: Machine): QuorateClient {
    const known = this.#clients.get(grpcAddress);
    const client = known ?? new QuorateClient({ addresses: [grpcAddress], actor: "test" });
    this.#clients.set(grpcAddress, client);
    return client;
  }

  async follower(): Promise<Machine> {
    const leader = await this.fleet.leader();
    const other = this.cluster.machines.find(
      (machine) => machine !== leader && machine.isRunning(),
    );
    if (other === undefined) throw new Error("there is no follower");
    return other;
  }

  /** Everything that the jobs' own ticks say against the promise so far: empty when it was kept. */
  async broken(): Promise<{
    readonly doubleRuns: number;
    readonly epochsBackwards: number;
    readonly lost: number;
  }> {
    const lost = (await this.fleet.lost()).length;
    const { doubleRuns, epochsBackwards } = checkRuns(this.fleet.ticks.runs());
    return {
      doubleRuns: doubleRuns.length,
      epochsBackwards: epochsBackwards.length,
      lost,
    };
  }

  logs(): string {
    return this.cluster.machines
      .map((machine) => `\n--- ${machine.id}\n${machine.log().slice(-logCharsShown)}`)
      .join("\n");
  }

  async close(): Promise<void> {
    for (const client of this.#clients.values()) client.close();
    this.client.close();
    await this.cluster.destroy();
    await this.fleet.ticks.stop();
  }
}

/** What `Stage.broken` says when nothing is. */
export const nothingBroken = { doubleRuns: 0, epochsBackwards: 0, lost: 0 } as const;

/** One stage for the tests of a file: opened before the first, closed after the last. */
export function useStage(options: StageOptions): () => Stage {
  let stage: Stage | undefined;
  beforeAll(async () => {
    stage = await Stage.open(options);
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(`${stage?.logs() ?? ""}\n`);
  });
  afterAll(async () => {
    await stage?.close();
  });
  return () => {
    if (stage === undefined) throw new Error("the cluster did not start");
    return stage;
  };
}
