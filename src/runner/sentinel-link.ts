// The server process's end of the pipe to its sentinel. When the pipe breaks the sentinel is dead, and nobody holds the
// lease any more: the one thing left to do is to kill what it has started, make sure of it, and leave.
import type { Clock } from "../base/clock.ts";
import { messageOf } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import { runnerErrors } from "./errors.ts";
import { killJournaled } from "./sentinel/leftovers.ts";
import type { SentinelToServer, ServerToSentinel } from "./sentinel/protocol.ts";

/** A pipe of messages. `onDisconnect` is called once, also when it was broken before. */
export interface Duplex {
  send(message: ServerToSentinel): void;
  onMessage(listener: (message: SentinelToServer) => void): void;
  onDisconnect(listener: () => void): void;
}

/** What of `process` a child with an IPC channel needs; `process` itself fits. */
export interface ProcessLike {
  send?(message: unknown, sent: (error: Error | null) => void): boolean;
  readonly connected: boolean;
  on(event: "message", listener: (message: unknown) => void): unknown;
  on(event: "disconnect", listener: () => void): unknown;
}

/** The IPC channel that the sentinel gave this process; undefined when there is none (started by hand, embedded). */
export function processDuplex(self: ProcessLike): Duplex | undefined {
  if (self.send === undefined) return undefined;
  return {
    send: (message) => {
      // After the break nobody is there to receive it, and the disconnect has been told already.
      if (self.connected) self.send?.(message, ignoreBreak);
    },
    onMessage: (listener) => self.on("message", (message) => listener(message as SentinelToServer)),
    onDisconnect: (listener) => {
      if (self.connected) self.on("disconnect", listener);
      else listener();
    },
  };
}

// The sentinel may die between the break of the pipe and the news of it. Without this listener the failed write would
// be an uncaught exception: this process would be gone before it has killed the dead sentinel's jobs.
const ignoreBreak = (): void => undefined;

export interface SentinelLinkOptions {
  readonly dataDirectory: string;
}
export interface SentinelLinkModules {
  readonly duplex: Duplex;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Stop in order now: the jobs of this machine were stopped and released. */
  readonly onShutDown: () => void;
  /** The sentinel is dead and its jobs were killed (or cannot be: then the log says so). The process must leave. */
  readonly onSentinelDeath: () => void;
}

export class SentinelLink {
  readonly #options: SentinelLinkOptions;
  readonly #modules: SentinelLinkModules;
  readonly #listeners = new Set<(message: SentinelToServer) => void>();
  #isStarted = false;
  #isLeaving = false;

  constructor(options: SentinelLinkOptions, modules: SentinelLinkModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Attaches; the sentinel answers with `attached`. Listeners must be there before. Idempotent. */
  start(settings: Extract<ServerToSentinel, { kind: "settings" }>): void {
    const { duplex, onShutDown } = this.#modules;
    if (!this.#isStarted) {
      this.#isStarted = true;
      duplex.onMessage((message) => {
        if (message.kind === "shut-down") {
          this.#isLeaving = true;
          onShutDown();
        } else for (const listener of this.#listeners) listener(message);
      });
      duplex.onDisconnect(() => void this.#sentinelDied());
    }
    duplex.send(settings);
  }

  send(message: ServerToSentinel): void {
    this.#modules.duplex.send(message);
  }

  /** Every message but `shut-down`, in order. Returns how to stop listening. */
  listen(listener: (message: SentinelToServer) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #sentinelDied(): Promise<void> {
    const { clock, logger, onSentinelDeath } = this.#modules;
    // During an ordered end the jobs are gone already; looking once more costs nothing.
    if (!this.#isLeaving) {
      logger.error(
        { code: runnerErrors.LINK_LOST("the pipe to the sentinel broke").code },
        "the sentinel has died",
      );
    }
    try {
      const killed = await killJournaled(this.#options.dataDirectory, clock);
      if (killed.length > 0) logger.warn({ killed }, "jobs of the dead sentinel were killed");
    } catch (error) {
      logger.error({ error: messageOf(error) }, "cannot kill the jobs of the dead sentinel");
    }
    onSentinelDeath();
  }
}
