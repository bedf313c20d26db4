// The work that etcd hands out at once (its Ready). Two rules differ from `RaftCore.ready`: a commit index that
// moved alone is written too, and with synchronous writes entries are applied in the round that writes them.
import type { PeerId } from "../../../../src/base/numbers.ts";
import type { Core } from "../../../../src/raft/core.ts";
import { flushAppends } from "../../../../src/raft/send-append.ts";
import type { EntryId } from "../../../../src/raft/trace.ts";
import type {
  Entry,
  HardState,
  Message,
  SnapshotMeta,
  SoftState,
} from "../../../../src/raft/types.ts";
import type { ReadyMessage, StorageAppendResponse, WireMessage } from "./wire.ts";

export interface Ready {
  readonly softState: SoftState | undefined;
  readonly hardState: HardState | undefined;
  readonly entries: readonly Entry[];
  readonly snapshot: SnapshotMeta | undefined;
  readonly committed: readonly Entry[];
  readonly messages: readonly ReadyMessage[];
  readonly mustSync: boolean;
}

/** A message of the shell among the core's, behind the first `after` of them. */
interface Interjected {
  readonly after: number;
  readonly message: WireMessage;
}

const nothing = { index: 0, term: 0 } as EntryId;

export class Handout {
  readonly #core: Core;
  readonly #asynchronous: boolean;
  #softState: SoftState;
  #hardState: HardState;
  #interjected: Interjected[] = [];
  /** With synchronous writes: what the server tells itself once the Ready is handled. */
  #onAdvance: WireMessage[] = [];

  constructor(core: Core, asynchronous: boolean) {
    this.#core = core;
    this.#asynchronous = asynchronous;
    this.#softState = { role: core.role, leader: core.leader };
    this.#hardState = core.hardState();
  }

  /** Sends `message` in the order in which the core's messages came up. */
  interject(message: WireMessage): void {
    this.#interjected.push({ after: this.#core.messages.length, message });
  }

  get waiting(): boolean {
    const { messages, messagesAfterPersist, log, appendDue } = this.#core;
    return (
      appendDue ||
      this.#nextSoftState() !== undefined ||
      this.#nextHardState() !== undefined ||
      log.unstable.nextSnapshot() !== undefined ||
      messages.length + messagesAfterPersist.length + this.#interjected.length > 0 ||
      log.unstable.hasNext() ||
      log.hasNextCommitted(!this.#asynchronous)
    );
  }

  take(): Ready {
    const core = this.#core;
    flushAppends(core);
    const { unstable } = core.log;
    const hardState = this.#nextHardState();
    const entries = unstable.next();
    const committed = core.log.nextCommitted(!this.#asynchronous);
    const own = core.hardState();
    const { term, vote } = this.#hardState;
    const work = {
      softState: this.#nextSoftState(),
      hardState,
      entries,
      snapshot: unstable.nextSnapshot(),
      committed,
      mustSync: entries.length > 0 || own.term !== term || own.vote !== vote,
    };
    const messages = [...this.#mergedMessages(), ...this.#storageMessages(work)];
    this.#accept(work);
    return { ...work, messages };
  }

  /** What `take` left for when its Ready is handled. */
  advance(): readonly WireMessage[] {
    const due = this.#onAdvance;
    this.#onAdvance = [];
    return due;
  }

  #accept(work: Omit<Ready, "messages">): void {
    const core = this.#core;
    this.#softState = work.softState ?? this.#softState;
    this.#hardState = work.hardState ?? this.#hardState;
    if (!this.#asynchronous) {
      this.#onAdvance = core.messagesAfterPersist.filter(({ to }) => to === core.id);
      const response = this.#appendResponse(work.snapshot);
      if (response !== undefined) this.#onAdvance.push(response);
      if (work.committed.length > 0) this.#onAdvance.push(this.#applyResponse(work.committed));
    }
    core.messages = [];
    core.messagesAfterPersist = [];
    this.#interjected = [];
    core.log.unstable.accept();
    core.log.acceptApplying(work.committed, !this.#asynchronous);
  }

  #mergedMessages(): WireMessage[] {
    const merged: WireMessage[] = [];
    const { messages } = this.#core;
    const interjected = [...this.#interjected];
    for (let at = 0; at <= messages.length; at += 1) {
      while (interjected[0]?.after === at) merged.push(interjected.shift()!.message);
      const message = messages[at];
      if (message !== undefined) merged.push(message);
    }
    return merged;
  }

  #storageMessages(work: Omit<Ready, "messages">): ReadyMessage[] {
    const { id: from, messagesAfterPersist } = this.#core;
    if (!this.#asynchronous) return messagesAfterPersist.filter(({ to }) => to !== from);
    const { hardState, entries, snapshot, committed } = work;
    const messages: ReadyMessage[] = [];
    const waiting: readonly Message[] = messagesAfterPersist;
    if (hardState ?? snapshot ?? entries[0] ?? waiting[0]) {
      const response = this.#appendResponse(snapshot);
      const responses = response === undefined ? waiting : [...waiting, response];
      messages.push({ kind: "storage-append", from, hardState, entries, snapshot, responses });
    }
    if (committed.length > 0) {
      const responses = [this.#applyResponse(committed)];
      messages.push({ kind: "storage-apply", from, entries: committed, responses });
    }
    return messages;
  }

  /** Undefined when nothing is on its way to the disk. */
  #appendResponse(snapshot: SnapshotMeta | undefined): StorageAppendResponse | undefined {
    const { id: to, term, log } = this.#core;
    if (log.unstable.length === 0 && snapshot === undefined) return undefined;
    const last = log.unstable.length > 0 ? log.last() : nothing;
    return { kind: "storage-append-response", to, term, last, snapshot };
  }

  #applyResponse(entries: readonly Entry[]): WireMessage {
    const to: PeerId = this.#core.id;
    return { kind: "storage-apply-response", to, entries };
  }

  #nextSoftState(): SoftState | undefined {
    const { role, leader } = this.#core;
    const same = role === this.#softState.role && leader === this.#softState.leader;
    return same ? undefined : { role, leader };
  }

  #nextHardState(): HardState | undefined {
    const next = this.#core.hardState();
    const { term, vote, commit } = this.#hardState;
    const same = next.term === term && next.vote === vote && next.commit === commit;
    return same ? undefined : next;
  }
}
