// The door to the consensus core. Synchronous and deterministic: it is told about time, messages, proposals
// and finished writes, and answers with work (`Ready`). It never reads a clock, a disk or a socket.
import { type Index, noPeer, type PeerId } from "../base/numbers.ts";
import { Applying } from "./applying.ts";
import { boot } from "./boot.ts";
import { type RaftConfig, resolveConfig } from "./config.ts";
import { Core, type RaftModules } from "./core.ts";
import { ordinaryCampaign, startCampaign } from "./election.ts";
import { raftErrors } from "./errors.ts";
import type { CoreView } from "./invariants.ts";
import { applyChange, leaveAutomatically } from "./membership/apply.ts";
import { isVoter } from "./membership/configuration.ts";
import { notLeader, type Proposed, propose, proposeMembership } from "./propose.ts";
import { flushReads, startRead } from "./read-index.ts";
import type { Ready } from "./ready.ts";
import { reportSnapshot, reportUnreachable } from "./replicate.ts";
import { flushAppends } from "./send-append.ts";
import { type RaftStatus, statusOf } from "./status.ts";
import { isStranger, step } from "./step.ts";
import { leaderLost, tick } from "./tick.ts";
import { forwardTransfer, startTransfer } from "./transfer.ts";
import type { HardState, MembershipChange, MembershipState, Message, SoftState } from "./types.ts";
import { Writes } from "./writes.ts";

export type { Proposed } from "./propose.ts";

export class RaftCore {
  readonly #core: Core;
  readonly #writes = new Writes();
  readonly #applying = new Applying();
  /** As last handed out. */
  #hardState: HardState;
  #softState: SoftState;

