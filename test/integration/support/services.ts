// Servers of one cluster in this process, with all their rooms as the product puts them together, on memory stores, a
// memory network and virtual time.
import { createHmac } from "node:crypto";
import { toHex } from "../../../src/base/bytes.ts";
import type { Logger } from "../../../src/base/logger.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { peerId, type SessionId } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import type { RenewOutcome } from "../../../src/registry/contract.ts";
import type { Admission } from "../../../src/registry/hello.ts";
import { bootstrapLog } from "../../../src/replica/bootstrap.ts";
import { readOptions } from "../../../src/server/config/parse.ts";
import { type ServerSettings, toSettings } from "../../../src/server/config/settings.ts";
import { HelloDoor } from "../../../src/server/hello-door.ts";
import { makeServices, type Services } from "../../../src/server/services.ts";
import { loadHash64 } from "../../../src/server/system/hash.ts";
import type { JobSpec, ServerProfile } from "../../../src/state/rows.ts";
import {
  type MemoryDataDirectory,
  memoryDataDirectory,
} from "../../../src/storage/memory/data-directory.ts";
import { MemoryNetwork } from "../../../src/transport/memory/memory-network.ts";
import { MemoryTransport } from "../../../src/transport/memory/memory-transport.ts";
import { VirtualClock } from "../../unit/replica/virtual-clock.ts";

const hash = await loadHash64();

export const by = { actor: "test", deadlineMs: 5000 };
export const leaseMs = 3000;

export function serverProfile(id: number, change: Partial<ServerProfile> = {}): ServerProfile {
  return {
    serverId: `s${String(id)}`,
    incarnation: `000000000000000${String(id)}`,
    peerAddress: `s${String(id)}:7000`,
    grpcAddress: `s${String(id)}:7471`,
    httpAddress: `s${String(id)}:7470`,
    zone: "",
    labels: {},
    capacity: 4,
    version: "0",
    ...change,
  };
}

export function jobSpec(change: Partial<JobSpec> = {}): JobSpec {
  return {
    run: { kind: "command", command: ["sleep", "1"], resource: undefined },
    args: [],
    env: {},
    slots: 1,
    priority: 0,
    restart: "always",
    stopSignal: "SIGTERM",
    stopGraceMs: 1000,
    onServerDeath: "continue",
    onLeaseLoss: "stop",
    ...change,
  };
}

export function settingsOf(argv: readonly string[] = []): ServerSettings {
  return toSettings(readOptions(["--data", "/nonexistent/quorate-test", ...argv], {}));
}

/** One server. Its data survives a crash. */
export interface Site {
  readonly id: number;
  readonly serverId: string;
  readonly profile: ServerProfile;
  data: MemoryDataDirectory;
  transport: MemoryTransport;
  services: Services;
  running: boolean;
  readonly fatal: unknown[];
}

export interface FleetOptions {
  readonly size: number;
  readonly logger?: Logger;
  readonly balanceHoldMs?: number;
}

export class Fleet {
  readonly clock: VirtualClock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly sites: Map<number, Site> = new Map();
  readonly #options: FleetOptions;

  constructor(options: FleetOptions) {
    this.#options = options;
    this.network = new MemoryNetwork(
      { delayMinMs: 1, delayMaxMs: 2 },
      { clock: this.clock, random: seededRandom(1) },
    );
  }

