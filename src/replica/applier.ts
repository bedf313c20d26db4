// Applies committed entries in order, for a named slice of time; then the loop yields, so that a long log to
// catch up with never delays a heartbeat. A membership entry goes to the core and to the state in one step:
// membership has one source. What callers and watchers are told, they are told once per slice.
import type { Clock } from "../base/clock.ts";
import { type Index, noIndex, noTerm, type PeerId, type Term } from "../base/numbers.ts";
import { membershipDecode } from "../raft/membership/codec.ts";
import type { Entry, MembershipChange, MembershipState } from "../raft/types.ts";
import type { Applied, CommandResult, Topic } from "../state/result.ts";
import type { StateMachine } from "../state/state-machine.ts";
import { applyStride } from "./limits.ts";

export interface ApplierOptions {
  readonly applySliceMs: number;
}

export interface ApplierModules {
  readonly clock: Clock;
  readonly core: { applyMembership(change: MembershipChange): MembershipState };
  /** For every entry, in order. */
  readonly onApplied: (index: Index, term: Term, result: CommandResult) => void;
  /** These peers were in the membership and are not any more. */
  readonly onRemoved: (peers: readonly PeerId[]) => void;
}

/** What one slice did. */
export interface Slice {
  readonly topics: ReadonlySet<Topic>;
  readonly applied: Index;
  readonly term: Term;
}

function peersOf({ voters, learners, votersOutgoing }: MembershipState): readonly PeerId[] {
  return [...voters, ...learners, ...votersOutgoing];
}

export class Applier {
  readonly #options: ApplierOptions;
  readonly #modules: ApplierModules;
  #machine: StateMachine;
  #queue: Entry[] = [];
  #head = 0;
  #applied: Index = noIndex;
  #term: Term = noTerm;
  #membershipIndex: Index = noIndex;
  #peers: readonly PeerId[] = [];
  #bytes = 0;

  constructor(options: ApplierOptions, modules: ApplierModules, machine: StateMachine) {
    this.#options = options;
    this.#modules = modules;
    this.#machine = machine;
  }

  get machine(): StateMachine {
    return this.#machine;
  }
  get applied(): Index {
    return this.#applied;
  }
  /** Of the last applied entry. */
  get term(): Term {
    return this.#term;
  }
  /** Index of the last applied membership entry, as far as it is known: a snapshot stands for its own. */
  get membershipIndex(): Index {
    return this.#membershipIndex;
  }
  /** Payload applied since the start. */
  get appliedBytes(): number {
    return this.#bytes;
  }
  get busy(): boolean {
    return this.#head < this.#queue.length;
  }

  /** Starts over from `machine`, which holds everything up to (`index`, `term`). */
  restore(
    machine: StateMachine,
    at: { index: Index; term: Term; membership: MembershipState },
  ): void {
    this.#machine = machine;
    this.#queue = [];
    this.#head = 0;
    this.#applied = at.index;
    this.#term = at.term;
    this.#membershipIndex = at.index;
    this.#peers = peersOf(at.membership);
  }

  add(entries: readonly Entry[]): void {
    for (const entry of entries) this.#queue.push(entry);
  }

  /** Applies until the slice is over; undefined = there was nothing to do. */
  run(): Slice | undefined {
    if (!this.busy) return undefined;
    const { clock } = this.#modules;
    const untilMs = clock.nowMs() + this.#options.applySliceMs;
    const topics = new Set<Topic>();
    let untilLook = applyStride;
    for (
      let entry = this.#queue[this.#head];
      entry !== undefined;
      entry = this.#queue[this.#head]
    ) {
      this.#head += 1;
      this.#apply(entry, topics);
      untilLook -= 1;
      if (untilLook > 0) continue;
      untilLook = applyStride;
      if (clock.nowMs() >= untilMs) break;
    }
    if (this.#head >= this.#queue.length) {
      this.#queue = [];
      this.#head = 0;
    }
    return { topics, applied: this.#applied, term: this.#term };
  }

  #apply(entry: Entry, topics: Set<Topic>): void {
    const { index, term, type, data } = entry;
    const { result, topics: touched } =
      type === "membership" ? this.#applyMembership(entry) : this.#applyNormal(index, data);
    this.#applied = index;
    this.#term = term;
    this.#bytes += data.length;
    for (const topic of touched) topics.add(topic);
    this.#modules.onApplied(index, term, result);
  }

  #applyNormal(index: Index, data: Uint8Array): Applied {
    return data.length === 0 ? this.#machine.applyEmpty(index) : this.#machine.apply(index, data);
  }

  #applyMembership(entry: Entry): Applied {
    const change = membershipDecode(entry.data);
    const membership = this.#modules.core.applyMembership(change);
    const applied = this.#machine.applyMembership(entry.index, membership, change.context);
    this.#membershipIndex = entry.index;
    const peers = peersOf(membership);
    const removed = this.#peers.filter((peer) => !peers.includes(peer));
    this.#peers = peers;
    if (removed.length > 0) this.#modules.onRemoved(removed);
    return applied;
  }
}
