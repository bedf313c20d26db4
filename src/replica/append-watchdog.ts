// A leader whose disk hangs still answers heartbeats and would lead for ever without committing anything
// (hashicorp/raft #503, #683). When a write of the log has been under way for longer than an election timeout, an append
// or one that appends wait behind (a compaction is a batch like others, its deletions come later), the leader
// stops everything that keeps followers loyal, doubts its leadership (duties stop, proposals are refused) and
// hands over to a voter that has the whole log. If nobody takes over, the check of the quorum deposes it, because
// nobody answers a leader that sends nothing. When the disk comes back before that, it goes on.
import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/logger.ts";
import type { RaftCore } from "../raft/raft-core.ts";
import type { AppendQueue } from "./append-queue.ts";
import type { Leadership } from "./leadership.ts";
import type { Outbox } from "./outbox.ts";
import { successor } from "./successor.ts";

export interface AppendWatchdogOptions {
  readonly stallMs: number;
}

export interface AppendWatchdogModules {
  readonly clock: Clock;
  readonly queue: Pick<AppendQueue, "writingSinceMs">;
  readonly core: Pick<RaftCore, "status" | "transferLeadership">;
  readonly leadership: Pick<Leadership, "role" | "doubt">;
  readonly outbox: Outbox;
  readonly logger: Logger;
}

export class AppendWatchdog {
  readonly #options: AppendWatchdogOptions;
  readonly #modules: AppendWatchdogModules;
  #stalled = false;

  constructor(options: AppendWatchdogOptions, modules: AppendWatchdogModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** With every tick. */
  check(): void {
    const stalled = this.#isStalled();
    if (stalled === this.#stalled) return;
    this.#stalled = stalled;
    if (stalled) this.#begin();
    else this.#end();
  }

  #isStalled(): boolean {
    const { queue, leadership, clock } = this.#modules;
    const sinceMs = queue.writingSinceMs;
    if (sinceMs === undefined || leadership.role !== "leader") return false;
    return clock.nowMs() - sinceMs > this.#options.stallMs;
  }

  #begin(): void {
    const { core, leadership, outbox, logger } = this.#modules;
    logger.error({ stallMs: this.#options.stallMs }, "the log does not take writes: handing over");
    leadership.doubt(true);
    outbox.mute();
    const to = successor(core.status(), "complete");
    if (to !== undefined) core.transferLeadership(to);
  }

  #end(): void {
    this.#modules.logger.info({}, "the log takes writes again");
    this.#modules.outbox.unmute();
    this.#modules.leadership.doubt(false);
  }
}
