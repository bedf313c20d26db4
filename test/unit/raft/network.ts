// Several cores, their disks and the network between them, in memory and without time: every tick, delivery
// and finished write is asked for by the test, so that a run can be repeated exactly.
import {
  type Index,
  index,
  type PeerId,
  peerId,
  type Term,
  term,
} from "../../../src/base/numbers.ts";
import { seededRandom } from "../../../src/base/random.ts";
import { utf8Decode, utf8Encode } from "../../../src/base/utf8.ts";
import type { RaftConfig } from "../../../src/raft/config.ts";
import { checkInvariants } from "../../../src/raft/invariants.ts";
import { membershipDecode } from "../../../src/raft/membership/codec.ts";
import { emptyConfiguration } from "../../../src/raft/membership/configuration.ts";
import { MemoryLog } from "../../../src/raft/memory-log.ts";
import { RaftCore } from "../../../src/raft/raft-core.ts";
import type { Ready } from "../../../src/raft/ready.ts";
import type { TraceEvent } from "../../../src/raft/trace.ts";
import type {
  Entry,
  MembershipChange,
  MembershipState,
  MembershipStep,
  MembershipTransition,
  Message,
  MessageKind,
  MessageOf,
  SnapshotMeta,
} from "../../../src/raft/types.ts";

/** Where the log of a fresh network begins: a snapshot, as after forming a cluster. */
const firstIndex: Index = index(10);
const firstTerm: Term = term(1);

export interface NetworkOptions {
  readonly voters: readonly number[];
  readonly learners?: readonly number[];
  /** Servers that exist, but are in no membership yet. */
  readonly strangers?: readonly number[];
  readonly seed?: number;
  readonly config?: Partial<RaftConfig>;
  /** What differs from server to server. */
  readonly configOf?: (number: number) => Partial<RaftConfig>;
  /** Keep every event of every core (default). */
  readonly trace?: boolean;
}

/** The state machine of the tests: the commands in their order. */
export interface Copy {
  readonly commands: string[];
  membership: MembershipState;
  applied: Index;
}

export function membershipOf(
  voters: readonly number[],
  learners: readonly number[] = [],
): MembershipState {
  const ids = (numbers: readonly number[]): PeerId[] => numbers.map((number) => peerId(number));
  return { ...emptyConfiguration, voters: ids(voters), learners: ids(learners) };
}

export function change(
  steps: readonly (readonly [MembershipStep["kind"], number])[],
  transition: MembershipTransition = "auto",
): MembershipChange {
  return {
    transition,
    steps: steps.map(([kind, peer]) => ({ kind, peer: peerId(peer) })),
    context: new Uint8Array(0),
  };
}

export class Server {
  readonly id: PeerId;
  readonly log: MemoryLog;
  readonly events: TraceEvent[] = [];
  /** Handed to the disk, not durable yet. */
  writes: Ready[] = [];
  committed: Entry[] = [];
  /** Called for every entry that the core hands out as committed. */
  onCommitted: (entry: Entry) => void = () => undefined;
  copy: Copy;
  core: RaftCore;
  readonly reads: { readId: number; index: Index }[] = [];
  readonly refused: number[] = [];
  readonly #options: NetworkOptions;
  readonly #snapshots: Map<Index, Copy>;
  #boots = 0;

  constructor(id: PeerId, options: NetworkOptions, snapshots: Map<Index, Copy>) {
    this.id = id;
    this.#options = options;
    this.#snapshots = snapshots;
    const stranger = options.strangers?.includes(id) ?? false;
    const membership = membershipOf(options.voters, options.learners);
    this.log = stranger
      ? new MemoryLog()
      : MemoryLog.startingAt({ index: firstIndex, term: firstTerm, membership });
    this.copy = this.#copyOf(this.log.snapshot());
    this.core = this.#boot();
  }

