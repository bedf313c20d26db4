// Takes this server's own snapshots and shortens the log behind them. The state is frozen in the turn that
// decides (later writes go to an overlay), written piece by piece between turns, and only then the log is
// compacted, through the append queue like every other write.
//
// A snapshot is also due after a change of the membership once the log has been compacted: a server that joins
// can only be started from a snapshot that names it.

import type { Logger } from "../base/logger.ts";
import type { Index } from "../base/numbers.ts";
import type { MembershipState, SnapshotMeta } from "../raft/types.ts";
import type { LogStore } from "../storage/contract.ts";
import type { AppendQueue } from "./append-queue.ts";
import type { Applier } from "./applier.ts";
import { snapshotPatience } from "./limits.ts";
import type { SnapshotFiles } from "./snapshot-files.ts";

export interface SnapshotterOptions {
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  readonly trailingEntries: number;
}

export interface SnapshotterModules {
  readonly log: LogStore;
  readonly files: SnapshotFiles;
  readonly queue: Pick<AppendQueue, "exclusive">;
  readonly applier: Pick<
    Applier,
    "applied" | "term" | "membershipIndex" | "appliedBytes" | "machine"
  >;
  readonly membership: () => MembershipState;
  /** Peers that pull the present snapshot. */
  readonly pullsUnderWay: () => number;
  readonly logger: Logger;
  /** Writing failed: the server must stop. */
  readonly onFailed: (error: unknown) => void;
}

export class Snapshotter {
  readonly #options: SnapshotterOptions;
  readonly #modules: SnapshotterModules;
  #bytesAtSnapshot = 0;
  #writing: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(options: SnapshotterOptions, modules: SnapshotterModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** After each slice of applied entries; cheap. */
  consider(): void {
    const { files, applier } = this.#modules;
    if (this.#stopped || files.busy || !this.#isDue()) return;
    if ((files.latest()?.meta.index ?? 0) >= applier.applied) return;
    this.#writing = this.#take().then(
      // What was applied meanwhile (a new member, say) may need a snapshot of its own, also when nothing more comes.
      () => this.consider(),
      (thrown: unknown) => this.#modules.onFailed(thrown),
    );
  }

  /** Brings the log in line with a snapshot that it already contains. */
  compactBehind(meta: SnapshotMeta): void {
    const { log, queue, applier } = this.#modules;
    queue.exclusive(async () => {
      if (log.view.snapshot().index >= meta.index) return;
      const wish = meta.index + 1 - this.#options.trailingEntries;
      // What is not applied yet must stay readable.
      const keepFrom = Math.max(log.view.firstIndex(), Math.min(wish, applier.applied + 1));
      await log.compact(meta, keepFrom as Index);
      // A member that was added meanwhile can take no snapshot from before, and the log alone may not do any more.
      this.consider();
    });
  }

  /** Waits for the snapshot being written. */
  stop(): Promise<void> {
    this.#stopped = true;
    return this.#writing;
  }

  #isDue(): boolean {
    const { log, applier, pullsUnderWay } = this.#modules;
    const { snapshotEntries, snapshotBytes } = this.#options;
    const last = log.view.snapshot().index;
    const entries = applier.applied - last;
    const bytes = applier.appliedBytes - this.#bytesAtSnapshot;
    const patience = pullsUnderWay() > 0 ? snapshotPatience : 1;
    if (entries >= snapshotEntries * patience || bytes >= snapshotBytes * patience) return true;
    return applier.membershipIndex > last && log.view.firstIndex() > 1;
  }

  async #take(): Promise<void> {
    const { files, applier, membership, logger } = this.#modules;
    const meta: SnapshotMeta = {
      index: applier.applied,
      term: applier.term,
      membership: membership(),
    };
    this.#bytesAtSnapshot = applier.appliedBytes;
    const frozen = applier.machine.snapshot();
    const info = await files.asWriter(() => files.write(meta, frozen));
    if (info === undefined) return;
    logger.info({ index: meta.index, sizeBytes: info.sizeBytes }, "took a snapshot");
    this.compactBehind(meta);
  }
}
