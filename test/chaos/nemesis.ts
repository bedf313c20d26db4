// Carries a schedule out: three lanes side by side, each fault when its time has come or, if the one before took
// longer, soon after it.
import { setTimeout as sleep } from "node:timers/promises";
import { pick } from "../sim/random.ts";
import type { ChaosCluster } from "./cluster.ts";
import type { Member } from "./member.ts";
import type { Membership } from "./membership.ts";
import { networkUnder } from "./network/harm.ts";
import type { Namespaces } from "./network/namespaces.ts";
import { healthyNetwork } from "./network/rules.ts";
import type { Observer } from "./observer.ts";
import {
  describeFault,
  type Fault,
  type NetworkHarm,
  type ProcessHarm,
  type Schedule,
} from "./schedule.ts";
import { strikeProcesses } from "./strikes.ts";

/** A fault as it happened. */
export interface Struck {
  readonly atMs: number;
  readonly endMs: number;
  readonly kind: string;
  readonly target: string;
  /** Whom it struck. */
  readonly servers: readonly string[];
}

export interface NemesisModules {
  readonly cluster: ChaosCluster;
  readonly observer: Observer;
  readonly membership: Membership;
  /** Undefined: all servers share the network of this machine. */
  readonly network: Namespaces | undefined;
  readonly now: () => number;
  readonly say: (text: string) => void;
  /** True: no further fault begins. */
  readonly isOver: () => boolean;
}

const lookMs = 100;
/** Between two faults of a lane, however late it is. */
const restMsMin = 1000;

export class Nemesis {
  readonly #modules: NemesisModules;
  readonly struck: Struck[] = [];

  constructor(modules: NemesisModules) {
    this.#modules = modules;
  }

  async run({ processes, network, membership }: Schedule): Promise<void> {
    await Promise.all([
      this.#lane(processes, (fault) => this.#strikeProcess(fault)),
      this.#lane(network, (fault) => this.#strikeNetwork(fault)),
      this.#lane(membership, (fault) => this.#strikeMembership(fault)),
    ]);
  }

  async #lane<Harm extends Fault["harm"]>(
    faults: readonly Fault<Harm>[],
    strike: (fault: Fault<Harm>) => Promise<void>,
  ): Promise<void> {
    const { now, isOver } = this.#modules;
    let earliestMs = 0;
    for (const fault of faults) {
      while (now() < Math.max(fault.atMs, earliestMs) && !isOver()) await sleep(lookMs);
      if (isOver()) return;
      await strike(fault);
      earliestMs = now() + restMsMin;
    }
  }

  async #strikeProcess(fault: Fault<ProcessHarm>): Promise<void> {
    const { cluster } = this.#modules;
    const running = cluster.members.filter(({ isUp }) => isUp);
    const struck = this.#targets(fault, running);
    await this.#during(fault, struck, () => strikeProcesses({ fault, struck, cluster }));
  }

  async #strikeNetwork(fault: Fault<NetworkHarm>): Promise<void> {
    const { cluster, network } = this.#modules;
    const struck = this.#targets(fault, cluster.members);
    const [first] = struck;
    if (network === undefined || first === undefined) return;
    const members = cluster.members.map(({ slot }) => slot);
    await this.#during(fault, struck, async () => {
      await network.apply(networkUnder(fault, { members, target: first.slot }));
      await sleep(fault.forMs);
      await network.apply(healthyNetwork);
    });
  }

  async #strikeMembership(fault: Fault): Promise<void> {
    const { cluster, membership } = this.#modules;
    await this.#during(fault, [], () =>
      membership.replace((newest) => {
        const others = cluster.members.filter((member) => member !== newest);
        return this.#targets(fault, others)[0];
      }),
    );
  }

  /** The members that the fault is about, the leader by what is known now. */
  #targets({ target, choice }: Fault, among: readonly Member[]): readonly Member[] {
    if (target === "all") return among;
    const leader = this.#modules.observer.leader();
    if (target === "leader" && leader !== undefined && among.includes(leader)) return [leader];
    const others = among.filter((member) => member !== leader);
    const chosen = pick({ next: () => choice }, others.length > 0 ? others : among);
    return chosen === undefined ? [] : [chosen];
  }

  async #during(fault: Fault, struck: readonly Member[], harm: () => Promise<void>): Promise<void> {
    const { now, say } = this.#modules;
    const servers = struck.map(({ id }) => id);
    const atMs = Math.round(now());
    say(`${describeFault(fault)}${servers.length === 1 ? ` (${servers.join("")})` : ""}`);
    await harm();
    const { kind } = fault.harm;
    const endMs = Math.round(now());
    this.struck.push({ atMs, endMs, kind, target: fault.target, servers });
    if (fault.forMs > 0) say(`  over: ${kind} of ${fault.target}`);
  }
}
