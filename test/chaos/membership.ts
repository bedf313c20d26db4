// A server is replaced while everything else goes wrong: the new one is added, made a voter, and an old one is taken
// out. Each step is repeated until it is done, as an operator would, since any of them may be refused for good reasons.
import { setTimeout as sleep } from "node:timers/promises";
import { QuorateError } from "../../src/base/errors.ts";
import type { QuorateClient } from "../../src/client/quorate-client.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { Member } from "./member.ts";

const stepMs = 30_000;
const pauseMs = 250;
/** A server that was removed while it was cut off may never learn of it. */
const leaveMs = 5000;

export interface MembershipModules {
  readonly cluster: ChaosCluster;
  readonly client: QuorateClient;
  readonly say: (text: string) => void;
  readonly isOver: () => boolean;
}

type Row = Awaited<ReturnType<QuorateClient["servers"]["list"]>>["servers"][number];

export class Membership {
  readonly #modules: MembershipModules;
  readonly done: { added: number; promoted: number; removed: number } = {
    ...{ added: 0, promoted: 0, removed: 0 },
  };

  constructor(modules: MembershipModules) {
    this.#modules = modules;
  }

  /** `choose` names the one to go, after the new one counts. */
  async replace(choose: (newest: Member) => Member | undefined): Promise<void> {
    const { cluster } = this.#modules;
    const slot = cluster.freeSlot();
    // A full house means that an earlier replacement got stuck half way.
    const newest = slot === undefined ? cluster.members.at(-1) : cluster.join(slot);
    if (newest === undefined || !(await this.#bringIn(newest))) return;
    const old = choose(newest);
    if (old !== undefined && cluster.members.length > cluster.servers) await this.#takeOut(old);
  }

  /** False when it is not a voter in time. */
  async #bringIn({ id, machine }: Member): Promise<boolean> {
    const { client } = this.#modules;
    const isAdded = await this.#repeat(`${id} is added`, async () => {
      if ((await this.#row(id)) === undefined) await client.servers.add(machine.peerAddress);
    });
    if (!isAdded) return false;
    this.done.added += 1;
    const isPromoted = await this.#repeat(`${id} is promoted`, async () => {
      if ((await this.#row(id))?.role !== "ROLE_VOTER") await client.servers.promote(id);
    });
    if (isPromoted) this.done.promoted += 1;
    return isPromoted;
  }

  async #takeOut(member: Member): Promise<void> {
    const { client, cluster } = this.#modules;
    const { id } = member;
    const isGone = await this.#repeat(`${id} is removed`, async () => {
      if ((await this.#row(id)) !== undefined) await client.servers.remove(id);
    });
    if (!isGone) return;
    this.done.removed += 1;
    const endMs = performance.now() + leaveMs;
    while (member.machine.isRunning() && performance.now() < endMs) await sleep(pauseMs);
    await cluster.retire(member);
  }

  async #row(id: string): Promise<Row | undefined> {
    const { servers } = await this.#modules.client.servers.list();
    return servers.find(({ serverId }) => serverId === id);
  }

  /** False when it was not done in time. */
  async #repeat(what: string, step: () => Promise<void>): Promise<boolean> {
    const { say, isOver } = this.#modules;
    const endMs = performance.now() + stepMs;
    let reason = "";
    while (performance.now() < endMs && !isOver()) {
      try {
        await step();
        say(what);
        return true;
      } catch (error) {
        if (!(error instanceof QuorateError)) throw error;
        reason = error.code;
      }
      await sleep(pauseMs);
    }
    say(`not done: ${what} (${reason})`);
    return false;
  }
}