  async found(): Promise<this> {
    const ids = Array.from({ length: this.#options.size }, (_, i) => i + 1);
    const founders = ids.map((id) => ({ peerId: peerId(id), profile: serverProfile(id) }));
    const members = founders.map((each) => ({
      peerId: each.peerId,
      peerAddress: each.profile.peerAddress,
    }));
    for (const id of ids) {
      const admission = { clusterId: "c", generation: 1, peerId: id, members };
      const site = this.#build(id, serverProfile(id), admission);
      await this.settled(bootstrapLog(site.data.log, { atMs: 1, founders }));
    }
    for (const id of ids) await this.#start(this.site(id));
    return this;
  }

  /** An empty server that listens and answers a hello, and is no member yet. */
  async empty(id: number, change: Partial<ServerProfile> = {}): Promise<ServerProfile> {
    const profile = serverProfile(id, change);
    const transport = new MemoryTransport(
      { listen: profile.peerAddress },
      { network: this.network },
    );
    const hello = new HelloDoor(() => ({ kind: "candidate", profile, proposal: null }));
    await transport.start({ ...noHandlers, onHello: (request) => hello.answer(request) });
    this.#waiting.set(id, transport);
    return profile;
  }

  /** The empty server starts as the member that it was admitted as. */
  async join(profile: ServerProfile, admission: Admission): Promise<Site> {
    const id = Number(profile.serverId.slice(1));
    await this.settled(this.#waiting.get(id)?.stop() ?? Promise.resolve());
    const site = this.#build(id, profile, admission);
    await this.#start(site);
    return site;
  }

  readonly #waiting = new Map<number, MemoryTransport>();

  site(id: number): Site {
    const site = this.sites.get(id);
    if (site === undefined) throw new Error(`no server ${String(id)}`);
    return site;
  }

  running(): Site[] {
    return [...this.sites.values()].filter((site) => site.running);
  }

  settled<T>(promise: Promise<T>, withinMs?: number): Promise<T> {
    return this.clock.settled(promise, withinMs);
  }

  until(what: string, reached: () => boolean, withinMs?: number): Promise<void> {
    return this.clock.until(what, reached, withinMs);
  }

  /** The leader that all who run follow, able to propose. */
  async leader(): Promise<Site> {
    const found = (): Site | undefined => {
      const [first, ...others] = this.running().filter(
        ({ services }) => services.replica.status().role === "leader",
      );
      if (first === undefined || others.length > 0) return undefined;
      const { peerId: self, term } = first.services.replica.status();
      return this.running().every(({ services }) => {
        const status = services.replica.status();
        return status.leader === self && status.term === term;
      })
        ? first
        : undefined;
    };
    await this.until("one leader, followed by all", () => found() !== undefined);
    const leader = found()!;
    await this.settled(leader.services.replica.barrier(5000));
    return leader;
  }

  followers(leader: Site): Site[] {
    return this.running().filter((site) => site !== leader);
  }

  /** Waits until everybody has applied what the leader has. */
  async converged(): Promise<void> {
    const leader = await this.leader();
    await this.until("all have applied the same", () => {
      const { lastIndex } = leader.services.replica.status();
      return this.running().every(
        ({ services }) => services.replica.status().applied === lastIndex,
      );
    });
  }

  async crash(site: Site): Promise<void> {
    site.running = false;
    void site.services.replica.stop();
    await this.settled(site.services.resources.stop());
    await this.settled(site.transport.stop());
  }

  /** The process begins again over what was durable. */
  async restart(site: Site): Promise<void> {
    site.data = site.data.restart("lost");
    this.#compose(site, { clusterId: "c", generation: 1, peerId: site.id, members: [] });
    await this.#start(site);
  }

  async stop(): Promise<void> {
    for (const transport of this.#waiting.values()) await this.settled(transport.stop());
    for (const site of this.running()) {
      site.running = false;
      const stopped = site.services.resources.stop();
      await this.settled(site.services.replica.stop());
      await this.settled(site.transport.stop());
      await this.settled(stopped);
      await this.settled(site.data.close());
    }
  }

  #build(id: number, profile: ServerProfile, admission: Admission): Site {
    const { serverId, incarnation } = profile;
    const site: Site = {
      id,
      serverId,
      profile,
      data: memoryDataDirectory({ serverId, random: () => incarnation }),
      transport: undefined as never,
      services: undefined as never,
      running: false,
      fatal: [],
    };
    this.#compose(site, admission);
    this.sites.set(id, site);
    return site;
  }

  #compose(site: Site, admission: Admission): void {
    const { balanceHoldMs = 30_000, logger = silentLogger } = this.#options;
    const { profile, data, fatal } = site;
    const transport = new MemoryTransport(
      { listen: profile.peerAddress },
      { network: this.network },
    );
    site.transport = transport;
    site.services = makeServices(
      {
        settings: settingsOf(["--balance-hold", String(balanceHoldMs)]),
        admission,
        facts: {
          serverId: profile.serverId,
          version: "0",
          leaseMs,
          uptimeMs: () => this.clock.nowMs(),
          rssBytes: () => 1,
          fencing: () => "none",
        },
        data,
        transport,
        onFatal: (error) => fatal.push(error),
        onRemoved: () => undefined,
      },
      {
        clock: this.clock,
        wallClock: this.clock,
        random: seededRandom(100 + site.id),
        hash,
        logger,
      },
    );
  }

  async #start(site: Site): Promise<void> {
    const { transport, services } = site;
    const hello = new HelloDoor(() => ({
      kind: "candidate",
      profile: site.profile,
      proposal: null,
    }));
    const { clusterId } = services.facts;
    hello.becomeMember({
      identity: { ...site.data.identity, clusterId, generation: 1, peerId: site.id },
      admission: { clusterId, generation: 1, peerId: site.id, members: [] },
      founding: undefined,
      members: services.members,
    });
    await transport.start({
      ...services.replica.handlers,
      onHello: (request) => hello.answer(request),
    });
    await this.settled(services.replica.start());
    services.resources.start();
    site.running = true;
  }
}

const noHandlers = {
  onMessage: () => undefined,
  onCall: () => Promise.reject(new Error("no member")),
  onPull: () => {
    throw new Error("no member");
  },
  onDisconnected: () => undefined,
  onConnected: () => undefined,
};

interface Held {
  readonly jobId: string;
  readonly epoch: number;
}

/** The holder's side of the lease protocol, by hand. */
export class Holder {
  readonly key: Uint8Array = new Uint8Array(32).fill(7);
  session: SessionId = 0 as SessionId;
  counter = 0;
  running: Held[] = [];
  released: Held[] = [];
  sealed = false;
  readonly #fleet: Fleet;
  readonly #serverId: string;
  #beats = false;

