// One run of one job: from the order to the reaped exit of everything it started.
//
// Between fork and exec a run waits in a tiny shell for the word `go`. By then its process group is journaled on disk,
// it sits in its cgroup, and the lease was looked at once more. If the sentinel dies before, the shell reads the end of
// its input and leaves without having started anything.
import { type ChildProcess, spawn } from "node:child_process";
import { constants } from "node:fs";
import { access, mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import type { Clock, WallClock } from "../../base/clock.ts";
import { messageOf, QuorateError } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import { type Cgroups, isCgroupGone, killCgroup, removeCgroup } from "./cgroups.ts";
import { sentinelErrors } from "./errors.ts";
import type { Journal } from "./journal.ts";
import { goneCheckMaxMs, goneCheckMinMs, killPatienceMs } from "./limits.ts";
import { jobLogDirectory, openLog } from "./log.ts";
import { bootId, isGroupGone, killGroup, readStat, signal } from "./processes.ts";
import type { EndCause, RunInfo, StartOrder } from "./protocol.ts";

export interface RunModules {
  readonly clock: Clock;
  readonly wallClock: WallClock;
  readonly journal: Journal;
  readonly cgroups: Cgroups;
  readonly logger: Logger;
}

export interface RunOptions {
  readonly order: StartOrder;
  readonly dataDirectory: string;
  /** Looked at once more at the moment of the exec. */
  readonly mayExec: () => QuorateError | undefined;
  readonly onGone: () => void;
}

/** The order's environment and the fencing token; nothing of the sentinel's own. */
function environmentOf(order: StartOrder): Record<string, string> {
  return {
    ...order.env,
    QUORATE_JOB_ID: order.jobId,
    QUORATE_JOB_EPOCH: String(order.epoch),
    QUORATE_FENCING_TOKEN: String(order.epoch),
  };
}

/**
 * waiting: not executed yet · running · ending: told to stop, or its first process has ended · gone: everything was
 * reaped. `waiting → gone` happens when the start fails or is overtaken by a stop.
 */
export type RunPhase = "waiting" | "running" | "ending" | "gone";

const shell = "/bin/sh";
const waitForGo = 'read -r go && [ "$go" = go ] || exit 125; exec "$@" </dev/null';

/** What `execvp` would run, found beforehand so that a wrong command is refused in words. */
async function executableOf(order: StartOrder): Promise<string> {
  const candidates = order.command.includes("/")
    ? [order.command]
    : (order.env["PATH"] ?? "").split(delimiter).map((directory) => join(directory, order.command));
  for (const candidate of candidates) {
    try {
      await access(candidate, constants.X_OK);
      return candidate;
    } catch (error) {
      if (!(error instanceof Error && "code" in error)) throw error;
    }
  }
  throw sentinelErrors.SPAWN_FAILED(`no executable file "${order.command}" was found`);
}

export class Run {
  readonly order: StartOrder;
  readonly #options: RunOptions;
  readonly #modules: RunModules;
  #phase: RunPhase = "waiting";
  #child: ChildProcess | undefined;
  #group = 0;
  #startTicks = 0;
  #cgroup = "";
  #isKilled = false;
  /** Until it is executed, an end without another cause is a failed start. */
  #cause: EndCause = "start";
  #exitCode = -1;
  #signal = "";
  #startedAtMs = 0;
  #cancelGrace: (() => void) | undefined;
  #emptyLooks = 0;

  constructor(options: RunOptions, modules: RunModules) {
    this.order = options.order;
    this.#options = options;
    this.#modules = modules;
  }

  get phase(): RunPhase {
    return this.#phase;
  }

  get info(): RunInfo {
    const { jobId, epoch, revision } = this.order;
    const states = {
      waiting: this.#isKilled ? "stopping" : "running",
      running: "running",
      ending: "stopping",
      gone: "exited",
    } as const;
    return {
      ...{ jobId, epoch, revision },
      state: states[this.#phase],
      pid: this.#group,
      exitCode: this.#exitCode,
      signal: this.#signal,
      cause: this.#cause,
      startedAtMs: this.#startedAtMs,
    };
  }

  /** Resolves when the job was executed; throws a coded error when it was not (then the run is gone, or soon will be). */
  async begin(): Promise<void> {
    try {
      await this.#spawn();
      await this.#record();
      this.#mayGoOn();
    } catch (error) {
      this.#abandon();
      if (error instanceof QuorateError) throw error;
      throw sentinelErrors.SPAWN_FAILED(messageOf(error), { cause: error });
    }
    this.#child?.stdin?.end("go\n");
    this.#phase = "running";
    this.#cause = "itself";
    this.#startedAtMs = this.#modules.wallClock.wallMs();
  }

  /** Asks the group to end with the job's signal and kills it after `graceMs`. */
  stop(graceMs: number): void {
    if (this.#phase === "gone" || this.#isKilled) return;
    this.#because("stop");
    if (this.#phase === "waiting" || this.order.stopSignal === "SIGKILL" || graceMs <= 0) {
      this.kill();
      return;
    }
    if (this.#cancelGrace !== undefined) return;
    this.#phase = "ending";
    signal(-this.#group, this.order.stopSignal);
    this.#cancelGrace = this.#modules.clock.after(graceMs, () => this.kill());
  }

  /** SIGKILL to everything of the run, now: the lease is over. */
  fence(): void {
    this.#because("fence");
    this.kill();
  }

  /** SIGKILL to everything of the run, now. */
  kill(): void {
    this.#isKilled = true;
    if (this.#phase === "gone" || this.#group === 0) return;
    if (this.#phase === "running") this.#phase = "ending";
    // Fast on purpose: at the deadline every run gets this before anything is searched for (see `#sweep`).
    if (this.#cgroup !== "") killCgroup(this.#cgroup);
    else signal(-this.#group, "SIGKILL");
  }

  /** The first cause stands; a run that is ending already has one. */
  #because(cause: EndCause): void {
    const isFirst = this.#cause === "itself" || this.#cause === "start";
    if (isFirst && (this.#phase === "waiting" || this.#phase === "running")) this.#cause = cause;
  }

  #mayGoOn(): void {
    const refused = this.#options.mayExec();
    if (refused !== undefined) throw refused;
    if (this.#isKilled) throw sentinelErrors.RELEASED("the job was stopped before it was executed");
    if (this.#phase !== "waiting")
      throw sentinelErrors.SPAWN_FAILED("the process ended before it was executed");
  }

  async #spawn(): Promise<void> {
    const { order } = this;
    await mkdir(order.directory, { recursive: true });
    const command = await executableOf(order);
    const log = await openLog(jobLogDirectory(this.#options.dataDirectory, order.jobId));
    try {
      this.#mayGoOn();
      const child = spawn(shell, ["-c", waitForGo, "quorate-run", command, ...order.args], {
        cwd: order.directory,
        env: environmentOf(order),
        detached: true,
        stdio: ["pipe", log.fd, log.fd],
      });
      this.#child = child;
      child.on("error", (error) =>
        this.#modules.logger.warn({ error: error.message }, "process error"),
      );
      child.stdin?.on("error", (error) =>
        this.#modules.logger.info({ error: error.message }, "run left early"),
      );
      child.on("exit", (code, name) => this.#exited(code ?? -1, name ?? ""));
      if (child.pid === undefined) throw sentinelErrors.SPAWN_FAILED(`cannot start ${shell}`);
      this.#group = child.pid;
    } finally {
      await log.close();
    }
  }

  async #record(): Promise<void> {
    const { jobId, epoch } = this.order;
    const group = this.#group;
    this.#startTicks = readStat(group)?.startTicks ?? 0;
    this.#cgroup = this.#modules.cgroups.adopt(`${jobId}.${epoch}.${group}`, group);
    await this.#modules.journal.append({
      ...{ kind: "start", jobId, epoch, group, startTicks: this.#startTicks },
      ...{ bootId: bootId(), cgroup: this.#cgroup },
    });
  }

  #abandon(): void {
    if (this.#group === 0) this.#becomeGone();
    else this.kill();
  }

  #exited(code: number, name: string): void {
    if (this.#phase === "gone") return;
    this.#phase = "ending";
    this.#exitCode = code;
    this.#signal = name;
    this.#cancelGrace?.();
    this.#sweep(goneCheckMinMs, this.#modules.clock.nowMs() + killPatienceMs);
  }

  /** The first process has ended, so the run is over: kills what it left behind and waits until nothing is left. */
  #sweep(pauseMs: number, patienceUntilMs: number): void {
    const { clock, journal, logger } = this.#modules;
    if (this.#isEmpty()) {
      if (this.#cgroup !== "") removeCgroup(this.#cgroup);
      journal
        .append({ kind: "end", group: this.#group, startTicks: this.#startTicks })
        .catch((error: unknown) =>
          logger.error({ error: messageOf(error) }, "journal write failed"),
        );
      this.#becomeGone();
      return;
    }
    this.kill();
    if (this.#cgroup === "") killGroup(this.#group);
    const isLate = clock.nowMs() > patienceUntilMs;
    if (isLate)
      logger.error({ jobId: this.order.jobId, group: this.#group }, "group outlives SIGKILL");
    clock.after(pauseMs, () =>
      this.#sweep(
        Math.min(pauseMs * 2, goneCheckMaxMs),
        isLate ? clock.nowMs() + killPatienceMs : patienceUntilMs,
      ),
    );
  }

  #isEmpty(): boolean {
    if (this.#cgroup !== "") return isCgroupGone(this.#cgroup);
    this.#emptyLooks = isGroupGone(this.#group) ? this.#emptyLooks + 1 : 0;
    // A look through /proc is no snapshot: a child forked meanwhile can be missed. The kernel's answer about the group is
    // one, but it counts zombies (which nobody may ever reap), so two empty looks will do as well.
    return this.#emptyLooks > 1 || (this.#emptyLooks === 1 && !signal(-this.#group, 0));
  }

  #becomeGone(): void {
    this.#phase = "gone";
    this.#options.onGone();
  }
}
