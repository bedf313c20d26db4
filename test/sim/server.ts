// One simulated machine with its disk, and the lives of the server process on it. The process is the shipped
// replica: everything around it (time, chance, network, disk) is the simulator's.
import { defined } from "../../src/base/assert.ts";
import type { Hash64 } from "../../src/base/hash.ts";
import { silentLogger } from "../../src/base/logger.ts";
import type { PeerId } from "../../src/base/numbers.ts";
import type { TraceSink } from "../../src/raft/trace.ts";
import type { ReplicaLimits } from "../../src/replica/limits.ts";
import { ReplicaServer } from "../../src/replica/replica-server.ts";
import { ChunkWatch } from "../../src/resources/chunk-watch.ts";
import { ResourceService } from "../../src/resources/resource-service.ts";
import { failStop } from "../../src/server/fail-stop.ts";
import type { ServerProfile } from "../../src/state/rows.ts";
import type { PeerAddress } from "../../src/transport/contract.ts";
import { ProcessClock } from "./clock.ts";
import { type DiskSpeed, SimDisk } from "./disk.ts";
import type { SimNetwork } from "./network.ts";
import { splitRandom } from "./random.ts";
import type { Owner, ScheduledEvent } from "./schedule.ts";
import { newSimData, type SimContent, type SimDataDirectory } from "./storage/data-directory.ts";
import type { Rot } from "./storage/level-files.ts";
import type { Ending, SimLogOptions } from "./storage/sim-log.ts";
import type { RunTrace } from "./trace.ts";
import type { TraceItem } from "./trace-item.ts";
import { SimTransport } from "./transport.ts";

/** Who looks at a server while it runs. */
export interface ServerObserver {
  booted(server: SimServer): void;
  readonly sink: (server: SimServer) => TraceSink;
  sent(server: SimServer): void;
  /** The replica gave up. */
  failed(server: SimServer, error: unknown): void;
  /** It cannot store chunks any more: the process is to end. */
  chunksFailed(server: SimServer): void;
  /** Versions of files may have become visible to it. */
  resourcesChanged(server: SimServer): void;
  /** Its data directory was opened again after a crash, and something was found there. */
  damaged(server: SimServer, error: unknown): void;
  /** The membership names the server no longer, and it knows it. */
  removed(server: SimServer): void;
}

export interface SimServerOptions {
  readonly seed: number;
  readonly peer: PeerId;
  readonly serverId: string;
  readonly limits: Partial<ReplicaLimits>;
  readonly leaseReads: boolean;
  readonly diskSpeed: DiskSpeed;
  readonly diskSizes: SimLogOptions;
  /** Left by the server whose machine this was. */
  readonly chunks?: Map<string, Uint8Array>;
  /** Of its clock, against real time. */
  readonly clockRate: number;
  readonly initialPeers: readonly PeerAddress[];
}

export interface SimServerModules {
  readonly network: SimNetwork;
  readonly trace: RunTrace;
  readonly hash: Hash64;
  readonly observer: ServerObserver;
}

/** One life of a server. */
export class SimProcess implements Owner {
  isAlive = true;
  isPaused = false;
  readonly held: ScheduledEvent[] = [];
  /** The replica has given up: the process is about to end. */
  hasFailed = false;
  readonly #endings = new Set<() => void>();

  /** Calls `ended` when the process ends before the returned function is called. */
  onEnd(ended: () => void): () => void {
    this.#endings.add(ended);
    return () => this.#endings.delete(ended);
  }

