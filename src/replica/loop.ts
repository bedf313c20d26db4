// The driver of the core. One turn takes everything that has arrived (messages, proposals, reads, a tick, a
// finished write), tells the core, and carries out what the core answers, without an `await` anywhere: between
// reading and writing the core's state nothing else can run. What is slow (the disk, a pull) is started here and
// comes back as the cause of a later turn.
//
// Turns are started by `wake`, at the end of the event loop's present round: everything that arrives in one
// round of the event loop shares one turn, and with it one disk write and one message per peer.
import { assert, defined } from "../base/assert.ts";
import type { Cancel, Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import { type Index, noIndex, noPeer, type PeerId, plus, type Term } from "../base/numbers.ts";
import type { RaftCore } from "../raft/raft-core.ts";
import type { Ready } from "../raft/ready.ts";
import type { Message, Role, SnapshotMeta } from "../raft/types.ts";
import type { LogStore } from "../storage/contract.ts";
import type { AppendQueue } from "./append-queue.ts";
import type { AppendWatchdog } from "./append-watchdog.ts";
import type { Applier, Slice } from "./applier.ts";
import type { ElectionHint } from "./election-hint.ts";
import type { Inbox } from "./inbox.ts";
import type { Leadership } from "./leadership.ts";
import { readyRoundsMax } from "./limits.ts";
import type { Outbox } from "./outbox.ts";
import type { ProposalQueue } from "./proposer.ts";
import type { Reads } from "./reads.ts";
import type { Snapshotter } from "./snapshotter.ts";
import type { PulledSnapshot, SnapshotPull } from "./transfer/snapshot-pull.ts";
import type { SnapshotWatch } from "./transfer/snapshot-watch.ts";
import type { TopicWatchHub } from "./watch-hub.ts";

export interface LoopOptions {
  /** A turn that has taken this long lets others run first. */
  readonly sliceMs: number;
  /** As the core begins. */
  readonly term: Term;
  readonly commit: Index;
}

export interface LoopModules {
  readonly core: RaftCore;
  readonly log: LogStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly inbox: Inbox;
  readonly outbox: Outbox;
  readonly queue: AppendQueue;
  readonly applier: Applier;
  readonly proposals: ProposalQueue;
  readonly reads: Reads;
  readonly leadership: Leadership;
  readonly watch: TopicWatchHub;
  readonly hint: ElectionHint;
  readonly watchdog: AppendWatchdog;
  readonly snapshotter: Snapshotter;
  readonly snapshotPull: SnapshotPull;
  readonly snapshotWatch: SnapshotWatch;
  /** A tick is overdue: time has passed that the core does not know of. */
  readonly isTickLate: () => boolean;
  /** Tables of servers or membership may have changed. */
  readonly onServersChanged: () => void;
  /** A defect or a failed machine: nothing runs afterwards. */
  readonly onFatal: (error: unknown) => void;
}

const serversTopic = "servers";

export class Loop {
  readonly #options: LoopOptions;
  readonly #modules: LoopModules;
  #cancelTurn: Cancel | undefined;
  #stopped = false;
  #term: Term;
  #role: Role = "follower";
  #leader: PeerId = noPeer;
  #commit: Index;
  /** Newest membership entry whose commit index was sent to the disk. */
  #keptMembership: Index = noIndex;
  /** Handed to the core; installed when the core wants it. */
  #pulled: PulledSnapshot | undefined;

  constructor(options: LoopOptions, modules: LoopModules) {
    this.#options = options;
    this.#modules = modules;
    this.#term = options.term;
    this.#commit = options.commit;
  }

  /** Asks for a turn. */
  wake(): void {
    if (this.#stopped || this.#cancelTurn !== undefined) return;
    this.#cancelTurn = this.#modules.clock.yield(() => {
      this.#cancelTurn = undefined;
      this.#turn(() => undefined);
    });
  }

  receive(message: Message): void {
    if (!this.#stopped && this.#modules.inbox.add(message)) this.wake();
  }

  /** Everything that has arrived is read before time passes. */
  tick(): void {
    const { core, watchdog, hint, proposals, reads, snapshotWatch, clock } = this.#modules;
    this.#turn(() => {
      const nowMs = clock.nowMs();
      watchdog.check();
      core.tick();
      hint.tick();
      proposals.expire(nowMs);
      reads.expire(nowMs);
      reads.retry();
      snapshotWatch.check(nowMs);
    });
  }

  persisted(sequence: number): void {
    this.#turn(() => this.#modules.core.persisted(sequence));
  }

  /** Tells the core something in a turn of its own. */
  tell(fact: (core: RaftCore) => void): void {
    this.#turn(() => fact(this.#modules.core));
  }

  /** The stream to `peer` broke. */
  disconnected(peer: PeerId): void {
    this.#turn(() => {
      this.#modules.core.reportUnreachable(peer);
      this.#modules.snapshotWatch.broke(peer);
      if (peer === this.#leader && this.#role !== "leader") this.#modules.hint.leaderLost();
    });
  }

  /** A snapshot's bytes are durable here. */
  pulled(snapshot: PulledSnapshot): void {
    this.#pulled = snapshot;
    this.#turn(() => this.#modules.core.step(snapshot.message));
    const unwanted = this.#takePulled();
    if (unwanted === undefined || unwanted.index > this.#commit) return;
    // The log has caught up without it. The file is newer than the log's own snapshot all the same.
    this.#modules.snapshotter.compactBehind(unwanted);
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelTurn?.();
    this.#cancelTurn = undefined;
  }

  #turn(cause: () => void): void {
    if (this.#stopped) return;
    try {
      // Before anything else: a read that waited while the process stood still must not be answered on an old lease.
      if (this.#modules.isTickLate()) this.#modules.core.suspendLease();
      for (const message of this.#modules.inbox.take()) this.#step(message);
      cause();
      this.#work();
    } catch (thrown) {
      this.#modules.onFatal(thrown);
    }
  }

  #step(message: Message): void {
    const { core, snapshotPull } = this.#modules;
    if (message.kind === "snapshot" && message.snapshot.index > this.#commit) {
      snapshotPull.receive(message);
    } else {
      core.step(message);
    }
  }

  /** Goes on until nothing is left to do or the slice is over. */
  #work(): void {
    const { core, clock, proposals, reads, applier } = this.#modules;
    const untilMs = clock.nowMs() + this.#options.sliceMs;
    for (let round = 0; round < readyRoundsMax; round += 1) {
      proposals.flush(core);
      reads.flush((readId, mayUseLease) => core.readIndex(readId, mayUseLease));
      if (core.hasReady()) this.#carryOut(core.ready());
      const slice = applier.run();
      if (slice !== undefined) this.#tellApplied(slice);
      if (!core.hasReady() && !applier.busy && !reads.wantsTurn) return;
      if (clock.nowMs() >= untilMs) break;
    }
    this.wake();
  }

  #carryOut(ready: Ready): void {
    const { outbox, queue, applier, reads } = this.#modules;
    outbox.send(ready.messages);
    this.#commit = ready.commit;
    this.#follow(ready);
    const { sequence, entries, hardState } = ready;
    if (ready.snapshot !== undefined) this.#install(ready);
    if (sequence > 0) queue.append({ sequence, entries, hardState });
    applier.add(ready.committed);
    if (ready.readsRefused.length > 0) reads.refused(ready.readsRefused);
    if (ready.readStates.length > 0) reads.confirmed(ready.readStates);
  }

  /** Role, leader and term, for everybody who asks. */
  #follow(ready: Ready): void {
    const { softState, hardState } = ready;
    if (softState === undefined && hardState === undefined) return;
    const before = { role: this.#role, term: this.#term };
    this.#term = hardState?.term ?? this.#term;
    this.#role = softState?.role ?? this.#role;
    this.#leader = softState?.leader ?? this.#leader;
    const facts = { role: this.#role, leader: this.#leader, term: this.#term };
    const changed = facts.role !== before.role || facts.term !== before.term;
    if (changed && before.role === "leader") this.#modules.proposals.leadershipEnded();
    if (changed) this.#modules.logger.info({ ...facts }, "changed role or term");
    this.#modules.leadership.update(facts);
  }

  #takePulled(): SnapshotMeta | undefined {
    const meta = this.#pulled?.meta;
    this.#pulled = undefined;
    return meta;
  }

  /** The core takes the pulled snapshot in place of its log; its state replaces the present one at once. */
  #install(ready: Ready): void {
    const { queue, log, applier, core, reads, watch, leadership } = this.#modules;
    const { meta, machine } = defined(this.#pulled, "the pulled snapshot");
    assert(meta.index === ready.snapshot?.index, "the core wants the snapshot that was pulled");
    this.#pulled = undefined;
    queue.exclusive(() => log.compact(meta, plus(meta.index, 1)));
    applier.restore(machine, meta);
    core.applied(meta.index);
    leadership.applied(meta.term);
    reads.applied(meta.index);
    watch.reset(meta.index);
    this.#modules.onServersChanged();
    this.#modules.logger.info({ index: meta.index }, "installed a snapshot");
  }

  #tellApplied(slice: Slice): void {
    const { core, leadership, reads, watch, snapshotter } = this.#modules;
    core.applied(slice.applied);
    leadership.applied(slice.term);
    reads.applied(slice.applied);
    if (slice.topics.has(serversTopic)) this.#modules.onServersChanged();
    this.#keepMembership();
    watch.publish(slice.topics, slice.applied);
    snapshotter.consider();
  }

  /**
   * The commit index on the disk may lag (raft/ready.ts), and with it a restart would bring back the membership before
   * the last change: it could need the vote of a server that was removed and switched off since. Of a cluster of
   * two, the one that is left could then never lead again. So a change of membership is a reason to write.
   */
  #keepMembership(): void {
    const { applier, queue, log } = this.#modules;
    const index = applier.membershipIndex;
    if (index <= this.#keptMembership) return;
    this.#keptMembership = index;
    queue.exclusive(async () => {
      const durable = log.view.initialHardState();
      if (durable.commit >= index) return;
      await log.append({ entries: [], hardState: { ...durable, commit: index } });
    });
  }
}