  /** The process dies and comes back: what is not durable is gone. */
  restart(): void {
    this.writes = [];
    this.committed = [];
    this.copy = this.#copyOf(this.log.snapshot());
    this.core = this.#boot();
  }

  /** Takes all that the core has to do; returns the messages that may leave. */
  pump(): Message[] {
    const messages: Message[] = [];
    while (this.core.hasReady()) {
      const ready = this.core.ready();
      if (ready.sequence > 0) this.writes.push(ready);
      for (const entry of ready.committed) {
        this.committed.push(entry);
        this.onCommitted(entry);
      }
      this.reads.push(...ready.readStates);
      this.refused.push(...ready.readsRefused);
      messages.push(...ready.messages);
    }
    return messages;
  }

  /** The oldest write becomes durable; false when there is none. */
  persist(): boolean {
    const ready = this.writes.shift();
    if (ready === undefined) return false;
    if (ready.snapshot !== undefined) {
      this.log.install(ready.snapshot);
      this.copy = this.#copyOf(ready.snapshot);
      this.committed = [];
    }
    this.log.append(ready.entries, ready.hardState);
    this.core.persisted(ready.sequence);
    return true;
  }

  /** Applies the oldest committed entry; false when there is none. */
  apply(): boolean {
    const entry = this.committed.shift();
    if (entry === undefined) return false;
    if (entry.index <= this.copy.applied) return true;
    if (entry.type === "membership") {
      this.copy.membership = this.core.applyMembership(membershipDecode(entry.data));
    } else if (entry.data.length > 0) {
      this.copy.commands.push(utf8Decode(entry.data));
    }
    this.copy.applied = entry.index;
    this.core.applied(entry.index);
    return true;
  }

  /** Takes a snapshot of what is applied and drops the log up to `keepFrom`. */
  compact(keepFrom?: Index): void {
    const { applied, membership } = this.copy;
    const at = this.log.term(applied);
    if (at === undefined || applied <= this.log.snapshot().index) return;
    this.#snapshots.set(applied, cloned(this.copy));
    this.log.compact({ index: applied, term: at, membership }, keepFrom);
  }

  get role(): string {
    return this.core.status().role;
  }

  entries(): Entry[] {
    const { firstIndex: from, lastIndex: to } = this.core.view();
    return [...(this.log.entries(from, index(Math.min(to, this.log.lastIndex()) + 1), 1e9) ?? [])];
  }

  #boot(): RaftCore {
    this.#boots += 1;
    const seed = (this.#options.seed ?? 1) * 1000 + this.id * 10 + this.#boots;
    return new RaftCore(
      {
        id: this.id,
        electionTicks: 10,
        heartbeatTicks: 1,
        maxMessageBytes: 1 << 20,
        maxInflightMessages: 256,
        maxInflightBytes: 1 << 24,
        maxUncommittedBytes: 1 << 24,
        applyBatchBytesMax: 1 << 20,
        ...this.#options.config,
        ...this.#options.configOf?.(this.id),
        applied: this.copy.applied,
      },
      {
        log: this.log,
        random: seededRandom(seed),
        ...(this.#options.trace === false ? {} : { trace: { record: (e) => this.events.push(e) } }),
      },
    );
  }

  #copyOf(snapshot: SnapshotMeta): Copy {
    const taken = this.#snapshots.get(snapshot.index);
    if (taken !== undefined) return cloned(taken);
    return { commands: [], membership: snapshot.membership, applied: snapshot.index };
  }
}

function cloned(copy: Copy): Copy {
  return { ...copy, commands: [...copy.commands] };
}

export class Network {
  readonly servers = new Map<PeerId, Server>();
  /** Under way, oldest first. */
  messages: Message[] = [];
  /** Directed links that lose everything, as "from>to". */
  readonly #cut = new Set<string>();
  /** Messages that a test wants to be lost. */
  lose: (message: Message) => boolean = () => false;
  /** Called after every change in `settle`. */
  observe: () => void = () => undefined;

