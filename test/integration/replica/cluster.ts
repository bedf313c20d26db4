// Replicas in one process on memory stores, a memory network and virtual time.

import { silentLogger } from "../../../src/base/logger.ts";
import { peerId } from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import type { MembershipStep } from "../../../src/raft/types.ts";
import { bootstrapLog } from "../../../src/replica/bootstrap.ts";
import type { Committed, LeaderDuty } from "../../../src/replica/contract.ts";
import type { ReplicaLimits } from "../../../src/replica/limits.ts";
import { ReplicaServer } from "../../../src/replica/replica-server.ts";
import { loadHash64 } from "../../../src/server/system/hash.ts";
import type { Command } from "../../../src/state/commands.ts";
import type { ServerProfile } from "../../../src/state/rows.ts";
import {
  type MemoryDataDirectory,
  memoryDataDirectory,
} from "../../../src/storage/memory/data-directory.ts";
import type { WriteSchedule } from "../../../src/storage/memory/device.ts";
import type { PeerAddress } from "../../../src/transport/contract.ts";
import { MemoryNetwork } from "../../../src/transport/memory/memory-network.ts";
import { MemoryTransport } from "../../../src/transport/memory/memory-transport.ts";
import { VirtualClock } from "../../unit/replica/virtual-clock.ts";

const hash = await loadHash64();

export function profileOf(id: number): ServerProfile {
  return {
    serverId: `s${String(id)}`,
    incarnation: `000000000000000${String(id)}`,
    peerAddress: addressOf(id),
    grpcAddress: "",
    httpAddress: "",
    zone: "",
    labels: {},
    capacity: 1,
    version: "0",
  };
}

export function addressOf(id: number): string {
  return `s${String(id)}:7000`;
}

export function put(key: string, value = "x"): Command {
  return { kind: "kv-put", key, value: Buffer.from(value), condition: { kind: "none" } };
}

export const by = { actor: "test" };

/** One server: its data survives `replica`. */
export interface Member {
  readonly id: number;
  data: MemoryDataDirectory;
  transport: MemoryTransport;
  replica: ReplicaServer;
  running: boolean;
  readonly fatal: unknown[];
  removed: number;
  paused: number[];
  /** What duties were told: `+<term>` and `-`. */
  readonly duty: string[];
  /** When a write of the log ends: tests replace it to hold writes back or fail them. */
  schedule: WriteSchedule;
}

export interface ClusterOptions {
  readonly size: number;
  readonly seed?: number;
  readonly limits?: Partial<ReplicaLimits>;
  readonly leaseReads?: boolean;
}

export class Cluster {
  readonly clock = new VirtualClock();
  readonly network: MemoryNetwork;
  readonly members = new Map<number, Member>();
  readonly #options: ClusterOptions;
  readonly #seed: number;

  constructor(options: ClusterOptions) {
    this.#options = options;
    this.#seed = options.seed ?? 1;
    const random = seededRandom(this.#seed);
    this.network = new MemoryNetwork(
      { delayMinMs: 1, delayMaxMs: 3 },
      { clock: this.clock, random },
    );
  }

  /** Founds the cluster and starts every server. */
  async found(): Promise<this> {
    const founders = Array.from({ length: this.#options.size }, (_, i) => i + 1).map((id) => ({
      peerId: peerId(id),
      profile: profileOf(id),
    }));
    for (const { peerId: id } of founders) {
      const member = this.#create(id, []);
      await this.clock.settled(bootstrapLog(member.data.log, { atMs: 1, founders }));
    }
    for (const { peerId: id } of founders) await this.#start(this.member(id));
    return this;
  }

  /** A new, empty server that knows the addresses of the present ones. */
  async join(id: number): Promise<Member> {
    const peers = [...this.members.keys()].map((each) => ({
      peerId: peerId(each),
      address: addressOf(each),
    }));
    const member = this.#create(id, peers);
    await this.#start(member);
    return member;
  }

  member(id: number): Member {
    const member = this.members.get(id);
    if (member === undefined) throw new Error(`no server ${String(id)}`);
    return member;
  }

  running(): Member[] {
    return [...this.members.values()].filter((member) => member.running);
  }

  leaders(): Member[] {
    return this.running().filter(({ replica }) => replica.status().role === "leader");
  }

