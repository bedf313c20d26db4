// One simulated cluster: servers, network, clients' history and checkers around one schedule.
import type { Hash64 } from "../../src/base/hash.ts";
import { peerId } from "../../src/base/numbers.ts";
import type { Random } from "../../src/base/random.ts";
import { bootstrapLog } from "../../src/replica/bootstrap.ts";
import { HistoryRecorder } from "./checkers/linearizability/history.ts";
import type { KvInput, KvOutput } from "./checkers/linearizability/models/kv-corner.ts";
import type { Violation } from "./checkers/report.ts";
import { ChunkRot } from "./chunk-rot.ts";
import { SimNetwork } from "./network.ts";
import { Observer } from "./observer.ts";
import type { Plan } from "./plan.ts";
import { betweenFine, splitRandom } from "./random.ts";
import { drain, Schedule } from "./schedule.ts";
import { SimServer } from "./server.ts";
import { RunTrace } from "./trace.ts";

/** More at one moment means that somebody asks for turns for ever. */
const stepsAtOnceMax = 100_000;

/** The first violation ends a run. */
export class BrokenPromise extends Error {
  override readonly name = "BrokenPromise";
  readonly violation: Violation;

  constructor(violation: Violation) {
    super(`${violation.checker}: ${violation.detail}`);
    this.violation = violation;
  }
}

export class World {
  readonly plan: Plan;
  readonly schedule = new Schedule();
  readonly trace = new RunTrace();
  readonly network: SimNetwork;
  readonly observer: Observer;
  readonly history = new HistoryRecorder<KvInput, KvOutput>();
  readonly servers: SimServer[] = [];
  readonly chunkRot: ChunkRot = new ChunkRot(this.servers);
  /** Writes that clients know to be done. */
  writes = 0;
  reads = 0;
  uploads = 0;
  downloads = 0;
  readonly #hash: Hash64;
  readonly #random: Random;
  readonly #ledListeners = new Set<(winner: SimServer) => void>();
  readonly #quarantineListeners = new Set<(server: SimServer) => void>();
  readonly #byProcess = new Map<unknown, SimServer>();
  #violation: Violation | undefined;

