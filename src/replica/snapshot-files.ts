// Brings the bytes of snapshots and the state machine together, one writer at a time: this server's own
// snapshots, those pulled from a leader, and the one it starts from.
import { assert } from "../base/assert.ts";
import type { Clock } from "../base/clock.ts";
import type { SnapshotMeta } from "../raft/types.ts";
import { StateRestorer } from "../state/restore.ts";
import type { StateSnapshot } from "../state/snapshot.ts";
import { StateMachine } from "../state/state-machine.ts";
import type { LogStore, SnapshotInfo, SnapshotStore } from "../storage/contract.ts";
import { replicaErrors } from "./errors.ts";
import { pullPieceBytes } from "./limits.ts";

export interface SnapshotFilesModules {
  readonly snapshots: SnapshotStore;
  readonly clock: Clock;
}

/** A state machine and where in the log it stands. */
export interface RestoredState {
  readonly machine: StateMachine;
  readonly meta: SnapshotMeta;
}

export class SnapshotFiles {
  readonly #modules: SnapshotFilesModules;
  #busy = false;

  constructor(modules: SnapshotFilesModules) {
    this.#modules = modules;
  }

  /** Somebody is writing a snapshot. */
  get busy(): boolean {
    return this.#busy;
  }

  latest(): SnapshotInfo | undefined {
    return this.#modules.snapshots.latest();
  }

  /** Runs `work` as the only writer; undefined when somebody writes already. */
  async asWriter<T>(work: (snapshots: SnapshotStore) => Promise<T>): Promise<T | undefined> {
    if (this.#busy) return undefined;
    this.#busy = true;
    try {
      return await work(this.#modules.snapshots);
    } finally {
      this.#busy = false;
    }
  }

  /** Writes `frozen` without blocking the loop: one piece per turn. Releases it. */
  async write(meta: SnapshotMeta, frozen: StateSnapshot): Promise<SnapshotInfo> {
    const writer = await this.#modules.snapshots.create(meta);
    try {
      for (const piece of frozen.pieces()) {
        await writer.write(piece);
        await this.yield();
      }
    } catch (thrown) {
      await writer.abort();
      throw thrown;
    } finally {
      frozen.release();
    }
    return writer.commit();
  }

  /** Reads a whole snapshot back. */
  async restore(info: SnapshotInfo): Promise<RestoredState> {
    const { meta, sizeBytes } = info;
    const restorer = new StateRestorer();
    for (let offset = 0; offset < sizeBytes; ) {
      const bytes = await this.#modules.snapshots.read(meta.index, offset, pullPieceBytes);
      restorer.write(bytes);
      offset += bytes.length;
      await this.yield();
    }
    return { machine: restorer.finish(), meta };
  }

  /**
   * The state to start from. The data directory has brought log and snapshot in line when it was opened: a crash
   * can come between the commit of a snapshot and the compaction behind it.
   */
  async open(log: Pick<LogStore, "view">): Promise<RestoredState> {
    const info = this.latest();
    const inLog = log.view.snapshot();
    if ((info?.meta.index ?? 0) < inLog.index) {
      const fields = { expected: inLog.index, found: info?.meta.index ?? 0 };
      throw replicaErrors.SNAPSHOT_MISSING("the snapshot before the log is missing", { fields });
    }
    if (info === undefined) return { machine: new StateMachine(), meta: inLog };
    assert(info.meta.index === inLog.index, "the log begins after the newest snapshot");
    return this.restore(info);
  }

  yield(): Promise<void> {
    return new Promise((resolve) => {
      this.#modules.clock.yield(resolve);
    });
  }
}
