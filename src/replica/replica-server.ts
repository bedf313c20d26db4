// One server's copy, put together: what the rest of the program calls is passed on to the part that does it.
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import { noIndex, noPeer, noTerm, type PeerId, type Revision, type Term } from "../base/numbers.ts";
import { utf8Decode, utf8Encode } from "../base/utf8.ts";
import type { CoreView } from "../raft/invariants.ts";
import { encodeMembershipContext } from "../state/command-codec.ts";
import type { Command } from "../state/commands.ts";
import type { StateReader } from "../state/reader.ts";
import { StateMachine } from "../state/state-machine.ts";
import type { TransportHandlers } from "../transport/contract.ts";
import type {
  Committed,
  LeaderDuty,
  LeaderLink,
  MembershipRequest,
  ProposeOptions,
  Replica,
  ReplicaStatus,
  WatchHub,
} from "./contract.ts";
import { buildEngine, type Engine, type EngineModules, type EngineOptions } from "./engine.ts";
import { replicaErrors } from "./errors.ts";
import { Farewell, removedCall } from "./farewell.ts";
import { ForwardingLink } from "./leader-link.ts";
import { Leadership } from "./leadership.ts";
import { defaultReplicaLimits, defaultTiming, introductionMs } from "./limits.ts";
import type { ReplicaModules, ReplicaOptions } from "./options.ts";
import { ProposalQueue, type ProposalStats } from "./proposer.ts";
import { Reads } from "./reads.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { Submit } from "./submit.ts";
import { successor } from "./successor.ts";
import { ChunkPull } from "./transfer/chunk-pull.ts";
import { snapshotFailedCall, snapshotSumCall } from "./transfer/snapshot-pull.ts";
import { TopicWatchHub } from "./watch-hub.ts";

/** A peer that connects tells its address. */
const introductionCall = "replica.introduction";

export interface ReplicaStats extends ProposalStats {
  /** Synced writes of the log and the entries in them: their ratio is what group commit gains. */
  readonly appends: number;
  readonly appendedEntries: number;
  /** Messages of peers that the inbox could not hold. */
  readonly dropped: number;
  readonly watchers: number;
}

export class ReplicaServer implements Replica {
  readonly #options: EngineOptions;
  readonly #modules: ReplicaModules;
  readonly #clock: Clock;
  readonly #files: SnapshotFiles;
  readonly #leadership: Leadership;
  readonly #watch: TopicWatchHub;
  readonly #link: ForwardingLink;
  readonly #proposals: ProposalQueue;
  readonly #reads: Reads;
  readonly #submit: Submit;
  readonly #farewell: Farewell;
  readonly #onFatal: (error: unknown) => void;
  readonly #empty = new StateMachine();
  #engine: Engine | undefined;
  #started = false;
  #stopping: Promise<void> | undefined;