  /** The one leader that everybody running follows, with its term's first entry applied. */
  async leader(): Promise<Member> {
    await this.clock.until("one leader, followed by all", () => this.#agreed() !== undefined);
    return this.#agreed()!;
  }

  followers(): Member[] {
    return this.running().filter(({ replica }) => replica.status().role !== "leader");
  }

  /** The process ends: nothing in flight is written. */
  async crash(member: Member): Promise<void> {
    member.running = false;
    void member.replica.stop();
    await this.clock.settled(member.transport.stop());
  }

  async restart(member: Member): Promise<void> {
    member.data = member.data.restart("lost");
    await this.restartOver(member);
  }

  /** Starts again over `member.data` as it is. */
  async restartOver(member: Member): Promise<void> {
    this.#build(member, []);
    await this.#start(member);
  }

  propose(member: Member, command: Command): Promise<Committed> {
    return this.clock.settled(member.replica.propose(command, by));
  }

  async change(steps: readonly MembershipStep[], joiner?: number): Promise<Committed> {
    const leader = await this.leader();
    const added =
      joiner === undefined ? [] : [{ peerId: peerId(joiner), profile: profileOf(joiner) }];
    const context = { atMs: 2, actor: "test", reason: "test", added };
    const request = { transition: "auto", steps, context, ifRevision: 0 as never } as const;
    return this.clock.settled(leader.replica.proposeMembership(request, by));
  }

  /** Waits until everybody running has applied the same, and returns the one digest. */
  async converged(): Promise<string> {
    await this.clock.until("all have applied the same", () => {
      const applied = this.running().map(({ replica }) => replica.status());
      const furthest = Math.max(...applied.map(({ lastIndex }) => lastIndex));
      return applied.every((status) => status.applied === furthest);
    });
    const digests = new Set(this.running().map(({ replica }) => replica.digest()));
    if (digests.size !== 1) throw new Error(`digests differ: ${[...digests].join(" ")}`);
    return [...digests][0]!;
  }

  async stop(): Promise<void> {
    for (const member of this.running()) {
      await this.clock.settled(member.replica.stop());
      await this.clock.settled(member.transport.stop());
      await this.clock.settled(member.data.close());
    }
  }

  #agreed(): Member | undefined {
    const [leader, ...others] = this.leaders();
    if (leader === undefined || others.length > 0) return undefined;
    const { membership } = leader.replica.state;
    const members = [...membership.voters, ...membership.learners];
    const followed = this.running().every(
      ({ id, replica }) =>
        !members.includes(peerId(id)) || replica.status().leader === peerId(leader.id),
    );
    return followed && leader.duty.at(-1)?.startsWith("+") === true ? leader : undefined;
  }

  #create(id: number, initialPeers: readonly PeerAddress[]): Member {
    const member: Member = {
      id,
      running: false,
      fatal: [],
      removed: 0,
      paused: [],
      duty: [],
      schedule: (_bytes, finish) => finish("synced"),
      data: memoryDataDirectory({
        serverId: `s${String(id)}`,
        schedule: (bytes, finish) => member.schedule(bytes, finish),
        random: () => "00000000000000aa",
      }),
      transport: undefined as never,
      replica: undefined as never,
    };
    this.#build(member, initialPeers);
    this.members.set(id, member);
    return member;
  }

  #build(member: Member, initialPeers: readonly PeerAddress[]): void {
    const { id, data, duty } = member;
    member.transport = new MemoryTransport({ listen: addressOf(id) }, { network: this.network });
    member.replica = new ReplicaServer(
      {
        identity: { clusterId: "c", generation: 0, peerId: peerId(id) },
        initialPeers,
        leaseReads: this.#options.leaseReads ?? false,
        ...(this.#options.limits === undefined ? {} : { limits: this.#options.limits }),
        onFatal: (error) => {
          member.fatal.push(error);
        },
        onRemoved: () => {
          member.removed += 1;
        },
        onPaused: (pausedMs) => {
          member.paused.push(pausedMs);
        },
      },
      {
        log: data.log,
        snapshots: data.snapshots,
        chunks: data.chunks,
        transport: member.transport,
        clock: this.clock,
        wallClock: this.clock,
        random: seededRandom(this.#seed * 100 + id),
        hash,
        logger: silentLogger,
      },
    );
    const recorder: LeaderDuty = {
      name: "recorder",
      start: (term) => {
        duty.push(`+${String(term)}`);
      },
      stop: () => {
        duty.push("-");
      },
    };
    member.replica.addDuty(recorder);
  }

  async #start(member: Member): Promise<void> {
    const { transport, replica } = member;
    await transport.start({ ...replica.handlers, onHello: () => Promise.reject(new Error("no")) });
    await this.clock.settled(replica.start());
    member.running = true;
  }
}
