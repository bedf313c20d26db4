// The part of the server process that makes what runs agree with the table: poll → reconcile → fetch → start and stop
// through the sentinel → report. It decides nothing about safety (the sentinel's far-end fence does) and keeps nothing
// that it could not find again: after a restart the table and the sentinel's list tell everything.
import type { Cancel, Clock, WallClock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { epoch as asEpoch, noIndex, type Revision, sessionId } from "../base/numbers.ts";
import type { Random } from "../base/random.ts";
import type { JobRow, RunPhase, RunReport } from "../state/rows.ts";
import type { AgentStatus, AssignedJob, ClusterView } from "./cluster/contract.ts";
import { runnerErrors } from "./errors.ts";
import type { Executor, InUse } from "./executors/contract.ts";
import {
  agentStopMs,
  pollTimeoutMs,
  pruneIntervalMs,
  reportRepeatMs,
  startsInflightDefaultMax,
} from "./limits.ts";
import { type Action, type Pending, reconcile } from "./reconcile.ts";
import { Reports } from "./reports.ts";
import { afterEnd, Backoff } from "./restart-policy.ts";
import type { RunInfo, SentinelToServer, ServerToSentinel } from "./sentinel/protocol.ts";

export interface AgentOptions {
  readonly serverId: string;
  /** Starts being prepared or executed at a time; 2 × cores is a good value. */
  readonly startsInflightMax?: number;
}

/** What the agent needs of `SentinelLink`. */
export interface AgentLink {
  send(message: ServerToSentinel): void;
  listen(listener: (message: SentinelToServer) => void): () => void;
}

export interface AgentModules {
  readonly cluster: ClusterView;
  readonly link: AgentLink;
  readonly executors: readonly Executor[];
  /** Removes what nobody uses from this machine (`ResourceCache.prune`, `pruneJobDirectories`); called once a minute. */
  readonly prune: (inUse: InUse) => Promise<void>;
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Memory about one assignment: gone with the assignment. */
interface Course {
  readonly epoch: number;
  readonly backoff: Backoff;
  state: Pending["state"] | "idle";
  cancel: Cancel;
  phase: RunPhase;
  /** The run whose end was dealt with: told again, it is not a second failure. */
  endedRun: string;
  /** The run that was last reported as running, and when. */
  toldRun: string;
  toldAtMs: number;
}

const doNothing = (): void => undefined;

/** Names one execution: a restart under the same epoch has another process. */
const identityOf = (run: RunInfo): string => `${run.epoch}/${run.pid}/${run.startedAtMs}`;

export class Agent {
  readonly #options: AgentOptions;
  readonly #modules: AgentModules;
  readonly #reports: Reports;
  readonly #runs = new Map<string, RunInfo>();
  readonly #courses = new Map<string, Course>();
  /** Releases ordered since the sentinel last told everything: job → epoch. */
  readonly #ordered = new Map<string, number>();
  readonly #prefetched = new Set<string>();
  #assigned: readonly AssignedJob[] = [];
  #session = 0;
  #isRenewed = false;
  #isSealed = false;
  #fencing: AgentStatus["fencing"] = "none";
  #revision: Revision = noIndex;
  #nextPruneMs = 0;
  #isRunning = false;
  #stopListening: () => void = doNothing;
  #wake: () => void = doNothing;
  #isWoken = false;
  #loop: Promise<void> = Promise.resolve();
  #waiting: Promise<void> | undefined;
  readonly #work = new Set<Promise<void>>();

  constructor(options: AgentOptions, modules: AgentModules) {
    this.#options = options;
    this.#modules = modules;
    this.#reports = new Reports(modules);
  }

  /** Begins to reconcile. The link must not be started before, or its first message is missed. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#nextPruneMs = this.#modules.clock.nowMs() + pruneIntervalMs;
    this.#stopListening = this.#modules.link.listen((message) => this.#heard(message));
    this.#loop = this.#run();
  }

  /**
   * Stops deciding; jobs go on. Resolves when nothing of it is under way, or after `agentStopMs`: then what is under
   * way is abandoned, which loses nothing, because the next agent finds it in the table again. Idempotent.
   */
  async stop(): Promise<void> {
    if (!this.#isRunning) return;
    this.#isRunning = false;
    this.#stopListening();
    this.#notice();
    await this.#loop;
    for (const course of this.#courses.values()) course.cancel();
    this.#courses.clear();
    await this.#withinStop([...this.#work, this.#reports.stop()]);
  }

  async #withinStop(work: readonly Promise<void>[]): Promise<void> {
    const { clock, logger } = this.#modules;
    let cancel: Cancel = doNothing;
    const late = new Promise<"late">((resolve) => {
      cancel = clock.after(agentStopMs, () => resolve("late"));
    });
    if ((await Promise.race([Promise.all(work), late])) === "late") {
      logger.info({ agentStopMs }, "what is under way is abandoned");
    }
    cancel();
  }

  status(): AgentStatus {
    const phaseOf = (run: RunInfo): string => {
      const course = this.#courses.get(run.jobId);
      return course?.epoch === run.epoch && run.state === "exited" ? course.phase : run.state;
    };
    return {
      session: sessionId(this.#session),
      fencing: this.#fencing,
      runs: [...this.#runs.values()].map((run) => ({
        jobId: run.jobId,
        epoch: asEpoch(run.epoch),
        phase: phaseOf(run),
      })),
    };
  }

  #inUse(): InUse {
    const jobs = new Set(this.#runs.keys());
    const digests = new Set<string>();
    for (const { job } of this.#assigned) {
      jobs.add(job.jobId);
      for (const digest of this.#executorOf(job)?.digestsOf(job) ?? []) digests.add(digest);
    }
    return { jobs, digests };
  }

  // ---- the loop

  async #run(): Promise<void> {
    while (this.#isRunning) {
      this.#isWoken = false;
      this.#reconcile();
      this.#prune();
      await this.#pause();
    }
  }

  /** Until the table may have changed or something else gives reason to look. */
  async #pause(): Promise<void> {
    const { clock, cluster, logger } = this.#modules;
    this.#waiting ??= cluster
      .wait(this.#revision, pollTimeoutMs)
      .catch(async (error: unknown) => {
        // The table ends with the server: no news for an agent that was stopped before it.
        if (!this.#isRunning) return;
        logger.warn({ error: messageOf(error) }, "waiting for the table failed");
        await new Promise<void>((resolve) => clock.after(pollTimeoutMs, resolve));
      })
      .finally(() => {
        this.#waiting = undefined;
        this.#notice();
      });
    if (this.#isWoken) return;
    await new Promise<void>((resolve) => (this.#wake = resolve));
  }

  #notice(): void {
    this.#isWoken = true;
    this.#wake();
  }

  #reconcile(): void {
    const table = this.#modules.cluster.poll();
    // A table cursor never goes back (L6).
    if (table.revision < this.#revision) return;
    this.#revision = table.revision;
    this.#assigned = table.jobs;
    this.#forgetCourses();
    const pending = new Map<string, Pending>();
    for (const [jobId, { epoch, state }] of this.#courses) {
      if (state !== "idle") pending.set(jobId, { epoch, state });
    }
    const actions = reconcile({
      serverId: this.#options.serverId,
      session: this.#session,
      isRenewed: this.#isRenewed,
      isSealed: this.#isSealed,
      revision: table.revision,
      jobs: table.jobs,
      runs: [...this.#runs.values()],
      pending,
    });
    for (const action of actions) if (action.kind !== "start") this.#act(action);
    this.#startSome(
      actions.flatMap((action) => (action.kind === "start" ? [action.assigned] : [])),
    );
  }

  /** Drops what belongs to assignments that are not ours any more. */
  #forgetCourses(): void {
    const current = new Map(this.#assigned.map(({ row }) => [row.jobId, row.epoch]));
    for (const [jobId, course] of this.#courses) {
      if (current.get(jobId) === course.epoch) continue;
      course.cancel();
      this.#courses.delete(jobId);
    }
    for (const [jobId, epoch] of this.#ordered) {
      if (current.get(jobId) !== epoch && !this.#runs.has(jobId)) this.#ordered.delete(jobId);
    }
    for (const jobId of this.#prefetched) if (!current.has(jobId)) this.#prefetched.delete(jobId);
  }

  #act(action: Exclude<Action, { kind: "start" }>): void {
    switch (action.kind) {
      case "release":
        this.#release(action.jobId, action.epoch);
        return;
      case "stop":
        this.#modules.link.send({ ...action, kind: "stop", now: false, release: false });
        return;
      case "prefetch":
        this.#prefetch(action.job);
        return;
      case "ended":
        this.#ended(action.assigned, action.run);
        return;
      case "report-running":
        this.#reportRunning(action.assigned, action.run);
    }
  }

  #release(jobId: string, epoch: number): void {
    if (this.#ordered.get(jobId) === epoch) return;
    this.#ordered.set(jobId, epoch);
    this.#modules.logger.info({ jobId, epoch }, "releasing");
    this.#forgetExited(jobId);
    this.#modules.link.send({ kind: "stop", jobId, epoch, now: false, release: true });
  }

  /** The sentinel forgets a run that was released; so do we. */
  #forgetExited(jobId: string): void {
    const run = this.#runs.get(jobId);
    const isReleased = run !== undefined && (this.#ordered.get(jobId) ?? -1) >= run.epoch;
    if (isReleased && run.state === "exited") this.#runs.delete(jobId);
  }

  #prefetch(job: JobRow): void {
    if (this.#prefetched.has(job.jobId)) return;
    this.#prefetched.add(job.jobId);
    const executor = this.#executorOf(job);
    if (executor === undefined) return;
    this.#background(async () => {
      try {
        await executor.prefetch(job);
      } catch (error) {
        // The start will try again, and report it if it fails then too.
        this.#modules.logger.warn({ jobId: job.jobId, error: messageOf(error) }, "prefetch failed");
      }
    });
  }

  #prune(): void {
    const nowMs = this.#modules.clock.nowMs();
    // Before the sentinel has told what runs, everything would look unused.
    if (nowMs < this.#nextPruneMs || this.#session === 0) return;
    this.#nextPruneMs = nowMs + pruneIntervalMs;
    this.#background(async () => {
      try {
        await this.#modules.prune(this.#inUse());
      } catch (error) {
        this.#modules.logger.warn({ error: messageOf(error) }, "pruning failed");
      }
    });
  }

  // ---- starting

  #startSome(wanted: readonly AssignedJob[]): void {
    const max = this.#options.startsInflightMax ?? startsInflightDefaultMax;
    const byPriority = [...wanted].sort((a, b) => b.job.spec.priority - a.job.spec.priority);
    const busy = [...this.#courses.values()].filter(({ state }) => state === "busy").length;
    for (const assigned of byPriority.slice(0, Math.max(0, max - busy))) {
      const course = this.#courseOf(assigned);
      course.state = "busy";
      this.#background(() => this.#start(assigned, course));
    }
  }

  async #start(assigned: AssignedJob, course: Course): Promise<void> {
    const { job, row } = assigned;
    const { jobId, epoch } = row;
    const session = this.#session;
    try {
      this.#report(jobId, "starting", { message: "" });
      const executor = this.#executorOf(job);
      if (executor === undefined) {
        throw runnerErrors.NO_EXECUTOR(`no executor for jobs of kind "${job.spec.run.kind}"`);
      }
      const order = await executor.prepare({ job, epoch, session, revision: this.#revision });
      // The sentinel's answer, `run` or `refused`, ends the busy state; so does a new session.
      const isWanted = this.#courses.get(jobId) === course && this.#session === session;
      if (isWanted && !this.#isSealed) {
        this.#modules.link.send({ kind: "start", order });
      } else this.#settle(course);
    } catch (error) {
      this.#settle(course);
      this.#failed(assigned, course, messageOf(error));
    }
    this.#notice();
  }

  /** Not started, for a reason that may pass. */
  #failed(assigned: AssignedJob, course: Course, message: string): void {
    if (this.#courses.get(assigned.row.jobId) !== course || this.#isSealed) return;
    const delayMs = course.backoff.next(0);
    this.#modules.logger.warn(
      { jobId: assigned.row.jobId, reason: message, delayMs },
      "start failed",
    );
    this.#report(assigned.row.jobId, "failed", {
      message: `${message}; tried again in ${seconds(delayMs)}`,
    });
    this.#waitFor(course, delayMs);
  }

  /** The run is over by itself: again later, or for good. */
  #ended(assigned: AssignedJob, run: RunInfo): void {
    const course = this.#courseOf(assigned);
    course.endedRun = identityOf(run);
    const livedMs = this.#modules.wallClock.wallMs() - run.startedAtMs;
    const how = run.signal === "" ? `exit code ${run.exitCode}` : run.signal;
    if (afterEnd(assigned.job.spec.restart, run.exitCode) === "finished") {
      course.state = "over";
      const phase = run.exitCode === 0 ? "exited" : "failed";
      this.#report(run.jobId, phase, { run, message: how, finished: true });
      return;
    }
    // It is released, and starts again elsewhere or in the next session.
    if (this.#isSealed) {
      this.#runs.delete(run.jobId);
      return;
    }
    const delayMs = course.backoff.next(livedMs);
    this.#report(run.jobId, "backoff", {
      run,
      message: `${how}; starts again in ${seconds(delayMs)}`,
    });
    this.#runs.delete(run.jobId);
    this.#waitFor(course, delayMs);
  }

  #waitFor(course: Course, delayMs: number): void {
    course.state = "waiting";
    course.cancel = this.#modules.clock.after(delayMs, () => {
      this.#settle(course);
      this.#notice();
    });
  }

  #settle(course: Course): void {
    course.cancel();
    course.state = "idle";
  }

  #courseOf(assigned: AssignedJob): Course {
    const { jobId, epoch } = assigned.row;
    const known = this.#courses.get(jobId);
    if (known?.epoch === epoch) return known;
    known?.cancel();
    const backoff = new Backoff(this.#modules.random);
    const course: Course = {
      ...{ epoch, backoff, state: "idle", cancel: doNothing, phase: "none" },
      ...{ endedRun: "", toldRun: "", toldAtMs: 0 },
    };
    this.#courses.set(jobId, course);
    return course;
  }

  #executorOf(job: JobRow): Executor | undefined {
    return this.#modules.executors.find((executor) => executor.kinds.includes(job.spec.run.kind));
  }

  /** Keeps a promise until it is done, so that `stop` can wait for it. */
  #background(work: () => Promise<void>): void {
    const done = work().finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  // ---- the sentinel

  #heard(message: SentinelToServer): void {
    switch (message.kind) {
      case "attached":
        this.#attached(message);
        break;
      case "run":
        this.#ran(message.run);
        break;
      case "refused":
        this.#refused(message);
        break;
      case "fenced":
        // Of a sealed session it only says that the exit proof was taken.
        if (!this.#isSealed)
          this.#modules.logger.warn({ session: message.session }, "fenced by the sentinel");
        this.#isRenewed = false;
        break;
      case "shut-down":
        break;
    }
    this.#notice();
  }

  #attached(message: Extract<SentinelToServer, { kind: "attached" }>): void {
    if (message.session !== this.#session) {
      for (const course of this.#courses.values()) course.cancel();
      this.#courses.clear();
    }
    this.#session = message.session;
    this.#isRenewed = message.renewed;
    this.#isSealed = message.sealed;
    this.#fencing = message.fencing;
    this.#ordered.clear();
    this.#runs.clear();
    for (const run of message.runs) {
      const wasDealtWith = this.#courses.get(run.jobId)?.endedRun === identityOf(run);
      if (run.state !== "exited" || !wasDealtWith) this.#runs.set(run.jobId, run);
    }
    this.#reports.begin(sessionId(message.session));
  }

  #ran(run: RunInfo): void {
    if (run.state === "exited" && run.cause === "start") {
      // Never executed: there is nothing to remember, and `refused` settles the course and tells why.
      this.#runs.delete(run.jobId);
      return;
    }
    this.#runs.set(run.jobId, run);
    this.#forgetExited(run.jobId);
    const course = this.#courses.get(run.jobId);
    if (course?.epoch === run.epoch && course.state === "busy") this.#settle(course);
  }

  #refused(message: Extract<SentinelToServer, { kind: "refused" }>): void {
    const assigned = this.#assigned.find(({ row }) => row.jobId === message.jobId);
    const course = this.#courses.get(message.jobId);
    if (course?.epoch !== message.epoch || course.state !== "busy") return;
    this.#settle(course);
    if (assigned?.row.epoch !== message.epoch) return;
    this.#failed(assigned, course, message.message);
  }

  // ---- reports

  /** Until the table shows it; not with every look, because the commit takes a moment. */
  #reportRunning(assigned: AssignedJob, run: RunInfo): void {
    const course = this.#courseOf(assigned);
    const nowMs = this.#modules.clock.nowMs();
    if (course.toldRun === identityOf(run) && nowMs - course.toldAtMs < reportRepeatMs) return;
    course.toldRun = identityOf(run);
    course.toldAtMs = nowMs;
    this.#report(run.jobId, "running", { run, message: "" });
  }

  #report(
    jobId: string,
    phase: RunPhase,
    detail: { readonly run?: RunInfo; readonly message: string; readonly finished?: boolean },
  ): void {
    const assigned = this.#assigned.find(({ row }) => row.jobId === jobId);
    if (assigned === undefined) return;
    const course = this.#courseOf(assigned);
    course.phase = phase;
    const run: RunReport = {
      epoch: assigned.row.epoch,
      phase,
      pid: phase === "running" ? (detail.run?.pid ?? 0) : 0,
      exitCode: detail.run?.exitCode ?? -1,
      signal: detail.run?.signal ?? "",
      restarts: course.backoff.failures,
      message: detail.message,
      atMs: this.#modules.wallClock.wallMs(),
    };
    this.#reports.add({ jobId, run, finished: detail.finished ?? false });
  }
}

function seconds(delayMs: number): string {
  return `${(delayMs / 1000).toFixed(1)} s`;
}
