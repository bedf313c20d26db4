// The smallest process is the root: the sentinel holds, the server decides. It holds the lease, owns the job
// processes, kills them when the lease runs out whatever the server process does, and restarts the server process.
//
// Levels, not edges: what the renewals say, what an attaching server is told and what the fence allows are read from
// the state at that moment.
import { randomBytes } from "node:crypto";
import type { Cancel, Clock, WallClock } from "../../base/clock.ts";
import { messageOf, type QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { Cgroups, type CgroupUse } from "./cgroups.ts";
import { sentinelErrors } from "./errors.ts";
import { HttpDoor } from "./http-door.ts";
import { Jobs } from "./jobs.ts";
import { Journal } from "./journal.ts";
import { Lease } from "./lease.ts";
import { journalHolder, killJournaled } from "./leftovers.ts";
import {
  agentGraceMaxMs,
  killWaitMs,
  logCheckIntervalMs,
  sealConfirmMs,
  sealRepeatMs,
  serverExitMs,
  shutdownJobGraceMs,
  shutdownTotalMs,
  watchIntervalMs,
} from "./limits.ts";
import { jobLogDirectory, rotateLog } from "./log.ts";
import { bootId, readStat } from "./processes.ts";
import type { RenewAnswer, ServerToSentinel, StartOrder } from "./protocol.ts";
import { type RenewalContent, Renewer } from "./renewer.ts";
import { type ServerMessage, ServerProcess, type ServerProcessEnd } from "./server-process.ts";
import { type SleepClocks, SuspendWatch } from "./suspend.ts";

export interface SentinelOptions {
  /** Program and arguments of the server process. */
  readonly serverCommand: readonly string[];
  /** Environment of the server process. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cgroups?: CgroupUse;
}
export interface SentinelModules {
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly sleepClocks: SleepClocks;
  readonly logger: Logger;
  /** The sentinel is done: leave with this code. Called once. */
  readonly exit: (code: number) => void;
}

type Settings = Extract<ServerToSentinel, { kind: "settings" }>;

const failedExitCode = 1;

export class Sentinel {
  readonly #modules: SentinelModules;
  readonly #server: ServerProcess;
  readonly #renewer: Renewer;
  readonly #door: HttpDoor;
  readonly #suspend: SuspendWatch;
  readonly #cgroups: Cgroups;
  readonly #cgroupUse: CgroupUse;
  #settings: Settings | undefined;
  #journal: Journal | undefined;
  #jobs: Jobs | undefined;
  #session = 0;
  #key = "";
  #lease: Lease | undefined;
  #cancelDeadline: Cancel | undefined;
  #cancelWatch: Cancel | undefined;
  #cancelLogs: Cancel | undefined;
  #cancelAgentGrace: Cancel | undefined;
  #isOpening = false;
  #isAttached = false;
  #isEnding = false;
  #hasFenced = false;
  #wasRenewed = false;
  #givingBack: Promise<void> | undefined;
  #proven: (() => void) | undefined;

  constructor(options: SentinelOptions, modules: SentinelModules) {
    this.#modules = modules;
    this.#cgroupUse = options.cgroups ?? "when-writable";
    const { clock, logger } = modules;
    this.#door = new HttpDoor(clock);
    this.#suspend = new SuspendWatch(modules.sleepClocks);
    this.#cgroups = new Cgroups(logger);
    this.#renewer = new Renewer({
      ...{ clock, logger, post: this.#door.post },
      events: {
        content: () => this.#content(),
        registered: (session) => this.#registered(session),
        renewed: (answer, said) => this.#renewed(answer, said),
        ended: (said) => this.#ended(said),
      },
    });
    this.#server = new ServerProcess(
      { command: options.serverCommand, env: options.env },
      {
        ...{ clock, logger },
        events: { message: (m) => this.#message(m), exited: (end) => this.#serverExited(end) },
      },
    );
  }

  /** Starts the server process; everything else begins with its settings. */
  start(): void {
    this.#server.start();
    this.#watch();
  }

  /** SIGKILL to every job, without a word to anyone: the last act of a sentinel that cannot go on. */
  killEverything(): void {
    this.#jobs?.kill();
  }

  /**
   * Orderly end within 5 s: nothing starts any more, jobs are stopped and released, the session ends by exit proof, the
   * server process is told to leave. Idempotent.
   */
  async shutDown(): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    const { clock, logger } = this.#modules;
    const endMs = clock.nowMs() + shutdownTotalMs;
    logger.info({ session: this.#session }, "shutting down");
    this.#cancelAgentGrace?.();
    await this.#endSession();
    this.#jobs?.seal(true);
    this.#server.send({ kind: "shut-down" });
    await this.#server.stop(Math.max(0, Math.min(serverExitMs, endMs - clock.nowMs())));
    await this.#close();
    this.#modules.exit(0);
  }

  // ---- the server process

  #message(message: ServerMessage): void {
    switch (message.kind) {
      case "settings":
        void this.#attach(message);
        return;
      case "start":
        this.#checkLease();
        this.#jobs?.start(message.order);
        return;
      case "stop":
        this.#jobs?.stop(message);
        return;
      case "leader-changed":
        this.#renewer.renewNow();
        return;
      case "goodbye":
        void this.shutDown();
    }
  }

  async #attach(settings: Settings): Promise<void> {
    const isFirst = this.#settings === undefined;
    this.#settings = settings;
    this.#isAttached = true;
    this.#cancelAgentGrace?.();
    this.#renewer.preferServers(settings.servers);
    if (isFirst) {
      this.#isOpening = true;
      try {
        await this.#open(settings);
      } catch (error) {
        await this.#fail(error);
        return;
      } finally {
        this.#isOpening = false;
      }
    }
    if (this.#isEnding || this.#isOpening || this.#givingBack !== undefined) return;
    if (this.#session === 0) {
      this.#register();
    } else {
      this.#lease?.requireRenewalFrom(this.#modules.clock.nowMs());
      this.#renewer.renewNow();
    }
    this.#tellAttached();
  }

  /** First settings ever: the data directory is ours from here on. */
  async #open(settings: Settings): Promise<void> {
    const { clock, logger } = this.#modules;
    const { dataDirectory } = settings;
    const holder = await journalHolder(dataDirectory);
    if (holder !== undefined) {
      throw sentinelErrors.BUSY(`the sentinel with pid ${holder.pid} holds ${dataDirectory}`);
    }
    const killed = await killJournaled(dataDirectory, clock);
    if (killed.length > 0) logger.warn({ killed }, "jobs of an earlier life were killed");
    const { pid } = process;
    const startTicks = readStat(pid)?.startTicks ?? 0;
    const life = { kind: "life", pid, startTicks, bootId: bootId() } as const;
    const journal = new Journal({ dataDirectory, life });
    await journal.start();
    this.#journal = journal;
    this.#cgroups.detect(this.#cgroupUse);
    this.#jobs = new Jobs(
      { dataDirectory, lease: () => this.#fenceView() },
      {
        ...{ clock, wallClock: this.#modules.wallClock, journal, cgroups: this.#cgroups, logger },
        events: {
          changed: (run) => this.#server.send({ kind: "run", run }),
          refused: (order, error) => this.#refused(order, error),
          released: () => this.#renewer.renewNow(),
        },
      },
    );
    this.#rotateLogs(this.#jobs);
  }

  async #fail(error: unknown): Promise<void> {
    const { logger } = this.#modules;
    logger.error({ error: messageOf(error), code: (error as QuorateError).code }, "cannot start");
    this.#isEnding = true;
    this.#server.send({ kind: "shut-down" });
    await this.#server.stop(serverExitMs);
    await this.#close();
    this.#modules.exit(failedExitCode);
  }

  #serverExited({ code, isBySignal }: ServerProcessEnd): boolean {
    this.#isAttached = false;
    if (this.#isEnding) return false;
    if (this.#settings === undefined) {
      if (isBySignal) return true;
      // It refused its configuration: trying again would not help, and the operator is looking.
      this.#modules.logger.error({ exitCode: code }, "server process refused to start");
      this.#isEnding = true;
      void this.#close().then(() => this.#modules.exit(code));
      return false;
    }
    this.#jobs?.giveBack(0, (o) => o.onServerDeath === "stop");
    const graceMs = Math.min(this.#settings.agentGraceMs, agentGraceMaxMs);
    this.#cancelAgentGrace?.();
    this.#cancelAgentGrace = this.#modules.clock.after(graceMs, () => void this.#abandon(graceMs));
    return true;
  }

  /** The server process stays away: its jobs are better off elsewhere. */
  async #abandon(graceMs: number): Promise<void> {
    this.#modules.logger.warn({ graceMs }, "server process stays away: jobs are given back");
    await this.#endSession();
    if (!this.#isAttached || this.#isEnding) return;
    this.#register();
    this.#tellAttached();
  }

  #tellAttached(): void {
    if (this.#jobs === undefined) return;
    this.#wasRenewed = this.#lease?.isRenewed ?? false;
    this.#server.send({
      kind: "attached",
      session: this.#session,
      renewed: this.#wasRenewed,
      sealed: this.#jobs.isSealed,
      fencing: this.#cgroups.isUsable ? "cgroup" : "process-group",
      runs: this.#jobs.runs,
    });
  }

  #refused(order: StartOrder, error: QuorateError): void {
    const { jobId, epoch } = order;
    const { code, message } = error;
    // An order that was under way when the session was sealed is nobody's mistake.
    const level = this.#jobs?.isSealed === true ? "info" : "warn";
    this.#modules.logger[level]({ jobId, epoch, code }, "start refused");
    this.#server.send({ kind: "refused", jobId, epoch, code, message });
  }

  // ---- the session and its lease

  #register(): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    const { serverId, incarnation, leaseMs, capacity } = settings;
    this.#key = randomBytes(32).toString("hex");
    this.#renewer.register({ serverId, incarnation, leaseMs, capacity, key: this.#key });
  }

  #registered(session: number): void {
    const settings = this.#settings;
    if (settings === undefined) return;
    this.#modules.logger.info({ session }, "registered");
    this.#session = session;
    this.#hasFenced = false;
    this.#lease = new Lease(settings);
    this.#renewer.hold(session, this.#key, this.#lease);
    this.#tellAttached();
  }

  #content(): RenewalContent {
    const jobs = this.#jobs;
    const running = jobs?.running ?? [];
    return { running, released: jobs?.unconfirmed ?? [], sealed: jobs?.isSealed ?? false };
  }

  #renewed(answer: RenewAnswer, said: RenewalContent): void {
    this.#jobs?.confirm(answer.confirmed);
    this.#checkSleep();
    this.#armDeadline();
    const holds = this.#lease?.holds(this.#modules.clock.nowMs()) ?? false;
    if (holds && this.#hasFenced) {
      this.#hasFenced = false;
      this.#modules.logger.info({ session: this.#session }, "lease held again");
      this.#tellAttached();
    } else if (this.#lease?.isRenewed === true && !this.#wasRenewed) {
      this.#tellAttached();
    }
    if (!said.sealed || this.#proven === undefined) return;
    if (said.running.length === 0 && this.#jobs?.unconfirmed.length === 0) this.#proven();
    else this.#modules.clock.after(sealRepeatMs, () => this.#renewer.renewNow());
  }

  /** The table has ended the session: others may run its jobs already. */
  #ended(said: RenewalContent): void {
    const session = this.#session;
    const killed = this.#jobs?.fence(true) ?? 0;
    const message = said.sealed ? "session ended by exit proof" : "session ended: fenced";
    this.#modules.logger.info({ session, killed }, message);
    this.#forgetSession();
    this.#server.send({ kind: "fenced", session });
    this.#proven?.();
    if (this.#givingBack === undefined && this.#isAttached) this.#register();
  }

  #forgetSession(): void {
    this.#renewer.stop();
    this.#cancelDeadline?.();
    this.#session = 0;
    this.#lease = undefined;
    this.#wasRenewed = false;
    this.#jobs?.forgetSession();
  }

  /** Exit proof (H3): seal, stop everything, and say so until it is confirmed or the bound is reached. */
  async #endSession(): Promise<void> {
    this.#givingBack ??= this.#giveBack();
    await this.#givingBack;
    this.#givingBack = undefined;
  }

  async #giveBack(): Promise<void> {
    const jobs = this.#jobs;
    if (jobs === undefined) return;
    jobs.seal(true);
    // Before the first stop: the agent must know why its jobs end, or it would start them again.
    if (this.#isAttached) this.#tellAttached();
    jobs.giveBack(shutdownJobGraceMs);
    if (!(await this.#within(shutdownJobGraceMs + killWaitMs, jobs.idle()))) {
      jobs.kill();
      await this.#within(killWaitMs, jobs.idle());
    }
    if (this.#session !== 0) {
      const session = this.#session;
      const proven = new Promise<void>((resolve) => (this.#proven = resolve));
      this.#renewer.renewNow();
      const isProven = await this.#within(sealConfirmMs, proven);
      this.#proven = undefined;
      this.#modules.logger.info({ session, isProven }, "session given back");
    }
    this.#forgetSession();
    jobs.seal(false);
  }

  /** Whether `done` resolved within `boundMs`. */
  #within(boundMs: number, done: Promise<void>): Promise<boolean> {
    return new Promise((resolve) => {
      const cancel = this.#modules.clock.after(boundMs, () => resolve(false));
      void done.then(() => {
        cancel();
        resolve(true);
      });
    });
  }

  // ---- the fence

  #fenceView(): { session: number; isRenewed: boolean; holdsLease: boolean } {
    this.#checkSleep();
    const isRenewed = this.#lease?.isRenewed ?? false;
    const holdsLease = this.#lease?.holds(this.#modules.clock.nowMs()) ?? false;
    return { session: this.#session, isRenewed, holdsLease };
  }

  #checkSleep(): void {
    if (!this.#suspend.hasSlept()) return;
    this.#modules.logger.warn({}, "the machine has slept");
    this.#lease?.invalidate();
    this.#checkLease();
    this.#renewer.renewNow();
  }

  #armDeadline(): void {
    const { clock } = this.#modules;
    this.#cancelDeadline?.();
    const delayMs = (this.#lease?.deadlineMs ?? 0) - clock.nowMs();
    if (Number.isFinite(delayMs))
      this.#cancelDeadline = clock.after(delayMs, () => this.#checkLease());
  }

  /** Rule L4. */
  #checkLease(): void {
    const isOver = this.#lease?.holds(this.#modules.clock.nowMs()) === false;
    if (!isOver || this.#hasFenced || !this.#hasSomethingToFence()) return;
    this.#hasFenced = true;
    const killed = this.#jobs?.fence(false) ?? 0;
    this.#modules.logger.warn({ session: this.#session, killed }, "lease over: fenced");
    this.#server.send({ kind: "fenced", session: this.#session });
  }

  /** A lease that was never held has nothing to lose. */
  #hasSomethingToFence(): boolean {
    return this.#wasRenewed || (this.#jobs?.running.length ?? 0) > 0;
  }

  #watch(): void {
    this.#checkSleep();
    this.#checkLease();
    this.#cancelWatch = this.#modules.clock.after(watchIntervalMs, () => this.#watch());
  }

  // ---- upkeep

  #rotateLogs(jobs: Jobs): void {
    const { clock, logger } = this.#modules;
    const next = (): void => {
      this.#cancelLogs = clock.after(logCheckIntervalMs, () => this.#rotateLogs(jobs));
    };
    const dataDirectory = this.#settings?.dataDirectory ?? "";
    const rotate = async (): Promise<void> => {
      for (const { jobId } of jobs.running) await rotateLog(jobLogDirectory(dataDirectory, jobId));
    };
    rotate()
      .catch((error: unknown) => logger.warn({ error: messageOf(error) }, "log rotation failed"))
      .finally(() => {
        if (this.#cancelWatch !== undefined) next();
      });
  }

  async #close(): Promise<void> {
    this.#renewer.stop();
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
    this.#cancelLogs?.();
    this.#cancelDeadline?.();
    this.#cancelAgentGrace?.();
    this.#door.stop();
    await this.#journal?.stop();
    this.#cgroups.close();
  }
}
