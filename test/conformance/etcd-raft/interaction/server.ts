// One server of etcd's test environment: this project's core, a log in memory, and a state machine of which
// only the membership is kept.
import { assert } from "../../../../src/base/assert.ts";
import { type Index, type PeerId, peerId } from "../../../../src/base/numbers.ts";
import { seededRandom } from "../../../../src/base/random.ts";
import { boot } from "../../../../src/raft/boot.ts";
import { resolveConfig } from "../../../../src/raft/config.ts";
import { Core } from "../../../../src/raft/core.ts";
import { entriesBytes, payloadBytes } from "../../../../src/raft/entry-size.ts";
import { applyChange, leaveAutomatically } from "../../../../src/raft/membership/apply.ts";
import { membershipDecode } from "../../../../src/raft/membership/codec.ts";
import { isStranger, step } from "../../../../src/raft/step.ts";
import type { TraceSink } from "../../../../src/raft/trace.ts";
import type { Entry, HardState, SnapshotMeta } from "../../../../src/raft/types.ts";
import { confirm } from "../../../../src/raft/writes.ts";
import { configOf, type ServerOptions } from "./options.ts";
import { Handout } from "./ready.ts";
import { Storage } from "./storage.ts";
import type { StorageAppend, StorageApply, WireMessage } from "./wire.ts";

export class Server {
  readonly core: Core;
  readonly storage: Storage;
  readonly handout: Handout;
  readonly asynchronous: boolean;
  readonly appendWork: StorageAppend[] = [];
  readonly applyWork: StorageApply[] = [];

  constructor(number: number, options: ServerOptions, trace: TraceSink) {
    const id = peerId(number);
    this.asynchronous = options.asynchronous;
    this.storage = new Storage(options.first);
    this.core = new Core(resolveConfig(configOf(id, options)), {
      log: this.storage,
      random: seededRandom(number),
      trace,
    });
    boot(this.core);
    this.handout = new Handout(this.core, options.asynchronous);
  }

  get id(): PeerId {
    return this.core.id;
  }

  /** Takes a message other than a proposal; a string is the original's complaint. */
  step(message: Exclude<WireMessage, { kind: "proposal" }>): string | undefined {
    const { core } = this;
    if (message.kind === "storage-append-response") {
      confirm(core, message);
      return undefined;
    }
    if (message.kind === "storage-apply-response") {
      this.#applied(message.entries);
      return undefined;
    }
    if (isStranger(core, message)) return "raft: cannot step as peer not found";
    step(core, message);
    return undefined;
  }

  /** The Ready of this round is handled. */
  advance(): void {
    for (const message of this.handout.advance()) {
      if (message.kind === "storage-append-response") confirm(this.core, message);
      else if (message.kind === "storage-apply-response") this.#applied(message.entries);
      // What the server tells itself is not checked against the membership here.
      else if (message.kind !== "proposal") step(this.core, message);
    }
  }

  /** Makes durable what a Ready, or a message to the append thread, asks for. */
  persist(work: {
    readonly hardState: HardState | undefined;
    readonly entries: readonly Entry[];
    readonly snapshot: SnapshotMeta | undefined;
  }): string | undefined {
    const { hardState, entries, snapshot } = work;
    if (hardState !== undefined) this.storage.setHardState(hardState);
    if (snapshot === undefined) {
      this.storage.append(entries);
      return undefined;
    }
    if (entries.length > 0) return "can't apply snapshot and entries at the same time";
    return this.storage.install(snapshot);
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      const changes = entry.type === "membership";
      const membership = changes ? applyChange(this.core, membershipDecode(entry.data)) : undefined;
      this.storage.applied(entry, membership);
    }
  }

  #applied(entries: readonly Entry[]): void {
    const { core } = this;
    const last = entries.at(-1);
    assert(last !== undefined, "nothing was applied");
    const index = Math.max(last.index, core.log.applied) as Index;
    core.log.appliedTo(index, entriesBytes(entries));
    leaveAutomatically(core);
    core.uncommittedBytes = Math.max(0, core.uncommittedBytes - payloadBytes(entries));
  }
}
