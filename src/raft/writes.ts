// The writes that the shell has under way, and what each of them releases once it is durable.
//
// A write is tied to the term in which it was handed out. If the term has changed when it is confirmed, its
// entries may have been replaced since, and an entry of the same index and term may even have come back with
// a later leader's append while the old write was still going (the ABA problem). So a confirmation from an
// older term never marks entries as durable; the change of term itself caused a later write that does.
import { assert } from "../base/assert.ts";
import { noIndex, noTerm } from "../base/numbers.ts";
import type { Core } from "./core.ts";
import { step } from "./step.ts";
import type { EntryId } from "./trace.ts";
import type { Message, SnapshotMeta } from "./types.ts";

interface Write {
  readonly sequence: number;
  readonly term: Core["term"];
  /** The last entry on its way to the disk when this write began; index 0 = none. */
  readonly last: EntryId;
  readonly snapshot: SnapshotMeta | undefined;
  readonly messages: Message[];
}

const nothing: EntryId = { index: noIndex, term: noTerm };

export class Writes {
  #lastSequence = 0;
  readonly #queue: Write[] = [];

  get idle(): boolean {
    return this.#queue.length === 0;
  }

  /** Hands out everything not yet handed out; what waits for the disk is released with it. */
  begin(core: Core): number {
    const { unstable } = core.log;
    const snapshot = unstable.nextSnapshot();
    unstable.accept();
    const last = unstable.length > 0 ? core.log.last() : nothing;
    const messages = core.messagesAfterPersist;
    core.messagesAfterPersist = [];
    this.#lastSequence += 1;
    const sequence = this.#lastSequence;
    this.#queue.push({ sequence, term: core.term, last, snapshot, messages });
    return sequence;
  }

  /** Nothing new to write: what waits depends on the newest write under way, or on nothing. */
  join(core: Core): void {
    const waiting = core.messagesAfterPersist;
    if (waiting.length === 0) return;
    core.messagesAfterPersist = [];
    const newest = this.#queue.at(-1);
    if (newest === undefined) release(core, waiting);
    else for (const message of waiting) newest.messages.push(message);
  }

  /** Every write up to `sequence` is durable. */
  finish(core: Core, sequence: number): void {
    assert(sequence <= this.#lastSequence, "a write was confirmed that never began");
    while (this.#queue.length > 0 && (this.#queue[0]?.sequence ?? 0) <= sequence) {
      const write = this.#queue.shift();
      if (write !== undefined) complete(core, write);
    }
  }
}

function release(core: Core, messages: readonly Message[]): void {
  for (const message of messages) {
    if (message.to === core.id) step(core, message);
    else core.send(message);
  }
}

function complete(core: Core, write: Write): void {
  release(core, write.messages);
  confirm(core, write);
}

/** What was handed out with `write` is durable. */
export function confirm(core: Core, write: Pick<Write, "term" | "last" | "snapshot">): void {
  if (write.last.index > 0) markStable(core, write);
  // A snapshot is committed state: it counts whatever the term is now.
  if (write.snapshot !== undefined) core.log.installed(write.snapshot.index);
}

function markStable(core: Core, write: Pick<Write, "term" | "last">): void {
  const { last: entry, term: writeTerm } = write;
  const { unstable } = core.log;
  const outcome = writeTerm < core.term ? "older-term" : unstable.stableTo(entry.index, entry.term);
  if (outcome === "stable") return;
  const ourTerm = unstable.term(entry.index) ?? noTerm;
  core.record({ kind: "write-superseded", reason: outcome, entry, writeTerm, ourTerm });
}
