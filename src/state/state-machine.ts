// The replicated state machine: entries in, results and changed topics out. Everything is a function of the
// entries applied so far; servers that applied the same ones have the same digest.
import { assert } from "../base/assert.ts";
import type { Hash64 } from "../base/hash.ts";
import { type Index, noIndex, type Revision } from "../base/numbers.ts";
import { utf8Encode } from "../base/utf8.ts";
import { exactlyOnce } from "./apply/client-sessions.ts";
import { execute } from "./apply/dispatch.ts";
import { applyMembership } from "./apply/servers.ts";
import { Change, type EntryInfo } from "./change.ts";
import { decodeCommand, decodeMembershipContext } from "./command-codec.ts";
import type { MembershipContext } from "./commands.ts";
import { defaultLimits, type StateLimits } from "./limits.ts";
import type { MembershipInForce, StateReader } from "./reader.ts";
import type { Applied } from "./result.ts";
import { freezeStore, imagePieces, liveImage, type StateSnapshot } from "./snapshot.ts";
import { Store } from "./store.ts";
import { StoreReader } from "./store-reader.ts";

export interface StateOptions {
  /** Overrides for tests; must be the same on every server, because limits decide results. */
  readonly limits?: Partial<StateLimits>;
}

const noContext: MembershipContext = { atMs: 0, actor: "", reason: "", added: [] };

export class StateMachine {
  /** The read side, always as of `revision`. */
  readonly tables: StateReader;
  readonly #store: Store;
  readonly #limits: StateLimits;

  /** `store` is handed in by the restorer only. */
  constructor(options?: StateOptions, store: Store = new Store()) {
    this.#store = store;
    this.#limits = { ...defaultLimits, ...options?.limits };
    this.tables = new StoreReader(store);
  }

  /** Index of the last applied entry; 0 = none. */
  get revision(): Revision {
    return this.#store.revision;
  }

  /**
   * Applies the command of a normal entry. Refusals are results. Throws UNKNOWN_COMMAND or COMMAND_DAMAGED,
   * with nothing changed, for data that this program cannot decode: the server must then stop.
   */
  apply(index: Index, data: Uint8Array): Applied {
    const { atMs, actor, request, command } = decodeCommand(data);
    const change = this.#change({ index, atMs, actor });
    const result = exactlyOnce(change, request, () => execute(change, command));
    this.#store.revision = index;
    return { result, topics: change.topics() };
  }

  /** Applies a membership entry: `membership` is what is in force after it; an empty context adds no server. */
  applyMembership(index: Index, membership: MembershipInForce, context: Uint8Array): Applied {
    const decoded = context.length === 0 ? noContext : decodeMembershipContext(context);
    const change = this.#change({ index, atMs: decoded.atMs, actor: decoded.actor });
    const { voters, learners, votersOutgoing } = membership;
    const kept = {
      voters: [...voters],
      learners: [...learners],
      votersOutgoing: [...votersOutgoing],
    };
    const detail = applyMembership(change, kept, decoded);
    this.#store.revision = index;
    return { result: { kind: "done", revision: index, detail }, topics: change.topics() };
  }

  /** Applies the empty entry of a new leader. */
  applyEmpty(index: Index): Applied {
    this.#checkIndex(index);
    this.#store.revision = index;
    return { result: { kind: "done", revision: index, detail: { kind: "none" } }, topics: [] };
  }

  /** Freezes the state as it is; entries may be applied meanwhile. One at a time (asserted). */
  snapshot(): StateSnapshot {
    return freezeStore(this.#store);
  }

  /** Hash over the hashes of the canonical snapshot's pieces; O(state). */
  digest(hash: Hash64): string {
    let digests = "";
    for (const piece of imagePieces(liveImage(this.#store))) digests += hash.bytes(piece);
    return hash.bytes(utf8Encode(digests));
  }

  #change(entry: EntryInfo): Change {
    this.#checkIndex(entry.index);
    return new Change(entry, { store: this.#store, limits: this.#limits });
  }

  /** No entry is skipped or applied twice; an empty machine may begin anywhere. */
  #checkIndex(index: Index): void {
    const { revision } = this.#store;
    const follows = revision === noIndex ? index > noIndex : index === revision + 1;
    assert(follows, `entry ${String(index)} does not follow revision ${String(revision)}`);
  }
}
