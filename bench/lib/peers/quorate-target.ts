import { QuorateClient } from "../../../src/client/quorate-client.ts";
import type { FailoverTarget, Loss } from "../failover-target.ts";
import { at } from "../failover-target.ts";
import { LocalCluster, type Machine } from "../local-cluster.ts";
import { descendants, signalAll } from "../process-tree.ts";
import { until } from "../wait.ts";

const value = Buffer.alloc(256, 7);

/** Three of our servers with the default settings. */
export class QuorateTarget implements FailoverTarget {
  readonly name = "quorate";
  readonly settings: Readonly<Record<string, string>> = { lease: "default", fsync: "on" };
  readonly #cluster: LocalCluster;
  readonly #clients: readonly QuorateClient[];
  readonly #silent = new Set<number>();

  private constructor(cluster: LocalCluster) {
    this.#cluster = cluster;
    this.#clients = cluster.machines.map(
      ({ grpcAddress }) =>
        new QuorateClient({ addresses: [grpcAddress], exactlyOnce: false, actor: "bench" }),
    );
  }

  static async start(servers: number): Promise<QuorateTarget> {
    return new QuorateTarget(await LocalCluster.start({ servers }));
  }

  async put(server: number, key: string, deadlineMs: number): Promise<void> {
    await this.#client(server).kv.put(key, value, { deadlineMs });
  }

  async leader(): Promise<number> {
    return await until("one leader named by all", async () => {
      const named = await Promise.all(
        this.#clients.map(async (client) => (await client.cluster.status()).leaderId),
      );
      const [first = ""] = named;
      const index = this.#cluster.machines.findIndex(({ id }) => id === first);
      return index >= 0 && named.every((id) => id === first) ? index : undefined;
    });
  }

  lose(server: number, loss: Loss): Promise<void> {
    const machine = this.#machine(server);
    if (loss === "kill") machine.killServer();
    else {
      signalAll([machine.pid, ...descendants(machine.pid)], "SIGSTOP");
      this.#silent.add(server);
    }
    return Promise.resolve();
  }

  /** A killed server process is brought back by its sentinel, a silent machine is switched off and on. */
  async restore(server: number): Promise<void> {
    if (this.#silent.delete(server)) {
      const machine = this.#machine(server);
      await machine.lose();
      machine.start();
    }
    await this.#cluster.ready();
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.#cluster.destroy();
  }

  #client(server: number): QuorateClient {
    return at(this.#clients, server);
  }

  #machine(server: number): Machine {
    return at(this.#cluster.machines, server);
  }
}
