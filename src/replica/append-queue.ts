// The one place that writes to the log. One synced batch is in flight; what arrives meanwhile is merged into the
// next one, and that is the whole of group commit: under load a batch holds as many entries as one fsync takes
// time. Compaction and the installation of snapshots go through the same queue, so that the log store never
// sees two writers. The first failed write is final: nothing is written or reported afterwards.
import type { Clock } from "../base/clock.ts";
import type { Entry, HardState } from "../raft/types.ts";
import type { LogBatch } from "../storage/contract.ts";

export interface AppendWork extends LogBatch {
  /** Of the Ready it came from; ascending. */
  readonly sequence: number;
}

export interface AppendQueueOptions {
  readonly appendBatchBytesMax: number;
}

export interface AppendQueueModules {
  readonly log: { append(batch: LogBatch): Promise<void> };
  readonly clock: Clock;
  /** Everything up to this sequence is durable. */
  readonly onPersisted: (sequence: number) => void;
  readonly onFailed: (error: unknown) => void;
}

interface PendingAppend {
  readonly kind: "append";
  entries: Entry[];
  bytes: number;
  hardState: HardState | undefined;
  sequence: number;
}

interface PendingJob {
  readonly kind: "job";
  readonly run: () => Promise<void>;
}

function bytesOf(entries: readonly Entry[]): number {
  let bytes = 0;
  for (const entry of entries) bytes += entry.data.length;
  return bytes;
}

function mergeInto(pending: PendingAppend, work: AppendWork): void {
  const first = work.entries[0];
  if (first !== undefined) {
    const kept = pending.entries.findIndex((entry) => entry.index >= first.index);
    if (kept >= 0) {
      pending.entries.length = kept;
      pending.bytes = bytesOf(pending.entries);
    }
    for (const entry of work.entries) pending.entries.push(entry);
    pending.bytes += bytesOf(work.entries);
  }
  pending.hardState = work.hardState ?? pending.hardState;
  pending.sequence = work.sequence;
}

export class AppendQueue {
  readonly #options: AppendQueueOptions;
  readonly #modules: AppendQueueModules;
  readonly #pending: (PendingAppend | PendingJob)[] = [];
  #inFlightSinceMs: number | undefined;
  #appends = 0;
  #entries = 0;
  #stopped = false;
  readonly #whenIdle: (() => void)[] = [];

  constructor(options: AppendQueueOptions, modules: AppendQueueModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Becomes durable in the order of the calls; reported by `onPersisted`, never from within this call. */
  append(work: AppendWork): void {
    if (this.#stopped) return;
    const last = this.#pending.at(-1);
    if (last?.kind === "append" && last.bytes < this.#options.appendBatchBytesMax) {
      mergeInto(last, work);
    } else {
      const { hardState, sequence } = work;
      const entries = [...work.entries];
      this.#pending.push({ kind: "append", entries, bytes: bytesOf(entries), hardState, sequence });
    }
    this.#next();
  }

  /**
   * Runs `job` with nothing else in flight, after everything that was appended before. A rejection is as
   * final as a failed append.
   */
  exclusive(job: () => Promise<void>): void {
    if (this.#stopped) return;
    this.#pending.push({ kind: "job", run: job });
    this.#next();
  }

  /** Since when what is in flight is under way, an append or a job: both wait for the disk. Undefined = nothing is. */
  get writingSinceMs(): number | undefined {
    return this.#inFlightSinceMs;
  }

  stats(): { readonly appends: number; readonly appendedEntries: number } {
    return { appends: this.#appends, appendedEntries: this.#entries };
  }

  /** Drops what was not started and waits for what is in flight; idempotent. */
  close(): Promise<void> {
    this.#stopped = true;
    this.#pending.length = 0;
    if (this.#inFlightSinceMs === undefined) return Promise.resolve();
    return new Promise((resolve) => {
      this.#whenIdle.push(resolve);
    });
  }

  #next(): void {
    if (this.#inFlightSinceMs !== undefined) return;
    const next = this.#pending.shift();
    if (next === undefined) return;
    this.#inFlightSinceMs = this.#modules.clock.nowMs();
    if (next.kind === "job") {
      this.#settleBy(next.run(), 0);
      return;
    }
    const { entries, hardState, sequence } = next;
    this.#appends += 1;
    this.#entries += entries.length;
    this.#settleBy(this.#modules.log.append({ entries, hardState }), sequence);
  }

  #settleBy(work: Promise<void>, sequence: number): void {
    work.then(
      () => this.#finished(sequence),
      (error: unknown) => this.#failed(error),
    );
  }

  #finished(sequence: number): void {
    this.#settle();
    // The disk gets its next batch before the loop digests this one.
    this.#next();
    if (sequence > 0) this.#modules.onPersisted(sequence);
  }

  #failed(error: unknown): void {
    this.#stopped = true;
    this.#pending.length = 0;
    this.#settle();
    this.#modules.onFailed(error);
  }

  #settle(): void {
    this.#inFlightSinceMs = undefined;
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }
}
