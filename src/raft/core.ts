// The state of one server's Raft, and the few operations that touch nothing else. The rules live in the
// files beside this one, one per subject, as functions over this state; `RaftCore` is the door to all of it.
import { assert } from "../base/assert.ts";
import { type Index, noPeer, noTerm, type PeerId, type Term } from "../base/numbers.ts";
import { between, type Random } from "../base/random.ts";
import { electionPriorityMax, type ResolvedConfig } from "./config.ts";
import { LeaderLease } from "./lease.ts";
import { RaftLog } from "./log.ts";
import type { LogView } from "./log-view.ts";
import { Reads } from "./reads.ts";
import type { TraceEvent, TraceSink } from "./trace.ts";
import { Tracker } from "./tracker.ts";
import type { HardState, Message, ReadState, Role } from "./types.ts";

export interface RaftModules {
  readonly log: LogView;
  readonly random: Random;
  /** Undefined = nobody listens, and no event is made. */
  readonly trace?: TraceSink;
}

export class Core {
  readonly config: ResolvedConfig;
  readonly log: RaftLog;
  readonly tracker: Tracker;
  readonly reads: Reads = new Reads();
  readonly lease: LeaderLease;
  readonly trace: TraceSink | undefined;
  readonly #random: Random;

  term: Term = noTerm;
  vote: PeerId = noPeer;
  role: Role = "follower";
  leader: PeerId = noPeer;

  /** Ticks since the leader was heard, or since the last check of the quorum on a leader. */
  electionElapsed = 0;
  heartbeatElapsed = 0;
  /**
   * In [electionTicks, 2 × electionTicks), drawn anew at every change of term or role; `electionTicks` more for
   * each campaign that was left to others since.
   */
  electionTimeout = 0;
  /** Campaigns still to be left to servers of higher priority. */
  deference = 0;
  /** Ticks until a campaign because the stream to the leader broke; -1 = no such hint. */
  hintTicks = -1;
  /** Ticks until forwarded reads age. */
  readExpiryTicks = 0;

  /** To whom leadership is being transferred; 0 = nobody. */
  transferee: PeerId = noPeer;
  /**
   * Ticks for which a server that has just started gives no vote: before it stopped it may have been loyal to a leader
   * that answers reads on the strength of that. Negative or 0 = it may.
   */
  quietTicks: number;
  /** No further membership change is accepted before this index is applied. */
  pendingMembershipIndex: Index = 0 as Index;
  /** Payload proposed and not applied yet. */
  uncommittedBytes = 0;
  /** An append to everybody is due at the next `ready()` (coalesceAppends). */
  appendDue = false;

  /** May leave at once. */
  messages: Message[] = [];
  /** Must wait until everything handed to the disk so far, and everything not handed over yet, is durable. */
  messagesAfterPersist: Message[] = [];
  readStates: ReadState[] = [];
  readsRefused: number[] = [];

  constructor(config: ResolvedConfig, modules: RaftModules) {
    this.config = config;
    this.log = new RaftLog(modules.log, config.applyBatchBytesMax);
    this.trace = modules.trace;
    this.#random = modules.random;
    this.renewDeference();
    this.quietTicks = config.quietStart ? config.electionTicks : 0;
    this.lease = new LeaderLease(config);
    this.tracker = new Tracker({
      limits: { messages: config.maxInflightMessages, bytes: config.maxInflightBytes },
      progressIds: config.progressIds,
    });
  }

  get id(): PeerId {
    return this.config.id;
  }

  hardState(): HardState {
    return { term: this.term, vote: this.vote, commit: this.log.commit };
  }

  drawElectionTimeout(): void {
    const { electionTicks } = this.config;
    this.electionTimeout = between(this.#random, electionTicks, 2 * electionTicks);
  }

  /** There is a leader: at the next election the order of priorities counts in full again. */
  renewDeference(): void {
    this.deference = electionPriorityMax - this.config.electionPriority;
  }

  /** Queues a message whose truth does not depend on the disk (§ready.ts, rule 1). */
  send(message: Message): void {
    assert(message.to !== this.id, "a message to oneself that does not wait for the disk");
    this.messages.push(message);
    if (this.trace !== undefined) this.record({ kind: "send", message });
  }

  /** Queues an acknowledgement or a vote: it leaves when everything before it is durable. Also to oneself. */
  sendAfterPersist(message: Message): void {
    this.messagesAfterPersist.push(message);
  }

  /** Gives `event` to the sink; on hot paths ask `trace !== undefined` before making the event. */
  record(event: TraceEvent): void {
    if (this.trace === undefined) return;
    const { id, term, role, vote, log } = this;
    const lastIndex = log.lastIndex();
    this.trace.record(event, { id, term, role, vote, commit: log.commit, lastIndex });
  }
}
