// The server as a process of its own, below its sentinel. Configuration is validated here and nowhere else: a wrong
// option ends the process before anything was opened, with a coded message and the exit code for usage errors.

import { url as inspectorUrl } from "node:inspector";
import { messageOf, QuorateError } from "../base/errors.ts";
import { exitCodeOf } from "../base/exit-codes.ts";
import type { Logger } from "../base/logger.ts";
import { aliveIntervalMs } from "../runner/sentinel/limits.ts";
import { type ProcessLike, processDuplex, SentinelLink } from "../runner/sentinel-link.ts";
import { type Environment, readOptions } from "./config/parse.ts";
import { type ServerSettings, toSettings } from "./config/settings.ts";
import { serverErrors } from "./errors.ts";
import { systemModules } from "./modules.ts";
import { type Parent, QuorateServer } from "./server.ts";
import { jsonLogger } from "./system/logger.ts";

export interface ServerProcessInputs {
  /** Options only, without program and verb. */
  readonly argv: readonly string[];
  readonly environment: Environment;
  /** The process itself: IPC, signals, exit. */
  readonly self: NodeJS.Process & ProcessLike;
}

/** Longest ordered stop; then the process ends anyway. */
const stopMs = 4000;
const removedExitCode = 0;

export async function runServerProcess(inputs: ServerProcessInputs): Promise<void> {
  const { argv, environment, self } = inputs;
  try {
    const settings = toSettings(readOptions(argv, environment));
    await new ServerProcess(settings, inputs).run();
  } catch (error) {
    self.stderr.write(`${errorLine(error)}\n`);
    self.exit(exitCodeOf(error));
  }
}

/** One JSON line for scripts and people alike. */
function errorLine(error: unknown): string {
  if (error instanceof QuorateError) {
    const { code, message, help, fields } = error;
    return JSON.stringify({ level: "error", code, message, help, fields });
  }
  const stack = error instanceof Error ? error.stack : undefined;
  return JSON.stringify({ level: "error", code: "", message: messageOf(error), stack });
}

/** What ends the process, with the words for whoever reads its last line. */
function asFatal(error: unknown): QuorateError {
  if (error instanceof QuorateError) return error;
  return serverErrors.FATAL(messageOf(error), { cause: error });
}

class ServerProcess {
  readonly #settings: ServerSettings;
  readonly #inputs: ServerProcessInputs;
  readonly #logger: Logger;
  #server: QuorateServer | undefined;
  #parent: Parent | undefined;
  #leaving = false;
  #alive: NodeJS.Timeout | undefined;

  constructor(settings: ServerSettings, inputs: ServerProcessInputs) {
    this.#settings = settings;
    this.#inputs = inputs;
    this.#logger = jsonLogger(settings.logLevel, { pid: inputs.self.pid });
  }

  async run(): Promise<void> {
    const { self } = this.#inputs;
    const modules = await systemModules(this.#logger);
    const fatal = (error: unknown): void => {
      const { code, message, help } = asFatal(error);
      const stack = error instanceof Error ? error.stack : undefined;
      this.#logger.error({ code, error: message, help, stack }, "server cannot go on");
      self.exit(exitCodeOf(error));
    };
    self.on("uncaughtException", fatal);
    self.on("unhandledRejection", fatal);
    this.#parent = this.#joinParent(modules);
    this.#listenToSignals();
    const hooks = {
      onFatal: fatal,
      onRemoved: (reason: QuorateError) => {
        this.#removed(reason);
      },
    };
    this.#server = new QuorateServer(
      { settings: this.#settings, hooks, parent: this.#parent },
      modules,
    );
    await this.#server.start();
    this.#sayAlive();
  }

  // A sentinel that hears nothing for a while replaces this process: it cannot hang unnoticed.
  #sayAlive(): void {
    const link = this.#parent?.link;
    if (link === undefined || this.#leaving) return;
    const say = (): void => {
      link.send({ kind: "alive", debugged: inspectorUrl() !== undefined });
    };
    say();
    this.#alive = setInterval(say, aliveIntervalMs);
  }

  #joinParent(modules: Awaited<ReturnType<typeof systemModules>>): Parent | undefined {
    const { self, environment } = this.#inputs;
    const duplex = processDuplex(self);
    if (duplex === undefined) return undefined;
    const link = new SentinelLink(
      { dataDirectory: this.#settings.dataDirectory },
      {
        ...modules,
        duplex,
        onShutDown: () => {
          this.#leave(0);
        },
        onSentinelDeath: () => {
          this.#leave(1);
        },
      },
    );
    const inherited = Object.entries(environment).filter(
      (pair): pair is [string, string] =>
        pair[1] !== undefined && !pair[0].startsWith("QUORATE_") && pair[0] !== "NODE_CHANNEL_FD",
    );
    return { link, jobEnvironment: Object.fromEntries(inherited) };
  }

  // Below a sentinel the sentinel decides: a terminal's Ctrl-C reaches both, and the jobs must be stopped first.
  #listenToSignals(): void {
    const { self } = this.#inputs;
    for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
      self.on(signal, () => {
        if (this.#parent === undefined) this.#leave(0);
        else if (signal === "SIGTERM") this.#parent.link.send({ kind: "goodbye" });
      });
    }
  }

  #removed({ code, message, help }: QuorateError): void {
    this.#logger.error({ code, error: message, help }, "server ends: it was removed");
    if (this.#parent === undefined) this.#leave(removedExitCode);
    else this.#parent.link.send({ kind: "goodbye" });
  }

  #leave(code: number): void {
    if (this.#leaving) return;
    this.#leaving = true;
    clearInterval(this.#alive);
    const { self } = this.#inputs;
    const late = setTimeout(() => {
      this.#logger.error({ stopMs }, "stop took too long");
      self.exit(1);
    }, stopMs);
    const stopped = this.#server?.stop() ?? Promise.resolve();
    stopped.then(
      () => {
        clearTimeout(late);
        self.exit(code);
      },
      (error: unknown) => {
        this.#logger.error({ error: messageOf(error) }, "stop failed");
        self.exit(1);
      },
    );
  }
}