  /** Reads what is durable; throws `QUORATE_RAFT_BAD_CONFIG`. */
  constructor(config: RaftConfig, modules: RaftModules) {
    this.#core = new Core(resolveConfig(config), modules);
    boot(this.#core);
    this.#hardState = modules.log.initialHardState();
    this.#softState = { role: "follower", leader: noPeer };
  }

  /** One tick of time has passed. Never call it several times in a row for ticks missed in a pause. */
  tick(): void {
    tick(this.#core);
  }

  /**
   * A message from a peer. A snapshot only once its bytes are durable here. Throws `QUORATE_RAFT_LOG_LOST` when
   * the leader knows this server to hold entries that are gone: the server must stop.
   */
  step(message: Message): void {
    const core = this.#core;
    if (message.from === core.id || isStranger(core, message)) {
      core.record({ kind: "stranger-ignored", message });
      return;
    }
    step(core, message);
  }

  /** Campaigns now, as if the election timeout had passed. */
  campaign(): void {
    startCampaign(this.#core, ordinaryCampaign(this.#core));
  }

  /**
   * Appends commands on the leader, all or none. Throws NOT_LEADER, TRANSFERRING, PROPOSAL_LIMIT or
   * ENTRY_TOO_LARGE; then nothing was appended. A returned proposal may still be lost with the leadership.
   */
  propose(data: readonly Uint8Array[]): Proposed {
    return propose(this.#core, data);
  }

  /**
   * Appends a membership change on the leader. Throws as `propose`, and MEMBERSHIP_PENDING (one change at a
   * time) or MEMBERSHIP_INVALID (not possible from the membership in force).
   */
  proposeMembership(change: MembershipChange): Proposed {
    return proposeMembership(this.#core, change);
  }

  /**
   * Puts the change of a committed membership entry in force; call it while applying that entry, before
   * `applied`. Returns the membership from then on, for snapshots.
   */
  applyMembership(change: MembershipChange): MembershipState {
    return applyChange(this.#core, change);
  }

  /**
   * Starts a linearizable read. Its end comes as a `ReadState` or in `readsRefused`, on any server. Answers lost
   * on the way are refused after at most two election timeouts. `mayUseLease` false: a quorum is asked even while
   * a lease would do (`leaseReads`).
   */
  readIndex(readId: number, mayUseLease = true): void {
    startRead(this.#core, readId, mayUseLease);
  }

  /**
   * Ticks were missed: a lease of this leader counts from later heartbeats only. No effect without `leaseReads`.
   */
  suspendLease(): void {
    this.#core.lease.suspend();
  }

  /**
   * Hands leadership to `to`, or asks the leader to. Given up after one election timeout; a second call replaces
   * the first. Throws NOT_LEADER (no leader known) or, on the leader, TRANSFER_REFUSED (not a voter).
   */
  transferLeadership(to: PeerId): void {
    const core = this.#core;
    if (core.role === "leader") {
      if (!isVoter(core.tracker.configuration, to)) {
        throw raftErrors.TRANSFER_REFUSED(`${String(to)} is not a voter`, { fields: { to } });
      }
      startTransfer(core, to);
      return;
    }
    if (core.leader === noPeer) throw notLeader(core);
    forwardTransfer(core, to);
  }

  /**
   * The stream to the leader broke: no more loyalty to it, and a campaign after `delayTicks` (0 = now) unless a
   * leader is heard or a vote given before. On a candidate: campaign anew after `delayTicks`.
   */
  leaderLostHint(delayTicks: number): void {
    leaderLost(this.#core, delayTicks);
  }

  /** Messages to `peer` were probably lost: probe instead of streaming. */
  reportUnreachable(peer: PeerId): void {
    reportUnreachable(this.#core, peer);
  }

  /** `peer` has pulled the snapshot that was announced to it, or gave up. */
  reportSnapshot(peer: PeerId, ok: boolean): void {
    reportSnapshot(this.#core, peer, ok);
  }

  /** Is there anything in the next `ready()`? Cheap; ask after every call. */
  hasReady(): boolean {
    const core = this.#core;
    return (
      core.messages.length > 0 ||
      core.messagesAfterPersist.length > 0 ||
      core.appendDue ||
      core.reads.hasOpen ||
      core.readStates.length > 0 ||
      core.readsRefused.length > 0 ||
      this.#mustWrite() ||
      core.log.hasNextCommitted(false) ||
      this.#softStateChanged()
    );
  }

  /** The work that has come up since the last call; see `Ready` for what must be done in which order. */
  ready(): Ready {
    const core = this.#core;
    flushAppends(core);
    flushReads(core);
    // Releasing what waits for nothing can make more that waits: a single voter elects itself in one go.
    while (!this.#mustWrite() && core.messagesAfterPersist.length > 0) this.#writes.join(core);
    flushAppends(core);
    const { unstable } = core.log;
    const mustWrite = this.#mustWrite();
    const entries = unstable.next();
    const snapshot = unstable.nextSnapshot();
    const hardState = mustWrite ? this.#nextHardState() : undefined;
    const sequence = mustWrite ? this.#writes.begin(core) : 0;
    const committed = this.#applying.next(core);
    const softState = this.#nextSoftState();
    const { messages, readStates, readsRefused } = core;
    core.messages = [];
    core.readStates = [];
    core.readsRefused = [];
    if (core.trace !== undefined) core.record({ kind: "ready", sequence });
    return {
      sequence,
      entries,
      hardState,
      snapshot,
      messages,
      committed,
      readStates,
      readsRefused,
      softState,
      commit: core.log.commit,
    };
  }

  /** Everything handed out in Readies up to `sequence` is durable, and `modules.log` shows it. */
  persisted(sequence: number): void {
    this.#writes.finish(this.#core, sequence);
    this.#applying.overtaken(this.#core);
  }

  /** Everything up to `index` is in the state machine (a snapshot: once it is installed there). */
  applied(index: Index): void {
    this.#applying.finish(this.#core, index);
    leaveAutomatically(this.#core);
  }

  status(): RaftStatus {
    return statusOf(this.#core);
  }

  /** For `checkInvariants`. */
  view(): CoreView {
    const { id, role, term, vote, log } = this.#core;
    return {
      id,
      role,
      term,
      vote,
      commit: log.commit,
      applied: log.applied,
      firstIndex: log.firstIndex(),
      lastIndex: log.lastIndex(),
      termAt: (index) => log.term(index),
    };
  }

  /** A moved commit index alone is no reason to write: it rides along with the next write (ready.ts). */
  #mustWrite(): boolean {
    const { term, vote, log } = this.#core;
    const handed = this.#hardState;
    if (term !== handed.term || vote !== handed.vote) return true;
    return log.unstable.hasNext() || log.unstable.nextSnapshot() !== undefined;
  }

  #nextHardState(): HardState | undefined {
    const next = this.#core.hardState();
    const { term, vote, commit } = this.#hardState;
    if (next.term === term && next.vote === vote && next.commit === commit) return undefined;
    this.#hardState = next;
    return next;
  }

  #softStateChanged(): boolean {
    const { role, leader } = this.#core;
    return role !== this.#softState.role || leader !== this.#softState.leader;
  }

  #nextSoftState(): SoftState | undefined {
    if (!this.#softStateChanged()) return undefined;
    const { role, leader } = this.#core;
    this.#softState = { role, leader };
    return this.#softState;
  }
}
