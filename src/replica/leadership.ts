// Who leads, as this server knows it, and the work that only the leader does. A duty runs exactly while this
// server leads, has applied the first entry of its term (only then does its state hold everything that earlier
// leaders committed) and does not doubt its leadership (append stall).
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { noPeer, noTerm, type PeerId, type Term } from "../base/numbers.ts";
import type { Role } from "../raft/types.ts";
import type { LeaderDuty } from "./contract.ts";

export interface LeaderFacts {
  readonly role: Role;
  readonly leader: PeerId;
  readonly term: Term;
}

export type LeaderListener = (leader: PeerId, term: Term) => void;

export class Leadership {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #duties: LeaderDuty[] = [];
  readonly #listeners = new Set<LeaderListener>();
  readonly #waiters = new Set<() => void>();
  #facts: LeaderFacts = { role: "follower", leader: noPeer, term: noTerm };
  /** Term of the newest applied entry. */
  #appliedTerm: Term = noTerm;
  #doubted = false;
  #dutiesRun = false;

  constructor(modules: { readonly clock: Clock; readonly logger: Logger }) {
    this.#clock = modules.clock;
    this.#logger = modules.logger;
  }

  get role(): Role {
    return this.#facts.role;
  }
  isLeader(): boolean {
    return this.#facts.role === "leader";
  }
  get leader(): PeerId {
    return this.#facts.leader;
  }
  get term(): Term {
    return this.#facts.term;
  }
  /** Leads and does not doubt it: may propose. */
  get leads(): boolean {
    return this.#facts.role === "leader" && !this.#doubted;
  }
  /** Leads, and its state holds everything that was committed before its term. */
  get established(): boolean {
    return this.leads && this.#appliedTerm === this.#facts.term;
  }

  addDuty(duty: LeaderDuty): void {
    this.#duties.push(duty);
  }

  onChange(listener: LeaderListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** From the core, after every step that may have changed them. */
  update(facts: LeaderFacts): void {
    const before = this.#facts;
    if (
      before.role === facts.role &&
      before.leader === facts.leader &&
      before.term === facts.term
    ) {
      return;
    }
    // A leadership that ended and began anew within one turn is another one: its duties start again.
    if (before.term !== facts.term || facts.role !== "leader") this.#stopDuties();
    this.#facts = facts;
    this.#review();
    if (before.leader !== facts.leader || before.term !== facts.term) this.#tell();
    this.#wake();
  }

  /** Entries up to one of `term` are applied. */
  applied(term: Term): void {
    if (term === this.#appliedTerm) return;
    this.#appliedTerm = term;
    this.#review();
    if (this.established) this.#wake();
  }

  /** The leader cannot vouch for itself at present: its duties pause. */
  doubt(doubted: boolean): void {
    if (doubted === this.#doubted) return;
    this.#doubted = doubted;
    this.#review();
    this.#wake();
  }

  /** Ends everything; nothing starts afterwards. */
  stop(): void {
    this.#doubted = true;
    this.#stopDuties();
    this.#wake();
    this.#listeners.clear();
  }

  /** Resolves at the next change of leader, leadership or doubt, or after `timeoutMs`. */
  changed(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        cancel();
        this.#waiters.delete(wake);
        resolve();
      };
      const cancel = this.#clock.after(timeoutMs, wake);
      this.#waiters.add(wake);
    });
  }

  #review(): void {
    if (!this.established) this.#stopDuties();
    else if (!this.#dutiesRun) this.#startDuties();
  }

  #startDuties(): void {
    this.#dutiesRun = true;
    for (const duty of this.#duties) duty.start(this.#facts.term);
  }

  /** In reverse order: what was started last may use what was started first. */
  #stopDuties(): void {
    if (!this.#dutiesRun) return;
    this.#dutiesRun = false;
    for (const duty of this.#duties.toReversed()) duty.stop();
  }

  #tell(): void {
    for (const listener of this.#listeners) {
      try {
        listener(this.#facts.leader, this.#facts.term);
      } catch (thrown) {
        this.#logger.error({ error: messageOf(thrown) }, "a leader listener failed");
      }
    }
  }

  #wake(): void {
    for (const wake of [...this.#waiters]) wake();
  }
}
