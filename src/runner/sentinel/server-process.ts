// The server process as the sentinel sees it: started again when it dies or hangs, and otherwise left alone. It runs in a
// session of its own, so that Ctrl-C in a terminal reaches the sentinel only and the end is always an ordered one.
import { type ChildProcess, spawn } from "node:child_process";
import type { Cancel, Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/logger.ts";
import {
  aliveIntervalMs,
  aliveIntervalsMax,
  restartDelayMaxMs,
  restartDelayMinMs,
  restartResetMs,
} from "./limits.ts";
import type { SentinelToServer, ServerToSentinel } from "./protocol.ts";

export interface ServerProcessOptions {
  /** Program and arguments. */
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}
/** What is passed on; the signs of life are this file's own business. */
export type ServerMessage = Exclude<ServerToSentinel, { readonly kind: "alive" }>;

export interface ServerProcessEnd {
  readonly code: number;
  /** Somebody, or the kernel for want of memory, ended it: that says nothing about what it thought of its settings. */
  readonly isBySignal: boolean;
}

export interface ServerProcessEvents {
  readonly message: (message: ServerMessage) => void;
  /** Ended. When the answer is false it is not started again. */
  readonly exited: (end: ServerProcessEnd) => boolean;
}
export interface ServerProcessModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly events: ServerProcessEvents;
}

/** Exit code of a process that was ended by a signal, as shells report it without knowing the number. */
const signalExitCode = 128;

export class ServerProcess {
  readonly #options: ServerProcessOptions;
  readonly #modules: ServerProcessModules;
  #child: ChildProcess | undefined;
  #delayMs = restartDelayMinMs;
  #startedMs = 0;
  #cancelRestart: Cancel | undefined;
  #cancelWatch: Cancel | undefined;
  /** Intervals since the last sign of life, counted by this process's own turns: when both stood still, neither hangs. */
  #silentIntervals = 0;
  /** The one whose debugger was told of. */
  #debugged: ChildProcess | undefined;
  #isStopped = false;
  #whenGone: (() => void)[] = [];

  constructor(options: ServerProcessOptions, modules: ServerProcessModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    if (this.#isStopped || this.#child !== undefined) return;
    const [program = "", ...args] = this.#options.command;
    const child = spawn(program, args, {
      detached: true,
      env: this.#options.env,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    this.#startedMs = this.#modules.clock.nowMs();
    child.on("message", (message) => {
      if (this.#child === child) this.#heard(child, message as ServerToSentinel);
    });
    child.on("error", (error) => {
      this.#modules.logger.error({ error: error.message }, "server process error");
      if (child.pid === undefined) this.#exited(child, { code: 1, isBySignal: false });
    });
    child.on("exit", (code) =>
      this.#exited(child, { code: code ?? signalExitCode, isBySignal: code === null }),
    );
    this.#modules.logger.info({ pid: child.pid ?? 0 }, "server process started");
  }

  #heard(child: ChildProcess, message: ServerToSentinel): void {
    if (message.kind !== "alive") {
      this.#modules.events.message(message);
      return;
    }
    this.#silentIntervals = 0;
    if (message.debugged === true) this.#unwatchDebugged(child);
    // The first sign begins the watch: opening the data and forming a cluster may take as long as they take.
    else if (this.#cancelWatch === undefined) this.#watch(child);
  }

  #unwatchDebugged(child: ChildProcess): void {
    this.#unwatch();
    if (this.#debugged === child) return;
    this.#debugged = child;
    const { logger } = this.#modules;
    logger.info(
      { pid: child.pid ?? 0 },
      "server process can be debugged: not killed when it hangs",
    );
  }

  #unwatch(): void {
    this.#cancelWatch?.();
    this.#cancelWatch = undefined;
  }

  #watch(child: ChildProcess): void {
    this.#cancelWatch = this.#modules.clock.after(aliveIntervalMs, () => {
      this.#silentIntervals += 1;
      if (this.#silentIntervals <= aliveIntervalsMax) {
        this.#watch(child);
        return;
      }
      this.#modules.logger.error({ pid: child.pid ?? 0 }, "server process hangs: killed");
      child.kill("SIGKILL");
    });
  }

  /** Dropped when there is no server process: the next one is told everything when it attaches. */
  send(message: SentinelToServer): void {
    const child = this.#child;
    if (child?.connected !== true) return;
    child.send(message, (error) => {
      if (error !== null)
        this.#modules.logger.info({ error: error.message }, "message not delivered");
    });
  }

  /** Waits for its end, at most `boundMs`, then kills it. It is not started again. */
  async stop(boundMs: number): Promise<void> {
    this.#isStopped = true;
    this.#cancelRestart?.();
    const child = this.#child;
    if (child === undefined) return;
    const gone = new Promise<void>((resolve) => this.#whenGone.push(resolve));
    const cancel = this.#modules.clock.after(boundMs, () => {
      this.#modules.logger.warn({ boundMs }, "server process did not end in time: killed");
      child.kill("SIGKILL");
    });
    await gone;
    cancel();
  }

  #exited(child: ChildProcess, end: ServerProcessEnd): void {
    if (this.#child !== child) return;
    this.#child = undefined;
    this.#unwatch();
    for (const resolve of this.#whenGone.splice(0)) resolve();
    const { clock, events, logger } = this.#modules;
    if (!events.exited(end) || this.#isStopped) return;
    const livedMs = clock.nowMs() - this.#startedMs;
    if (livedMs >= restartResetMs) this.#delayMs = restartDelayMinMs;
    const delayMs = this.#delayMs;
    this.#delayMs = Math.min(this.#delayMs * 2, restartDelayMaxMs);
    logger.warn({ exitCode: end.code, delayMs }, "server process ended; starting it again");
    this.#cancelRestart = clock.after(delayMs, () => this.start());
  }
}