  constructor(options: ReplicaOptions, modules: ReplicaModules) {
    const timing = { ...defaultTiming, ...options.timing };
    const limits = { ...defaultReplicaLimits, ...options.limits };
    const { clock, wallClock, transport, logger } = modules;
    const wake = (): void => this.#engine?.loop.wake();
    this.#options = {
      ...options,
      timing,
      limits,
      onFatal: (error) => {
        this.#fail(error);
      },
    };
    this.#modules = modules;
    this.#clock = clock;
    this.#files = new SnapshotFiles(modules);
    const leadership = new Leadership({ clock, logger });
    this.#leadership = leadership;
    this.#watch = new TopicWatchHub(limits, { clock, logger });
    const { linkCallsMax } = limits;
    const establishWaitMs = timing.electionMinMs;
    const self = options.identity.peerId;
    this.#link = new ForwardingLink(
      { self, linkCallsMax, establishWaitMs },
      { clock, transport, leadership },
    );
    this.#proposals = new ProposalQueue(
      { ...limits, graceMs: 2 * timing.electionMinMs },
      { clock, logger, wallClock, wake, leadership },
    );
    const { readsMax } = limits;
    const firstReadId = modules.random.next();
    this.#reads = new Reads(
      { readsMax, firstReadId },
      { clock, wake, leads: () => leadership.leads, applied: () => this.revision },
    );
    const proposals = this.#proposals;
    this.#submit = new Submit({ proposals, link: this.#link, leadership, clock, wallClock });
    this.#farewell = new Farewell({
      transport,
      logger,
      leads: () => leadership.isLeader(),
      // Whoever is told may stop this server: not in the middle of a turn.
      onRemoved: () => void clock.yield(options.onRemoved),
    });
    this.#onFatal = options.onFatal;
  }

  /** To be passed on to by the transport's handlers (`onHello` belongs to formation); safe before `start`. */
  readonly handlers: Omit<TransportHandlers, "onHello"> = {
    onMessage: (message) => this.#engine?.loop.receive(message),
    onCall: (from, call, payload) => this.#link.receive(from, call, payload),
    onPull: (from, source) => {
      if (this.#engine === undefined) throw replicaErrors.STOPPED("the server is starting");
      return this.#engine.pullServer.serve(from, source);
    },
    onDisconnected: (peer) => this.#engine?.loop.disconnected(peer),
    onConnected: (peer) => this.#introduce(peer),
    onUnreachable: (peer) => this.#engine?.loop.tell((core) => core.reportUnreachable(peer)),
  };

  get watch(): WatchHub {
    return this.#watch;
  }
  get leaderLink(): LeaderLink {
    return this.#link;
  }
  get state(): StateReader {
    return (this.#engine?.applier.machine ?? this.#empty).tables;
  }
  get revision(): Revision {
    return this.#engine?.applier.applied ?? noIndex;
  }

  addDuty(duty: LeaderDuty): void {
    assert(!this.#started, "duties are added before the start");
    this.#leadership.addDuty(duty);
  }

  onLeaderChange(listener: (leader: PeerId, term: Term) => void): () => void {
    return this.#leadership.onChange(listener);
  }

  propose(command: Command, options: ProposeOptions): Promise<Committed> {
    return this.#proposals.propose(command, options);
  }

  submit(command: Command, options: ProposeOptions): Promise<Committed> {
    return this.#submit.submit(command, options);
  }

  proposeMembership(request: MembershipRequest, options: ProposeOptions): Promise<Committed> {
    const { transition, steps, ifRevision } = request;
    const context = encodeMembershipContext(request.context);
    return this.#proposals.proposeMembership(() => {
      const revision = this.#engine?.applier.membershipIndex ?? noIndex;
      if (ifRevision !== noIndex && ifRevision !== revision) {
        const fields = { expected: ifRevision, revision };
        throw replicaErrors.MEMBERSHIP_CHANGED("the membership has changed", { fields });
      }
      return { transition, steps, context };
    }, options);
  }

  async transferLeadership(to: PeerId, deadlineMs: number): Promise<void> {
    const leadership = this.#leadership;
    if (!leadership.isLeader()) throw replicaErrors.NOT_LEADER("this server does not lead");
    const untilMs = this.#clock.nowMs() + deadlineMs;
    do {
      const leftMs = untilMs - this.#clock.nowMs();
      if (leftMs <= 0) throw replicaErrors.TRANSFER_FAILED("the other server did not take over");
      this.#beginTransfer(to);
      // The core gives a transfer up after an election timeout; then it is begun again.
      await leadership.changed(Math.min(leftMs, this.#options.timing.electionMinMs));
    } while (leadership.isLeader());
  }

  barrier(deadlineMs: number): Promise<Revision> {
    return this.#reads.barrier(deadlineMs);
  }

  confirmLeadership(deadlineMs: number): Promise<void> {
    return this.#reads.confirmLeadership(deadlineMs);
  }

  fetchChunks(digests: readonly string[], peers: readonly PeerId[]): Promise<readonly string[]> {
    return new ChunkPull(this.#modules).fetch(digests, peers);
  }

  status(): ReplicaStatus {
    if (this.#engine === undefined) return { ...notStarted, peerId: this.#options.identity.peerId };
    const { core, applier } = this.#engine;
    const { id, role, term, leader, commit, applied, lastIndex, progress } = core.status();
    return {
      peerId: id,
      role,
      term,
      leader,
      commit,
      applied,
      lastIndex,
      snapshotIndex: this.#modules.log.view.snapshot().index,
      membershipRevision: applier.membershipIndex,
      peers: progress
        .filter(({ peer }) => peer !== id)
        .map(({ peer, match, recentActive }) => ({ peerId: peer, match, active: recentActive })),
    };
  }

  stats(): ReplicaStats {
    const { appends, appendedEntries } = this.#engine?.queue.stats() ?? noAppends;
    const dropped = this.#engine?.inbox.dropped ?? 0;
    const watchers = this.#watch.waiting;
    return { appends, appendedEntries, ...this.#proposals.stats(), dropped, watchers };
  }

  /** Hash of the replicated state: equal on all servers at equal revisions. O(state). */
  digest(): string {
    return (this.#engine?.applier.machine ?? this.#empty).digest(this.#modules.hash);
  }

  /** The core's log and marks, for whoever checks Raft's invariants from outside; undefined before the start. */
  view(): CoreView | undefined {
    return this.#engine?.core.view();
  }

  async start(): Promise<void> {
    assert(!this.#started, "a replica is started once");
    this.#started = true;
    const { log, transport } = this.#modules;
    const restored = await this.#files.open(log);
    if (this.#stopping !== undefined) return;
    transport.identify(this.#options.identity);
    const engine = buildEngine(this.#options, this.#parts(), restored);
    this.#engine = engine;
    this.#registerCalls(engine);
    this.#watch.reset(restored.meta.index);
    engine.peerBook.update(engine.applier.machine.tables);
    engine.ticker.start();
    engine.loop.wake();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#end();
    return this.#stopping;
  }

  #parts(): EngineModules {
    return {
      ...this.#modules,
      leadership: this.#leadership,
      watch: this.#watch,
      proposals: this.#proposals,
      reads: this.#reads,
      files: this.#files,
      farewell: this.#farewell,
    };
  }

  #registerCalls(engine: Engine): void {
    this.#submit.register();
    this.#link.registerPeerCall(removedCall, () => {
      this.#farewell.hear();
      return Promise.resolve(new Uint8Array(0));
    });
    this.#link.registerPeerCall(introductionCall, (address, { from }) => {
      engine.peerBook.meet({ peerId: from, address: utf8Decode(address) }, this.state);
      return Promise.resolve(new Uint8Array(0));
    });
    this.#link.registerPeerCall(snapshotSumCall, engine.pullServer.snapshotSum);
    this.#link.registerPeerCall(snapshotFailedCall, (_request, { from }) => {
      engine.loop.tell((core) => core.reportSnapshot(from, false));
      return Promise.resolve(new Uint8Array(0));
    });
  }

  /** Best effort: a peer that knows this server from the state does not need it, another asks again by silence. */
  #introduce(peer: PeerId): void {
    const { transport, logger } = this.#modules;
    const own = this.state.serverOfPeer(this.#options.identity.peerId);
    const address = own?.profile.peerAddress ?? transport.address;
    transport
      .call(peer, introductionCall, utf8Encode(address), introductionMs)
      .catch((thrown: unknown) => {
        logger.debug({ peer, error: messageOf(thrown) }, "a peer could not be told the address");
      });
  }

  #beginTransfer(to: PeerId): void {
    let refusal: unknown;
    this.#engine?.loop.tell((core) => {
      try {
        const target = to === noPeer ? successor(core.status(), "any") : to;
        if (target !== undefined) core.transferLeadership(target);
      } catch (thrown) {
        refusal = thrown;
      }
    });
    if (refusal instanceof Error) throw refusal;
  }

  /** Everything that must not go on, at once and in order; callable twice. */
  #silence(): void {
    this.#leadership.stop();
    this.#engine?.ticker.stop();
    this.#engine?.loop.stop();
    this.#engine?.peerBook.stop();
    this.#engine?.snapshotPull.stop();
    this.#proposals.stop();
    this.#reads.stop();
    this.#link.stop();
    this.#watch.close();
  }

  #fail(error: unknown): void {
    if (this.#stopping !== undefined) return;
    this.#modules.logger.error({ error }, "the replica failed and stops");
    this.#silence();
    this.#onFatal(error);
  }

  async #end(): Promise<void> {
    this.#silence();
    await this.#engine?.snapshotter.stop();
    await this.#engine?.queue.close();
  }
}

const noAppends = { appends: 0, appendedEntries: 0 };

const notStarted: Omit<ReplicaStatus, "peerId"> = {
  role: "follower",
  term: noTerm,
  leader: noPeer,
  commit: noIndex,
  applied: noIndex,
  lastIndex: noIndex,
  snapshotIndex: noIndex,
  membershipRevision: noIndex,
  peers: [],
};
