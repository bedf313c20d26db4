// The jobs of this machine: at most one run per job, the far-end fence before every start, and the memory of what was
// released in this session. Releases are level-triggered: they are repeated in every renewal until they are confirmed,
// because a lost message must not leave a job without an owner for ever (rule H2).
import type { QuorateError } from "../../base/errors.ts";
import { sentinelErrors } from "./errors.ts";
import { type FenceView, refusal } from "./far-end-fence.ts";
import type { RunInfo, RunningJob, StartOrder } from "./protocol.ts";
import { Run, type RunModules } from "./run.ts";

export interface JobsOptions {
  readonly dataDirectory: string;
  /** The lease as the fence sees it, at the moment of the call. */
  readonly lease: () => Pick<FenceView, "session" | "isRenewed" | "holdsLease">;
}
export interface JobsEvents {
  readonly changed: (run: RunInfo) => void;
  readonly refused: (order: StartOrder, error: QuorateError) => void;
  /** There is something new to say in a renewal. */
  readonly released: () => void;
}
export interface JobsModules extends RunModules {
  readonly events: JobsEvents;
}

/** The state of what is not here: whatever a server process may still believe, it does not run. */
function absent({ jobId, epoch }: RunningJob): RunInfo {
  return {
    ...{ jobId, epoch, revision: 0, state: "exited", cause: "stop" },
    ...{ pid: 0, exitCode: -1, signal: "", startedAtMs: 0 },
  };
}

interface Entry {
  readonly run: Run;
  /** Epochs to release when the run is gone. */
  readonly releases: Set<number>;
  isExecuted: boolean;
}

export class Jobs {
  readonly #options: JobsOptions;
  readonly #modules: JobsModules;
  readonly #entries = new Map<string, Entry>();
  /** Highest epoch released per job in this session. Not pruned: a table that is far behind must still be refused. */
  readonly #releasedEpoch = new Map<string, number>();
  readonly #unconfirmed = new Map<string, RunningJob>();
  #isSealed = false;
  #whenIdle: (() => void)[] = [];

