// Takes proposals, hands all of one turn to the core as one batch, and answers their callers when the entries
// are applied. The one promise per proposal is the caller's own.
//
// A proposal that was not appended fails definitely (NOT_LEADER, EXHAUSTED). One that was appended fails as
// OUTCOME_UNKNOWN unless the log tells what became of it; after leadership is lost it waits `graceMs` for that,
// because a planned hand-over usually commits everything that was under way.
import type { Clock, WallClock } from "../base/clock.ts";
import { QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { type Index, plus, type Term } from "../base/numbers.ts";
import type { Proposed, RaftCore } from "../raft/raft-core.ts";
import type { MembershipChange } from "../raft/types.ts";
import { encodeCommand } from "../state/command-codec.ts";
import type { Command } from "../state/commands.ts";
import type { CommandResult } from "../state/result.ts";
import type { Committed, ProposeOptions } from "./contract.ts";
import { replicaErrors } from "./errors.ts";
import { callDeadlineMs } from "./limits.ts";
import { type Proposal, ProposalLedger } from "./proposal-ledger.ts";

export interface ProposerOptions {
  readonly proposalsMax: number;
  readonly proposalBytesMax: number;
  readonly entryBytesMax: number;
  /** How long appended proposals wait for their fate after leadership is lost. */
  readonly graceMs: number;
}

/** The limits that refuse a proposal. */
export type ProposalLimit = "entryBytesMax" | "proposalsMax" | "proposalBytesMax";

export interface ProposalStats {
  /** Under way. */
  readonly proposals: number;
  readonly proposalBytes: number;
  /** Refused since the start, by the limit that was reached. */
  readonly refused: Readonly<Record<ProposalLimit, number>>;
}

export interface ProposerModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly wallClock: WallClock;
  /** Asks for a turn of the loop. */
  readonly wake: () => void;
  readonly leadership: { readonly leads: boolean; readonly term: Term };
}

/** The core's side of it. */
export type ProposalTarget = Pick<RaftCore, "propose" | "proposeMembership">;

/** A change that is decided when it is handed to the core, e.g. because it depends on the membership then. */
export type MembershipDecision = () => MembershipChange;

/** `term` undefined = in whichever term this server leads. */
interface Admission {
  readonly term: Term | undefined;
  readonly deadlineMs: number | undefined;
  readonly sizeBytes: number;
}

interface Queued extends Proposal {
  readonly term: Term | undefined;
  readonly work: Uint8Array | MembershipDecision;
}

type QueuedCommand = Queued & { readonly work: Uint8Array };

function isCommand(queued: Queued): queued is QueuedCommand {
  return queued.work instanceof Uint8Array;
}

export class ProposalQueue {
  readonly #options: ProposerOptions;
  readonly #modules: ProposerModules;
  readonly #ledger: ProposalLedger;
  #queued: Queued[] = [];
  #count = 0;
  #bytes = 0;
  readonly #refused = { entryBytesMax: 0, proposalsMax: 0, proposalBytesMax: 0 };
  #nextDeadlineMs = Number.POSITIVE_INFINITY;
  #stopped = false;

  constructor(options: ProposerOptions, modules: ProposerModules) {
    this.#options = options;
    this.#modules = modules;
    this.#ledger = new ProposalLedger({ onSettled: (proposal) => this.#release(proposal) });
  }

