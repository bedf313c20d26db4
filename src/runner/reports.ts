// Hands phase changes in, in batches: while one batch is being committed the next one gathers, and of each job only the
// latest state is worth telling. What could not be handed in is tried again unless something newer came.
import type { Cancel, Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { SessionId } from "../base/numbers.ts";
import type { RunReport } from "../state/rows.ts";
import type { ClusterView } from "./cluster/contract.ts";
import { reportBatchMax, reportRetryMs } from "./limits.ts";

export interface ReportItem {
  readonly jobId: string;
  readonly run: RunReport;
  readonly finished: boolean;
}

export interface ReportsModules {
  readonly cluster: Pick<ClusterView, "report">;
  readonly clock: Clock;
  readonly logger: Logger;
}

export class Reports {
  readonly #modules: ReportsModules;
  #items = new Map<string, ReportItem>();
  #session: SessionId = 0 as SessionId;
  #sending: Promise<void> | undefined;
  #cancelRetry: Cancel | undefined;
  #isStopped = false;

  constructor(modules: ReportsModules) {
    this.#modules = modules;
  }

  /** Reports belong to a session: those of an older one would be refused and are dropped. */
  begin(session: SessionId): void {
    if (session !== this.#session) this.#items.clear();
    this.#session = session;
  }

  add(item: ReportItem): void {
    this.#items.set(item.jobId, item);
    this.#pump();
  }

  /** Nothing is handed in any more; resolves when the batch under way is done. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#cancelRetry?.();
    await this.#sending;
  }

  #pump(): void {
    if (this.#isStopped || this.#sending !== undefined || this.#items.size === 0) return;
    if (this.#cancelRetry !== undefined) return;
    this.#sending = this.#send().finally(() => {
      this.#sending = undefined;
      this.#pump();
    });
  }

  async #send(): Promise<void> {
    const { clock, cluster, logger } = this.#modules;
    const session = this.#session;
    const batch = [...this.#items.values()].slice(0, reportBatchMax);
    for (const item of batch) this.#items.delete(item.jobId);
    try {
      await cluster.report(session, batch);
    } catch (error) {
      if (this.#isStopped) return;
      logger.warn(
        { error: messageOf(error), runs: batch.length },
        "report not handed in; trying again",
      );
      if (session === this.#session) {
        for (const item of batch)
          if (!this.#items.has(item.jobId)) this.#items.set(item.jobId, item);
      }
      this.#cancelRetry = clock.after(reportRetryMs, () => {
        this.#cancelRetry = undefined;
        this.#pump();
      });
    }
  }
}