  constructor(options: JobsOptions, modules: JobsModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** What the server process is told when it attaches; ended runs included until they are released. */
  get runs(): RunInfo[] {
    return [...this.#entries.values()].map((entry) => entry.run.info);
  }

  /** Everything of the current session of which a process may exist. */
  get running(): RunningJob[] {
    const { session } = this.#options.lease();
    return [...this.#entries.values()]
      .filter(({ run }) => run.phase !== "gone" && run.order.session === session)
      .map(({ run }) => ({ jobId: run.order.jobId, epoch: run.order.epoch }));
  }

  get unconfirmed(): RunningJob[] {
    return [...this.#unconfirmed.values()];
  }

  get isSealed(): boolean {
    return this.#isSealed;
  }

  /** Idempotent: an order for what already runs only repeats the state. */
  start(order: StartOrder): void {
    const entry = this.#entries.get(order.jobId);
    const refused = this.#refusal(order);
    if (refused !== undefined) {
      this.#modules.events.refused(order, refused);
    } else if (entry === undefined || entry.run.phase === "gone") {
      this.#begin(order);
    } else if (entry.run.order.epoch === order.epoch) {
      this.#modules.events.changed(entry.run.info);
    } else {
      const message = `epoch ${entry.run.order.epoch} of ${order.jobId} has not ended yet`;
      this.#modules.events.refused(order, sentinelErrors.ALREADY_RUNS(message));
    }
  }

  /** Idempotent, and always answered by the state. `release` for something that does not run releases it at once. */
  stop(order: RunningJob & { readonly now: boolean; readonly release: boolean }): void {
    const entry = this.#entries.get(order.jobId);
    const isConcerned = entry !== undefined && entry.run.order.epoch <= order.epoch;
    if (!isConcerned || entry.run.phase === "gone") {
      if (isConcerned && order.release) this.#entries.delete(order.jobId);
      if (order.release) this.#release(order);
      this.#modules.events.changed(entry?.run.info ?? absent(order));
      return;
    }
    if (order.release) entry.releases.add(order.epoch);
    entry.run.stop(order.now ? 0 : entry.run.order.stopGraceMs);
    this.#modules.events.changed(entry.run.info);
  }

  /**
   * Rule L4. Kills, by itself and at once, every run that does not say `keep`; with `all` those too. They are not
   * released: the session's lease decides what becomes of them.
   */
  fence(all: boolean): number {
    const victims = [...this.#entries.values()].filter(
      ({ run }) => run.phase !== "gone" && (all || run.order.onLeaseLoss === "stop"),
    );
    for (const { run } of victims) run.fence();
    return victims.length;
  }

  /** Stops the chosen runs with at most `graceMs` and releases them. */
  giveBack(graceMs: number, isChosen: (order: StartOrder) => boolean = () => true): void {
    for (const [jobId, entry] of this.#entries) {
      const { order, phase } = entry.run;
      if (!isChosen(order)) continue;
      if (phase === "gone") {
        this.#entries.delete(jobId);
        this.#release(order);
        continue;
      }
      entry.releases.add(order.epoch);
      entry.run.stop(Math.min(graceMs, order.stopGraceMs));
    }
  }

  kill(): void {
    for (const { run } of this.#entries.values()) run.kill();
  }

  /** While sealed nothing is started (a step of the exit proof). */
  seal(isSealed: boolean): void {
    this.#isSealed = isSealed;
  }

  /** The table knows these releases: they need not be repeated. They stay forbidden. */
  confirm(items: readonly RunningJob[]): void {
    for (const item of items) this.#unconfirmed.delete(`${item.jobId}/${item.epoch}`);
  }

  /** The session has ended: what was released in it says nothing about the next one. */
  forgetSession(): void {
    this.#releasedEpoch.clear();
    this.#unconfirmed.clear();
    for (const [jobId, { run }] of this.#entries)
      if (run.phase === "gone") this.#entries.delete(jobId);
  }

  /** Resolves when no process of any job is left. */
  async idle(): Promise<void> {
    if (this.#isIdle()) return;
    await new Promise<void>((resolve) => this.#whenIdle.push(resolve));
  }

  #isIdle(): boolean {
    return [...this.#entries.values()].every(({ run }) => run.phase === "gone");
  }

  #refusal(order: StartOrder): QuorateError | undefined {
    return refusal(order, {
      ...this.#options.lease(),
      isSealed: this.#isSealed,
      releasedEpoch: this.#releasedEpoch.get(order.jobId) ?? 0,
      latestEpoch: this.#entries.get(order.jobId)?.run.order.epoch ?? 0,
    });
  }

  #begin(order: StartOrder): void {
    const { dataDirectory } = this.#options;
    const run: Run = new Run(
      {
        order,
        dataDirectory,
        mayExec: () => this.#refusal(order),
        onGone: () => this.#gone(entry),
      },
      this.#modules,
    );
    const entry: Entry = { run, releases: new Set(), isExecuted: false };
    this.#entries.set(order.jobId, entry);
    run.begin().then(
      () => {
        entry.isExecuted = true;
        this.#modules.events.changed(run.info);
      },
      (error: unknown) => this.#modules.events.refused(order, error as QuorateError),
    );
  }

  #gone(entry: Entry): void {
    const { order } = entry.run;
    // An end is kept for an agent that attaches later, until the job is released or started again.
    const isKept = entry.isExecuted && entry.releases.size === 0;
    if (!isKept) this.#entries.delete(order.jobId);
    for (const epoch of entry.releases)
      this.#release({ jobId: order.jobId, epoch, session: order.session });
    // Also when it was never executed: the server process may have been told that it waits, and would wait for ever.
    this.#modules.events.changed(entry.run.info);
    if (this.#isIdle()) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  #release(item: RunningJob & { readonly session?: number }): void {
    const { jobId, epoch } = item;
    const { session } = this.#options.lease();
    // What ran under an older session was never in this one's table.
    if (session === 0 || (item.session !== undefined && item.session !== session)) return;
    const isNew = epoch > (this.#releasedEpoch.get(jobId) ?? 0);
    if (isNew) this.#releasedEpoch.set(jobId, epoch);
    this.#unconfirmed.set(`${jobId}/${epoch}`, { jobId, epoch });
    this.#modules.events.released();
  }
}
