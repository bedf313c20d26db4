// Proposals that were appended and wait to be applied, in the order of their indices. An entry is ours exactly
// when both index and term are: then its result is the proposal's. When an entry of another term is *applied* at
// the index, ours can never commit and the proposal has definitely failed. Being overwritten in this log alone
// proves nothing: another server may still hold the entry and become leader with it (Figure 8 of the paper).

import { QuorateError } from "../base/errors.ts";
import type { Index, Term } from "../base/numbers.ts";
import type { CommandResult } from "../state/result.ts";
import type { Committed } from "./contract.ts";
import { replicaErrors } from "./errors.ts";

export interface Proposal {
  readonly sizeBytes: number;
  deadlineMs: number;
  readonly resolve: (committed: Committed) => void;
  readonly reject: (error: Error) => void;
}

interface Appended {
  readonly index: Index;
  readonly term: Term;
  /** Undefined once the caller has its answer. */
  proposal: Proposal | undefined;
}

/** Entries settled at the front before the list is shortened: shortening each time would cost its length. */
const compactAt = 1024;

export interface LedgerModules {
  readonly onSettled: (proposal: Proposal) => void;
}

export class ProposalLedger {
  readonly #onSettled: (proposal: Proposal) => void;
  #appended: Appended[] = [];
  #head = 0;

  constructor(modules: LedgerModules) {
    this.#onSettled = modules.onSettled;
  }

  /** `index` is above every earlier one, unless a later leadership of this server overwrites its old tail. */
  append(proposal: Proposal, index: Index, term: Term): void {
    while (this.#appended.length > this.#head) {
      const last = this.#appended.at(-1);
      if (last === undefined || last.index < index) break;
      this.#appended.pop();
      this.#reject(last, unknownOutcome("another leader replaced the entry in this log"));
    }
    this.#appended.push({ index, term, proposal });
  }

  /**
   * The entry at (index, term) was applied with `result`. Called in order, for every entry but those that came in
   * a snapshot: which of them were ours is no longer visible.
   */
  applied(index: Index, term: Term, result: CommandResult): void {
    let first = this.#appended[this.#head];
    while (first !== undefined && first.index <= index) {
      this.#head += 1;
      if (first.index < index)
        this.#reject(first, unknownOutcome("the log was replaced by a snapshot"));
      else if (first.term !== term) this.#reject(first, replaced());
      else this.#answer(first, result);
      first = this.#appended[this.#head];
    }
    if (this.#head >= compactAt) {
      this.#appended = this.#appended.slice(this.#head);
      this.#head = 0;
    }
  }

  /** No proposal waits longer than until `deadlineMs`. */
  hasten(deadlineMs: number): void {
    this.#each((proposal) => {
      proposal.deadlineMs = Math.min(proposal.deadlineMs, deadlineMs);
    });
  }

  /** Ends what is past its deadline; returns the earliest deadline that is left. */
  expire(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const each of this.#waiting()) {
      const { proposal } = each;
      if (proposal === undefined) continue;
      if (proposal.deadlineMs > nowMs) next = Math.min(next, proposal.deadlineMs);
      else this.#reject(each, unknownOutcome("it was not applied before the deadline"));
    }
    return next;
  }

  stop(): void {
    for (const each of this.#waiting()) {
      this.#reject(each, unknownOutcome("the server stopped before it was applied"));
    }
    this.#appended = [];
    this.#head = 0;
  }

  #waiting(): readonly Appended[] {
    return this.#appended.slice(this.#head);
  }

  #each(visit: (proposal: Proposal) => void): void {
    for (const { proposal } of this.#waiting()) if (proposal !== undefined) visit(proposal);
  }

  #answer(appended: Appended, result: CommandResult): void {
    if (result.kind === "refused") {
      this.#reject(appended, new QuorateError(result.error));
      return;
    }
    const { revision, detail } = result;
    this.#settle(appended)?.resolve({ revision, detail });
  }

  #reject(appended: Appended, error: Error): void {
    this.#settle(appended)?.reject(error);
  }

  #settle(appended: Appended): Proposal | undefined {
    const { proposal } = appended;
    appended.proposal = undefined;
    if (proposal !== undefined) this.#onSettled(proposal);
    return proposal;
  }
}

function unknownOutcome(message: string): Error {
  return replicaErrors.OUTCOME_UNKNOWN(message);
}

function replaced(): Error {
  return replicaErrors.NOT_LEADER("leadership was lost and another entry was committed instead");
}
