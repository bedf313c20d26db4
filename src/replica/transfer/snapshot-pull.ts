// The follower's side of a snapshot. The core hears of it only once its bytes are durable here: the announcing
// message is held back, the bytes are pulled, checked (structure and sum) and committed, and the state machine
// is built beside the running one. Then message and machine go to the loop, which decides in one synchronous
// step whether the snapshot is still wanted: meanwhile the log may have caught up, and going back to an older
// state would undo committed entries.

import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import type { Hash64 } from "../../base/hash.ts";
import type { Logger } from "../../base/logger.ts";
import type { PeerId } from "../../base/numbers.ts";
import { utf8Decode } from "../../base/utf8.ts";
import type { SnapshotMeta, SnapshotRequest } from "../../raft/types.ts";
import { StateRestorer } from "../../state/restore.ts";
import type { StateMachine } from "../../state/state-machine.ts";
import type { SnapshotStore, SnapshotWriter } from "../../storage/contract.ts";
import type { Transport } from "../../transport/contract.ts";
import { callDeadlineMs } from "../limits.ts";
import type { RestoredState, SnapshotFiles } from "../snapshot-files.ts";
import { writeSnapshotIndex } from "./pull-server.ts";
import { StreamSum } from "./stream-sum.ts";

export const snapshotSumCall = "replica.snapshot-sum";
export const snapshotFailedCall = "replica.snapshot-failed";

export interface PulledSnapshot extends RestoredState {
  /** To be stepped now; names the snapshot that was really pulled. */
  readonly message: SnapshotRequest;
}

export interface SnapshotPullModules {
  readonly files: SnapshotFiles;
  readonly transport: Pick<Transport, "pull" | "call">;
  readonly clock: Clock;
  readonly hash: Hash64;
  readonly logger: Logger;
  readonly onPulled: (pulled: PulledSnapshot) => void;
  /** This server's own store failed: it must stop. */
  readonly onStoreFailed: (error: unknown) => void;
}

/** The bytes that came are not the ones that the sender has. */
class WrongBytes extends Error {
  override readonly name = "WrongBytes";
}

/** A write failed here. */
class StoreFailed extends Error {
  override readonly name = "StoreFailed";
}

export class SnapshotPull {
  readonly #modules: SnapshotPullModules;
  readonly #self: PeerId;
  /** The newest announcement of the snapshot being pulled. */
  #held: SnapshotRequest | undefined;
  #stopped = false;

  constructor(options: { readonly self: PeerId }, modules: SnapshotPullModules) {
    this.#self = options.self;
    this.#modules = modules;
  }

  /** A snapshot that this server may want was announced. */
  receive(message: SnapshotRequest): void {
    if (this.#stopped) return;
    const held = this.#held;
    if (held !== undefined) {
      // One pull at a time; a repeated announcement carries the newer term and progress id.
      if (held.snapshot.index === message.snapshot.index) this.#held = message;
      return;
    }
    const { voters, learners, votersOutgoing } = message.snapshot.membership;
    if (![...voters, ...learners, ...votersOutgoing].includes(this.#self)) {
      // It was taken before this server was added: the leader must take a newer one.
      this.#reportFailure(message);
      return;
    }
    this.#held = message;
    void this.#run(message);
  }

  /** A pull under way ends at its next piece; what it wrote was not committed and vanishes. */
  stop(): void {
    this.#stopped = true;
  }

  async #run(first: SnapshotRequest): Promise<void> {
    let restored: RestoredState | undefined;
    try {
      restored = await this.#obtain(first.snapshot, first.from);
    } catch (thrown) {
      if (this.#stopped) return;
      if (thrown instanceof StoreFailed) this.#modules.onStoreFailed(thrown.cause);
      this.#modules.logger.warn(
        { from: first.from, index: first.snapshot.index, error: messageOf(thrown) },
        "a snapshot could not be pulled",
      );
    }
    const message = this.#held ?? first;
    this.#held = undefined;
    if (this.#stopped) return;
    if (restored === undefined) this.#reportFailure(message);
    else {
      const { machine, meta } = restored;
      this.#modules.onPulled({ machine, meta, message: { ...message, snapshot: meta } });
    }
  }

  /** From the own store when it has this one or a newer one (pulled before and then not wanted). */
  async #obtain(meta: SnapshotMeta, from: PeerId): Promise<RestoredState | undefined> {
    const { files } = this.#modules;
    const here = files.latest();
    if (here !== undefined && here.meta.index >= meta.index) return files.restore(here);
    return files.asWriter((snapshots) => this.#pull(snapshots, meta, from));
  }

  async #pull(
    snapshots: SnapshotStore,
    meta: SnapshotMeta,
    from: PeerId,
  ): Promise<RestoredState | undefined> {
    const writer = await storing(snapshots.create(meta));
    try {
      const machine = await this.#stream(writer, meta, from);
      if (machine === undefined) {
        await writer.abort();
        return undefined;
      }
      await storing(writer.commit());
      return { machine, meta };
    } catch (thrown) {
      await writer.abort();
      throw thrown;
    }
  }

  async #stream(
    writer: SnapshotWriter,
    meta: SnapshotMeta,
    from: PeerId,
  ): Promise<StateMachine | undefined> {
    const { transport, files } = this.#modules;
    const restorer = new StateRestorer();
    const sum = new StreamSum(this.#modules);
    const source = { kind: "snapshot", index: meta.index, offset: 0 } as const;
    for await (const { bytes } of transport.pull(from, source)) {
      if (this.#stopped) return undefined;
      restorer.write(bytes);
      sum.add(bytes);
      await storing(writer.write(bytes));
      await files.yield();
    }
    const request = writeSnapshotIndex(meta.index);
    const theirs = await transport.call(from, snapshotSumCall, request, callDeadlineMs);
    if (utf8Decode(theirs) !== sum.finish()) throw new WrongBytes("the sums differ");
    return restorer.finish();
  }

  /** Best effort: the leader notices a silent failure after `snapshotStallMs`. */
  #reportFailure(message: SnapshotRequest): void {
    const { transport, logger } = this.#modules;
    const request = writeSnapshotIndex(message.snapshot.index);
    transport
      .call(message.from, snapshotFailedCall, request, callDeadlineMs)
      .catch((thrown: unknown) => {
        logger.debug({ error: messageOf(thrown) }, "a failed snapshot could not be reported");
      });
  }
}

async function storing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new StoreFailed("the snapshot store failed", { cause });
  }
}
