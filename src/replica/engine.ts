// Puts together what needs the opened log and the restored state: the core and everything around its loop.
import type { Index } from "../base/numbers.ts";
import { MiB } from "../base/units.ts";
import { electionPriorityMax, type RaftConfig } from "../raft/config.ts";
import { RaftCore } from "../raft/raft-core.ts";
import { AppendQueue } from "./append-queue.ts";
import { AppendWatchdog } from "./append-watchdog.ts";
import { Applier } from "./applier.ts";
import { ElectionHint } from "./election-hint.ts";
import type { Farewell } from "./farewell.ts";
import { Inbox } from "./inbox.ts";
import type { Leadership } from "./leadership.ts";
import { type ReplicaLimits, type ReplicaTiming, tickMsOf, ticksPerHeartbeat } from "./limits.ts";
import { Loop } from "./loop.ts";
import type { ReplicaModules, ReplicaOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { PeerBook } from "./peer-book.ts";
import type { ProposalQueue } from "./proposer.ts";
import type { Reads } from "./reads.ts";
import type { RestoredState, SnapshotFiles } from "./snapshot-files.ts";
import { Snapshotter } from "./snapshotter.ts";
import { Ticker } from "./ticker.ts";
import { PullServer } from "./transfer/pull-server.ts";
import { SnapshotPull } from "./transfer/snapshot-pull.ts";
import { SnapshotWatch } from "./transfer/snapshot-watch.ts";
import type { TopicWatchHub } from "./watch-hub.ts";

export interface EngineOptions extends ReplicaOptions {
  readonly timing: ReplicaTiming;
  readonly limits: ReplicaLimits;
}

/** What exists before the log is opened. */
export interface EngineModules extends ReplicaModules {
  readonly files: SnapshotFiles;
  readonly leadership: Leadership;
  readonly proposals: ProposalQueue;
  readonly reads: Reads;
  readonly watch: TopicWatchHub;
  readonly farewell: Farewell;
}

export interface Engine {
  readonly core: RaftCore;
  readonly loop: Loop;
  readonly applier: Applier;
  readonly queue: AppendQueue;
  readonly inbox: Inbox;
  readonly ticker: Ticker;
  readonly snapshotter: Snapshotter;
  readonly snapshotPull: SnapshotPull;
  readonly pullServer: PullServer;
  readonly peerBook: PeerBook;
}

/** Window of unacknowledged appends per peer, and what may be proposed without being applied. */
const inflightMessagesMax = 256;
const inflightBytesMax: number = 16 * MiB;
const uncommittedBytesMax: number = 64 * MiB;
const applyBatchBytesMax: number = 4 * MiB;

function raftConfig(options: EngineOptions, applied: Index): RaftConfig {
  const { identity, timing, limits } = options;
  const { electionMinMs } = timing;
  return {
    id: identity.peerId,
    electionTicks: Math.max(2, Math.round(electionMinMs / tickMsOf(timing))),
    heartbeatTicks: ticksPerHeartbeat,
    electionMs: electionMinMs,
    maxMessageBytes: limits.appendBytesMax,
    maxEntryBytes: limits.entryBytesMax,
    maxInflightMessages: inflightMessagesMax,
    maxInflightBytes: inflightBytesMax,
    maxUncommittedBytes: uncommittedBytesMax,
    applyBatchBytesMax,
    applied,
    leaseReads: options.leaseReads ?? false,
    electionPriority: options.electionPriority ?? electionPriorityMax,
  };
}

/** Filled in last: the parts only call the loop once it runs. */
interface LoopRef {
  loop: Loop | undefined;
  ticker: Ticker | undefined;
}

function buildSnapshots(
  options: EngineOptions,
  modules: EngineModules,
  parts: Pick<Engine, "core" | "queue" | "applier"> & { readonly ref: LoopRef },
): Pick<Engine, "snapshotter" | "snapshotPull" | "pullServer"> & {
  readonly outbox: Outbox;
  readonly snapshotWatch: SnapshotWatch;
} {
  const { identity, limits, onFatal } = options;
  const { clock, transport } = modules;
  const { core, ref } = parts;
  const snapshotWatch = new SnapshotWatch({
    onStalled: (peer) => ref.loop?.tell((each) => each.reportSnapshot(peer, false)),
  });
  const outbox = new Outbox({
    transport,
    onSnapshotAnnounced: (peer) => snapshotWatch.announced(peer, clock.nowMs()),
  });
  const pullServer = new PullServer({
    ...modules,
    onSnapshotPiece: (peer) => snapshotWatch.active(peer, clock.nowMs()),
  });
  const snapshotter = new Snapshotter(limits, {
    ...modules,
    ...parts,
    membership: () => core.status().membership,
    pullsUnderWay: () => pullServer.snapshotPulls,
    onFailed: onFatal,
  });
  const snapshotPull = new SnapshotPull(
    { self: identity.peerId },
    { ...modules, onPulled: (pulled) => ref.loop?.pulled(pulled), onStoreFailed: onFatal },
  );
  return { outbox, snapshotter, snapshotPull, pullServer, snapshotWatch };
}

function buildTicker(
  options: EngineOptions,
  modules: EngineModules,
  { loop, core }: Pick<Engine, "loop" | "core">,
): Ticker {
  const { timing } = options;
  return new Ticker(
    { tickMs: tickMsOf(timing), pauseMs: timing.electionMinMs },
    {
      clock: modules.clock,
      onTick: () => loop.tick(),
      onMissed: () => core.suspendLease(),
      onPaused: (pausedMs) => {
        modules.logger.warn({ pausedMs }, "the process stood still");
        options.onPaused?.(pausedMs);
      },
    },
  );
}

function buildApplier(
  options: EngineOptions,
  modules: EngineModules,
  parts: { readonly core: RaftCore; readonly restored: RestoredState },
): Applier {
  const { core, restored } = parts;
  const { clock, proposals, farewell } = modules;
  const { applySliceMs } = options.limits;
  const applier = new Applier(
    { applySliceMs },
    {
      clock,
      core,
      onApplied: (...entry) => proposals.applied(...entry),
      onRemoved: (peers) => {
        if (peers.includes(options.identity.peerId)) farewell.hear();
        else farewell.say(peers);
      },
    },
    restored.machine,
  );
  applier.restore(restored.machine, restored.meta);
  return applier;
}

export function buildEngine(
  options: EngineOptions,
  modules: EngineModules,
  restored: RestoredState,
): Engine {
  const { identity, timing, limits, onFatal } = options;
  const { log, clock, random, trace } = modules;
  const core = new RaftCore(raftConfig(options, restored.meta.index), {
    log: log.view,
    random,
    ...(trace === undefined ? {} : { trace }),
  });
  const ref: LoopRef = { loop: undefined, ticker: undefined };
  const queue = new AppendQueue(limits, {
    log,
    clock,
    onPersisted: (sequence) => ref.loop?.persisted(sequence),
    onFailed: onFatal,
  });
  const applier = buildApplier(options, modules, { core, restored });
  const snapshots = buildSnapshots(options, modules, { core, queue, applier, ref });
  const inbox = new Inbox(limits);
  const { initialPeers } = options;
  const peerBook = new PeerBook({ self: identity.peerId, initialPeers }, modules);
  const watchdogModules = { ...modules, ...snapshots, queue, core };
  const { term, commit } = core.status();
  const loop = new Loop(
    { sliceMs: limits.applySliceMs, term, commit },
    {
      ...modules,
      ...snapshots,
      core,
      inbox,
      queue,
      applier,
      hint: new ElectionHint({ tickMs: tickMsOf(timing) }, { random, core }),
      watchdog: new AppendWatchdog({ stallMs: timing.electionMinMs }, watchdogModules),
      // Only a lease cares, and asking the clock in every turn costs.
      isTickLate: () => options.leaseReads === true && ref.ticker?.isLate === true,
      onServersChanged: () => peerBook.update(applier.machine.tables),
      onFatal,
    },
  );
  ref.loop = loop;
  const ticker = buildTicker(options, modules, { loop, core });
  ref.ticker = ticker;
  return { core, loop, applier, queue, inbox, ticker, peerBook, ...snapshots };
}
