// Who leads, by the servers' own words: asked all the time, so that a fault can strike the leader, and so that
// elections can be counted.
import { setTimeout as sleep } from "node:timers/promises";
import { QuorateError } from "../../src/base/errors.ts";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { Member } from "./member.ts";

const everyMs = 300;
const deadlineMs = 500;

type Status = Awaited<ReturnType<QuorateClient["cluster"]["status"]>>;

export class Observer {
  readonly #cluster: ChaosCluster;
  readonly #client: QuorateClient;
  readonly #onLeader: (id: string, term: number) => void;
  #leader: { readonly id: string; readonly term: number } = { id: "", term: 0 };
  #isStopped = false;
  #end: Promise<void> = Promise.resolve();

  constructor(cluster: ChaosCluster, onLeader: (id: string, term: number) => void) {
    this.#cluster = cluster;
    this.#client = new QuorateClient({ addresses: cluster.addresses, actor: "observer" });
    this.#onLeader = onLeader;
  }

  start(): void {
    this.#end = this.#watch();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#end;
    this.#client.close();
  }

  /** The member that led last, as far as anybody told. */
  leader(): Member | undefined {
    return this.#cluster.member(this.#leader.id);
  }

  async #watch(): Promise<void> {
    while (!this.#isStopped) {
      const views = await Promise.all(this.#cluster.members.map((member) => this.#ask(member)));
      for (const view of views) this.#note(view);
      await sleep(everyMs);
    }
  }

  async #ask({ machine }: Member): Promise<Status | undefined> {
    try {
      return await this.#client.cluster.status(machine.grpcAddress, { deadlineMs });
    } catch (error) {
      if (error instanceof QuorateError) return undefined;
      throw error;
    }
  }

  #note(view: Status | undefined): void {
    if (view?.role !== "leader" || view.term <= this.#leader.term) return;
    this.#leader = { id: view.serverId, term: view.term };
    this.#onLeader(view.serverId, view.term);
  }
}