  end(): void {
    this.isAlive = false;
    this.held.length = 0;
    for (const ended of this.#endings) ended();
    this.#endings.clear();
  }
}

/** Damages what lies on the disk; undefined = there is nothing of that kind. */
export type Harm = (content: SimContent) => Rot | undefined;

interface Life {
  readonly process: SimProcess;
  readonly clock: ProcessClock;
  readonly transport: SimTransport;
  readonly replica: ReplicaServer;
  readonly resources: ResourceService;
}

export class SimServer {
  readonly peer: PeerId;
  readonly name: string;
  readonly address: string;
  readonly profile: ServerProfile;
  readonly disk: SimDisk;
  data: SimDataDirectory;
  /** Out of order for the rest of the run. */
  isRetired = false;
  /** Its data was found damaged: it is retired, and its machine comes back under a new peer id. */
  isQuarantined = false;
  /** That machine keeps its server id. */
  isToReturn = false;
  readonly #rots: Rot[] = [];
  boots = 0;
  readonly #options: SimServerOptions;
  readonly #modules: SimServerModules;
  #life: Life | undefined;

  constructor(options: SimServerOptions, modules: SimServerModules) {
    const { seed, peer, serverId, diskSpeed, diskSizes } = options;
    this.#options = options;
    this.#modules = modules;
    this.peer = peer;
    this.name = `s${peer}`;
    this.address = `s${peer}:7000`;
    this.profile = profileOf(this, serverId);
    const { schedule } = modules.network;
    const random = splitRandom(seed, `disk ${peer}`);
    const { trace } = modules;
    const owner = (): Owner | undefined => this.#life?.process;
    this.disk = new SimDisk(
      { name: this.name, speed: diskSpeed },
      { schedule, random, trace, owner },
    );
    const hex = splitRandom(seed, `identity ${peer}`);
    const random16 = (): string => hex.next().toString(16).padStart(16, "0");
    this.data = newSimData(
      { serverId, schedule: this.disk.write, random: random16, ...diskSizes },
      options.chunks,
    );
  }

  /** Of the present or the last life. */
  get process(): SimProcess {
    return this.#life?.process ?? notBorn;
  }

  /** Runs, as far as the world can tell. */
  get isUp(): boolean {
    return this.#life?.process.isAlive === true;
  }

  /** Undefined while no process runs. */
  get replica(): ReplicaServer | undefined {
    return this.isUp ? this.#life?.replica : undefined;
  }

  /** Of the present or the last life. */
  get resources(): ResourceService {
    return defined(this.#life, "a life").resources;
  }

  get peerAddress(): PeerAddress {
    return { peerId: this.peer, address: this.address };
  }

  /** Something on its disk is not what was written there, or the disk was found damaged. */
  get isDamaged(): boolean {
    return this.isQuarantined || this.#rots.some((rot) => rot.isThere());
  }

  /** In the life that ends, or in the one before. */
  get wasDamaged(): boolean {
    return this.#rots.length > 0;
  }

  damage(rot: Rot): void {
    this.note(`its disk is damaged: ${rot.what}`);
    this.#rots.push(rot);
  }

  /** What nobody has found yet is gone. */
  mend(): void {
    for (const rot of this.#rots.splice(0)) rot.mend();
  }

  /** Starts a process over what the disk holds. */
  start(): void {
    if (this.isQuarantined) return;
    const { observer, network } = this.#modules;
    this.disk.renew();
    this.boots += 1;
    const life = this.#build();
    this.#life = life;
    const { transport, replica, resources, process } = life;
    this.note(`starts (boot ${this.boots})`);
    observer.booted(this);
    void transport.start({
      ...replica.handlers,
      onHello: () => Promise.reject(new Error("no formation here")),
    });
    network.schedule.after(0, process, () => {
      this.data
        .start()
        .then(() => replica.start())
        .then(() => {
          resources.start();
        })
        .catch((thrown: unknown) => {
          this.#failed(thrown);
        });
    });
  }

  /**
   * The process ends in the middle of whatever it does. `isSilent` = with its machine: nobody hears of it. `harm` is done
   * to the disk before it is read again.
   */
  crash(ending: Ending, isSilent: boolean, harm?: Harm): void {
    if (this.#life === undefined || !this.isUp) return;
    const what = typeof ending === "object" ? `torn (${ending.kind})` : ending;
    this.note(`crashes, writes under way are ${what}${isSilent ? ", power is gone" : ""}`);
    this.#life.process.end();
    this.#life.transport.die(isSilent);
    this.#reopen(ending, harm);
  }

  /** The disk is read again, as by the next process; nothing runs. */
  #reopen(ending: Ending, harm: Harm | undefined): void {
    if (this.isQuarantined) return;
    try {
      this.data = this.data.restart(ending, (content) => {
        const rot = harm?.(content);
        if (rot !== undefined) this.damage(rot);
      });
    } catch (thrown) {
      this.#modules.observer.damaged(this, thrown);
    }
  }

  /** SIGTERM: the replica stops in order, then the process ends. */
  stopOrderly(): void {
    const life = this.#life;
    if (life === undefined || !this.isUp) return;
    this.note("is asked to stop");
    this.enter(() => {
      void life.resources.stop();
      void life.replica.stop().then(() => {
        if (this.#life === life && this.isUp) this.crash("lost", false);
      });
    });
  }

  pause(): void {
    this.note("stands still");
    this.process.isPaused = true;
  }

  resume(): void {
    const { process } = this;
    if (!process.isPaused) return;
    this.note("goes on");
    process.isPaused = false;
    this.#modules.network.schedule.release(process);
  }

  drift(rate: number): void {
    this.note(`its clock runs at ${rate}`);
    this.#life?.clock.drift(rate);
  }

  /** Runs `visit` as an event of the present process; never when that ends first. */
  enter(visit: (replica: ReplicaServer) => void): void {
    const life = this.#life;
    if (life === undefined) return;
    this.#modules.network.schedule.after(0, life.process, () => {
      visit(life.replica);
    });
  }

  note(what: string): void {
    this.#trace({ kind: "process", what });
  }

  #trace(item: TraceItem): void {
    const { trace, network } = this.#modules;
    trace.add(network.schedule.nowMs, this.name, item);
  }