  constructor(options: NetworkOptions) {
    const snapshots = new Map<Index, Copy>();
    const { voters, learners = [], strangers = [] } = options;
    for (const number of [...voters, ...learners, ...strangers]) {
      const id = peerId(number);
      this.servers.set(id, new Server(id, options, snapshots));
    }
  }

  server(number: number): Server {
    const server = this.servers.get(peerId(number));
    if (server === undefined) throw new Error(`no server ${String(number)}`);
    return server;
  }

  core(number: number): RaftCore {
    return this.server(number).core;
  }

  leader(): Server {
    const leaders = [...this.servers.values()].filter((server) => server.role === "leader");
    const newest = leaders.sort((a, b) => b.core.status().term - a.core.status().term)[0];
    if (newest === undefined) throw new Error("no leader");
    return newest;
  }

  /** Moves what the core of `number` wants to send onto the wire. */
  pump(number: number): void {
    for (const message of this.server(number).pump()) {
      const lost = this.#cut.has(`${String(message.from)}>${String(message.to)}`);
      if (!lost && !this.lose(message) && this.servers.has(message.to)) this.messages.push(message);
    }
  }

  deliver(message: Message): void {
    this.servers.get(message.to)?.core.step(message);
  }

  /** Sends, writes, applies and delivers, in order, until nothing is left to do on `numbers` (default: all). */
  settle(numbers: readonly number[] = [...this.servers.keys()]): void {
    const among = new Set(numbers.map((number) => peerId(number)));
    for (let round = 0; ; round += 1) {
      if (round > 10_000) throw new Error("the network does not come to rest");
      let busy = false;
      for (const id of among) {
        const server = this.server(id);
        this.pump(id);
        while (server.persist()) busy = true;
        while (server.apply()) busy = true;
        if (server.core.hasReady()) busy = true;
      }
      const due = this.messages.filter((message) => among.has(message.to));
      this.messages = this.messages.filter((message) => !among.has(message.to));
      for (const message of due) this.deliver(message);
      this.observe();
      if (!busy && due.length === 0) return;
    }
  }

  /** Ticks every server of `numbers` `count` times and settles after each. */
  tick(count: number, numbers: readonly number[] = [...this.servers.keys()]): void {
    for (let i = 0; i < count; i += 1) {
      for (const number of numbers) this.core(number).tick();
      this.settle(numbers);
    }
  }

  elect(number: number): void {
    this.core(number).campaign();
    this.settle();
  }

  propose(number: number, ...commands: readonly string[]): Index {
    return this.core(number).propose(commands.map((command) => utf8Encode(command))).index;
  }

  /** No message passes between `numbers` and the rest. */
  isolate(...numbers: readonly number[]): void {
    const inside = new Set(numbers.map((number) => peerId(number)));
    for (const a of this.servers.keys()) {
      for (const b of this.servers.keys()) {
        if (inside.has(a) !== inside.has(b)) this.#cut.add(`${String(a)}>${String(b)}`);
      }
    }
  }

  cut(from: number, to: number): void {
    this.#cut.add(`${String(from)}>${String(to)}`);
  }

  isCut(message: Message): boolean {
    return this.#cut.has(`${String(message.from)}>${String(message.to)}`);
  }

  heal(): void {
    this.#cut.clear();
    this.lose = () => false;
  }

  /** Broken promises at this moment. */
  violations(): readonly string[] {
    const views = [...this.servers.values()].map((server) => server.core.view());
    return checkInvariants(views).map(({ invariant, detail }) => `${invariant}: ${detail}`);
  }
}

/** A network whose first voter leads and whose logs are equal. */
export function ledNetwork(options: NetworkOptions): Network {
  const network = new Network(options);
  network.elect(options.voters[0] ?? 1);
  return network;
}

export function messagesOf<K extends MessageKind>(
  messages: readonly Message[],
  kind: K,
): MessageOf<K>[] {
  return messages.filter((message) => message.kind === kind) as MessageOf<K>[];
}