  propose(command: Command, options: ProposeOptions): Promise<Committed> {
    const { actor, request, term, deadlineMs } = options;
    const refusal = this.#refusal(term);
    if (refusal !== undefined) return Promise.reject(refusal);
    const atMs = Math.floor(this.#modules.wallClock.wallMs());
    const data = encodeCommand({ atMs, actor, request, command });
    return this.proposeEncoded(data, { term, deadlineMs });
  }

  /** `data` is an encoded command, already checked. */
  proposeEncoded(
    data: Uint8Array,
    options: { readonly term?: Term | undefined; readonly deadlineMs?: number | undefined },
  ): Promise<Committed> {
    const { entryBytesMax } = this.#options;
    if (data.length > entryBytesMax) {
      const fields = { limit: "entryBytesMax", max: entryBytesMax, size: data.length };
      const error = replicaErrors.TOO_LARGE("the command is too large", { fields });
      return Promise.reject(this.#overLimit("entryBytesMax", error));
    }
    const { term, deadlineMs } = options;
    return this.#enqueue(data, { term, deadlineMs, sizeBytes: data.length });
  }

  proposeMembership(decide: MembershipDecision, options: ProposeOptions): Promise<Committed> {
    const { term, deadlineMs } = options;
    return this.#enqueue(decide, { term, deadlineMs, sizeBytes: 0 });
  }

  /** Part of a turn: everything that was proposed since the last one goes to the core. */
  flush(target: ProposalTarget): void {
    if (this.#queued.length === 0) return;
    const queued = this.#queued;
    this.#queued = [];
    let batch: QueuedCommand[] = [];
    for (const each of queued) {
      const refusal = this.#refusal(each.term);
      if (refusal !== undefined) this.#refuse(each, refusal);
      else if (isCommand(each)) batch.push(each);
      else {
        this.#append(batch, target);
        batch = [];
        this.#appendMembership(each, target);
      }
    }
    this.#append(batch, target);
  }

  applied(index: Index, term: Term, result: CommandResult): void {
    this.#ledger.applied(index, term, result);
  }

  leadershipEnded(): void {
    const untilMs = this.#modules.clock.nowMs() + this.#options.graceMs;
    this.#ledger.hasten(untilMs);
    this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, untilMs);
  }

  /** Ends what is past its deadline. */
  expire(nowMs: number): void {
    if (nowMs < this.#nextDeadlineMs) return;
    this.#nextDeadlineMs = this.#ledger.expire(nowMs);
  }

  stop(): void {
    this.#stopped = true;
    const stopped = replicaErrors.STOPPED("the server is stopping");
    for (const each of this.#queued.splice(0)) this.#refuse(each, stopped);
    this.#ledger.stop();
  }

  stats(): ProposalStats {
    return { proposals: this.#count, proposalBytes: this.#bytes, refused: { ...this.#refused } };
  }

  #overLimit(limit: ProposalLimit, error: QuorateError): QuorateError {
    this.#refused[limit] += 1;
    const { code, fields, message } = error;
    this.#modules.logger.warn(
      { ...fields, code, reason: limit, error: message },
      "proposal refused",
    );
    return error;
  }

  #refusal(term: Term | undefined): Error | undefined {
    if (this.#stopped) return replicaErrors.STOPPED("the server is stopping");
    const { leads, term: current } = this.#modules.leadership;
    if (!leads) return replicaErrors.NOT_LEADER("this server does not lead");
    if (term === undefined || term === current) return undefined;
    const fields = { term, current };
    return replicaErrors.NOT_LEADER("the leadership that this belonged to has ended", { fields });
  }

  #exhausted(sizeBytes: number): Error | undefined {
    const { proposalsMax, proposalBytesMax } = this.#options;
    if (this.#count >= proposalsMax) {
      const fields = { limit: "proposalsMax", max: proposalsMax };
      const error = replicaErrors.EXHAUSTED("too many proposals are under way", { fields });
      return this.#overLimit("proposalsMax", error);
    }
    if (this.#count === 0 || this.#bytes + sizeBytes <= proposalBytesMax) return undefined;
    const fields = { limit: "proposalBytesMax", max: proposalBytesMax };
    const error = replicaErrors.EXHAUSTED("too many bytes of proposals are under way", { fields });
    return this.#overLimit("proposalBytesMax", error);
  }

  #enqueue(work: Queued["work"], admission: Admission): Promise<Committed> {
    const { term, sizeBytes } = admission;
    const refusal = this.#refusal(term) ?? this.#exhausted(sizeBytes);
    if (refusal !== undefined) return Promise.reject(refusal);
    return new Promise((resolve, reject) => {
      const deadlineMs = this.#modules.clock.nowMs() + (admission.deadlineMs ?? callDeadlineMs);
      this.#count += 1;
      this.#bytes += sizeBytes;
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, deadlineMs);
      this.#queued.push({ term, work, sizeBytes, deadlineMs, resolve, reject });
      this.#modules.wake();
    });
  }

  #append(batch: readonly QueuedCommand[], target: ProposalTarget): void {
    if (batch.length === 0) return;
    let first: Proposed;
    try {
      first = target.propose(batch.map((each) => each.work));
    } catch (thrown) {
      const refusal = refusalOf(thrown);
      for (const each of batch) this.#refuse(each, refusal);
      return;
    }
    for (const [offset, each] of batch.entries()) {
      this.#ledger.append(each, plus(first.index, offset), first.term);
    }
  }

  #appendMembership(queued: Queued, target: ProposalTarget): void {
    if (queued.work instanceof Uint8Array) return;
    let put: Proposed;
    try {
      put = target.proposeMembership(queued.work());
    } catch (thrown) {
      this.#refuse(queued, refusalOf(thrown));
      return;
    }
    this.#ledger.append(queued, put.index, put.term);
  }

  #refuse(proposal: Proposal, error: Error): void {
    this.#release(proposal);
    proposal.reject(error);
  }

  #release(proposal: Proposal): void {
    this.#count -= 1;
    this.#bytes -= proposal.sizeBytes;
  }
}

const lostLeadership = new Set(["QUORATE_RAFT_NOT_LEADER", "QUORATE_RAFT_TRANSFERRING"]);

/** What the core refuses is definite; anything that is no coded error is a defect and stops the server. */
function refusalOf(thrown: unknown): Error {
  if (!(thrown instanceof QuorateError)) throw thrown;
  if (!lostLeadership.has(thrown.code)) return thrown;
  return replicaErrors.NOT_LEADER("leadership has ended or is being handed over", {
    cause: thrown,
  });
}