  constructor(fleet: Fleet, serverId: string) {
    this.#fleet = fleet;
    this.#serverId = serverId;
  }

  async register(via: Site, capacity = 4): Promise<this> {
    const { profile } = this.#fleet.site(Number(this.#serverId.slice(1)));
    const { serverId, incarnation } = profile;
    const request = { serverId, incarnation, leaseMs, key: this.key, capacity };
    this.counter = 0;
    ({ session: this.session } = await this.#fleet.settled(
      via.services.leases.register(request, by),
    ));
    return this;
  }

  /** The next renewal, signed; what it says may be changed. */
  message(change: object = {}): { readonly body: Uint8Array; readonly signature: string } {
    this.counter += 1;
    const { session, counter, running, released, sealed } = this;
    const body = Buffer.from(
      JSON.stringify({ session, counter, running, released, sealed, ...change }),
    );
    return { body, signature: toHex(createHmac("sha256", this.key).update(body).digest()) };
  }

  renew(via: Site, change: object = {}): Promise<RenewOutcome> {
    const { body, signature } = this.message(change);
    return this.#fleet.settled(via.services.leases.renew(body, signature, by));
  }

  /** Renews every third of the lease through whoever runs, until `silence`. */
  beat(): this {
    if (this.#beats) return this;
    this.#beats = true;
    const next = (): void => {
      if (!this.#beats) return;
      const [via] = this.#fleet.running();
      const { body, signature } = this.message();
      via?.services.leases
        .renew(body, signature, { actor: "test", deadlineMs: 900 })
        .catch(() => undefined);
      this.#fleet.clock.after(leaseMs / 3, next);
    };
    next();
    return this;
  }

  silence(): void {
    this.#beats = false;
  }
}

/** Holders of all servers that run, registered and renewing. */
export async function holdersOf(fleet: Fleet): Promise<Map<string, Holder>> {
  const leader = await fleet.leader();
  const holders = new Map<string, Holder>();
  for (const { serverId } of fleet.running()) {
    const holder = await new Holder(fleet, serverId).register(leader);
    holders.set(serverId, holder.beat());
  }
  return holders;
}