  constructor(plan: Plan, modules: { readonly hash: Hash64 }) {
    const { schedule, trace } = this;
    this.plan = plan;
    this.#hash = modules.hash;
    this.#random = splitRandom(plan.seed, "world");
    this.network = new SimNetwork({ schedule, trace, random: splitRandom(plan.seed, "network") });
    this.network.weather = plan.weather;
    this.observer = new Observer({
      schedule,
      trace,
      report: (violation) => this.report(violation),
      serverOfPeer: (peer) => this.servers[peer - 1],
      onFailed: (server) => this.#replaceFailed(server),
      onDamaged: (server) => this.#quarantine(server),
      onRemoved: (server) => this.#retire(server),
      onLed: (server) => {
        for (const listener of [...this.#ledListeners]) listener(server);
      },
    });
  }

  report(violation: Violation): void {
    this.#violation ??= violation;
  }

  /** Founds the cluster and starts every server. */
  async found(): Promise<void> {
    const founders = Array.from({ length: this.plan.servers }, () => this.addServer());
    const founding = {
      atMs: 1,
      founders: founders.map(({ peer, profile }) => ({ peerId: peer, profile })),
    };
    for (const server of founders) {
      void bootstrapLog(server.data.log, founding);
      await drain();
    }
    await this.run(50);
    for (const server of founders) server.start();
  }

  /** A new, empty machine under a peer id that nobody had before; not started. */
  addServer(serverId?: string, chunks?: Map<string, Uint8Array>): SimServer {
    const peer = peerId(this.servers.length + 1);
    const { seed, limits, leaseReads, disk, diskSizes, driftPerMille } = this.plan;
    const { network, trace, observer } = this;
    const skew = driftPerMille / 1000;
    const server = new SimServer(
      {
        seed,
        peer,
        serverId: serverId ?? `m${peer}`,
        limits,
        leaseReads,
        diskSpeed: disk,
        diskSizes,
        ...(chunks && { chunks }),
        clockRate: 1 + betweenFine(this.#random, 0, 2 * skew) - skew,
        initialPeers: this.servers.map((each) => each.peerAddress),
      },
      { network, trace, observer, hash: this.#hash },
    );
    this.servers.push(server);
    return server;
  }

  up(): SimServer[] {
    return this.servers.filter((server) => server.isUp);
  }

  /** Of the newest term, among those that run. */
  leader(): SimServer | undefined {
    let found: SimServer | undefined;
    let newest = 0;
    for (const server of this.up()) {
      const status = server.replica?.status();
      if (status?.role !== "leader" || status.term <= newest) continue;
      found = server;
      newest = status.term;
    }
    return found;
  }

  /** Calls `listener` when a server wins an election; it must not touch the server at once. */
  onLed(listener: (winner: SimServer) => void): () => void {
    this.#ledListeners.add(listener);
    return () => this.#ledListeners.delete(listener);
  }

  /** Calls `listener` with every server whose data was found damaged and that is missed. */
  onQuarantined(listener: (server: SimServer) => void): void {
    this.#quarantineListeners.add(listener);
  }

  noteFault(what: string): void {
    this.trace.add(this.schedule.nowMs, "-", { kind: "fault", what });
  }

  /** Lets `durationMs` pass. Throws BrokenPromise. */
  async run(durationMs: number): Promise<void> {
    const untilMs = this.schedule.nowMs + durationMs;
    await this.until(() => false, untilMs);
  }

  /** Lets time pass until the level `reached` holds; false when it does not by `untilMs`. Throws BrokenPromise. */
  async until(reached: () => boolean, untilMs: number): Promise<boolean> {
    while (!reached()) {
      const owner = await this.schedule.step(untilMs);
      this.#look(owner === false ? undefined : owner);
      if (this.schedule.stepsNow > stepsAtOnceMax) {
        const detail = `${stepsAtOnceMax} events without any time passing`;
        this.report({ checker: "livelock", detail });
      }
      if (this.#violation !== undefined) throw new BrokenPromise(this.#violation);
      if (owner === false) return reached();
    }
    return true;
  }

  #look(owner: unknown): void {
    if (owner === undefined) return;
    let server = this.#byProcess.get(owner);
    if (server === undefined) {
      server = this.servers.find((each) => each.process === owner);
      if (server === undefined) return;
      this.#byProcess.set(owner, server);
    }
    this.observer.look(server);
  }

  /**
   * Somebody switches a removed server off, once most of the voters that are left know that it was removed: until
   * then they may still need its vote (etcd's doc.go says the same of a cluster of two).
   */
  #retire(server: SimServer): void {
    this.schedule.after(betweenFine(this.#random, 50, 2000), undefined, () => {
      if (!this.#isForgotten(server)) {
        this.#retire(server);
        return;
      }
      server.isRetired = true;
      server.crash("lost", false);
    });
  }

  #isForgotten(server: SimServer): boolean {
    const [newest] = this.observer.newestMemberships(1);
    if (newest === undefined || newest.votersOutgoing.length > 0) return false;
    const knowing = newest.voters.filter((peer) => {
      const known = this.servers[peer - 1]?.replica?.state.membership;
      return (
        known !== undefined && ![...known.voters, ...known.votersOutgoing].includes(server.peer)
      );
    });
    return 2 * knowing.length > newest.voters.length;
  }

  /** It never runs again; its machine comes back as somebody else. */
  #quarantine(server: SimServer): void {
    const { process, isRetired } = server;
    server.isQuarantined = true;
    server.isRetired = true;
    // A removed server's disk concerns nobody any more.
    if (isRetired) return;
    this.schedule.after(betweenFine(this.#random, 0, 20), undefined, () => {
      if (server.process === process) server.crash("lost", false);
    });
    server.isToReturn = true;
    for (const listener of this.#quarantineListeners) listener(server);
  }

  /** A process whose replica gave up ends, and is started again later, with a disk that works. */
  #replaceFailed(server: SimServer): void {
    const { process } = server;
    this.schedule.after(betweenFine(this.#random, 0, 20), undefined, () => {
      if (server.process === process) server.crash("lost", false);
    });
    this.schedule.after(betweenFine(this.#random, 100, 1500), undefined, () => {
      if (server.process === process && !server.isRetired) server.start();
    });
  }
}