  #build(): Life {
    const { seed, peer, limits, leaseReads, initialPeers, clockRate } = this.#options;
    const { network, hash, observer } = this.#modules;
    const process = new SimProcess();
    const random = splitRandom(seed, `replica ${peer} ${this.boots}`);
    const clock = new ProcessClock(
      { originMs: random.next() % 1_000_000, rate: clockRate },
      { schedule: network.schedule, owner: process },
    );
    const transport = new SimTransport(
      { address: this.address, owner: process },
      { network, clock, onSend: () => observer.sent(this) },
    );
    const { log, snapshots } = this.data;
    const chunks = new ChunkWatch(
      failStop(this.data.chunks, () => {
        this.note("cannot store chunks any more");
        observer.chunksFailed(this);
      }),
    );
    const replica = new ReplicaServer(
      {
        identity: { clusterId: "sim", generation: 0, peerId: peer },
        initialPeers,
        limits,
        leaseReads,
        onFatal: (error) => {
          this.#failed(error);
        },
        onRemoved: () => {
          this.note("hears that it was removed");
          observer.removed(this);
        },
      },
      {
        log,
        snapshots,
        chunks,
        transport,
        clock,
        wallClock: clock,
        random,
        hash,
        logger: silentLogger,
        trace: observer.sink(this),
      },
    );
    replica.watch.subscribe(["resources"], () => {
      observer.resourcesChanged(this);
    });
    const resources = new ResourceService(
      { resourceBytesMax: 1 << 20 },
      {
        replica,
        chunks,
        fetch: (digests, peers) => replica.fetchChunks(digests, peers),
        clock,
        logger: silentLogger,
      },
    );
    return { process, clock, transport, replica, resources };
  }

  #failed(error: unknown): void {
    this.process.hasFailed = true;
    this.#modules.observer.failed(this, error);
  }
}

const notBorn = new SimProcess();
notBorn.end();

function profileOf(server: { peer: PeerId; address: string }, serverId: string): ServerProfile {
  return {
    serverId,
    incarnation: server.peer.toString(16).padStart(16, "0"),
    peerAddress: server.address,
    grpcAddress: "",
    httpAddress: "",
    zone: "",
    labels: {},
    capacity: 1,
    version: "0",
  };
}
