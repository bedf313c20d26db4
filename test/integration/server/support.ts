// Whole servers over real directories and real doors, in this process or as one of their own.
import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Logger } from "../../../src/base/logger.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { readOptions } from "../../../src/server/config/parse.ts";
import { toSettings } from "../../../src/server/config/settings.ts";
import { systemModules } from "../../../src/server/modules.ts";
import { QuorateServer } from "../../../src/server/server.ts";

const program: string = join(import.meta.dirname, "..", "..", "..", "src", "bin", "server.ts");

export async function until(
  what: string,
  reached: () => Promise<boolean> | boolean,
  boundMs = 20_000,
): Promise<void> {
  const endMs = performance.now() + boundMs;
  while (!(await reached())) {
    if (performance.now() > endMs) throw new Error(`not reached: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Below the ports that systems give to outgoing connections, which may take one at any moment. */
const portMin = 10_000;
const portMax = 32_000;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.on("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });
}

/** Ports that nobody listens on now. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(portMin, portMax);
    if (await isFree(port)) ports.add(port);
  }
  return [...ports];
}

/** A server process of its own, without a sentinel unless it has a channel. */
export interface Started {
  readonly child: ChildProcess;
  /** Its log so far. */
  readonly lines: Record<string, unknown>[];
  readonly heard: Record<string, unknown>[];
  readonly exit: Promise<number>;
}

/** Servers with what they told, and one directory for all of them. */
export class Place {
  readonly directory: string = mkdtempSync(join(tmpdir(), "quorate-server-"));
  readonly fatal: unknown[] = [];
  readonly removed: unknown[] = [];
  readonly #servers: QuorateServer[] = [];
  readonly #started: Started[] = [];

  async make(
    name: string,
    argv: readonly string[] = [],
    logger: Logger = silentLogger,
  ): Promise<QuorateServer> {
    const settings = toSettings(readOptions([...this.#common(name), ...argv], {}));
    const hooks = {
      onFatal: (error: unknown) => this.fatal.push(error),
      onRemoved: (reason: unknown) => this.removed.push(reason),
    };
    const server = new QuorateServer(
      { settings, hooks, parent: undefined },
      await systemModules(logger),
    );
    this.#servers.push(server);
    return server;
  }

  spawn(
    name: string,
    argv: readonly string[] = [],
    how: { readonly node?: readonly string[]; readonly ipc?: boolean } = {},
  ): Started {
    const args = ["--import", "tsx", ...(how.node ?? []), program, ...this.#common(name), ...argv];
    const child = spawn(process.execPath, args, {
      stdio: ["ignore", "ignore", "pipe", ...(how.ipc === true ? (["ipc"] as const) : [])],
    });
    const started: Started = {
      child,
      lines: [],
      heard: [],
      exit: new Promise((resolve) => child.on("exit", (code) => resolve(code ?? -1))),
    };
    child.on("message", (message) => started.heard.push(message as Record<string, unknown>));
    let rest = "";
    child.stderr?.on("data", (part: Buffer) => {
      const lines = (rest + part.toString()).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines)
        if (line.startsWith("{")) started.lines.push(JSON.parse(line) as Record<string, unknown>);
    });
    this.#started.push(started);
    return started;
  }

  /** Ends everything and removes the directory. */
  async end(): Promise<void> {
    for (const { child } of this.#started) if (child.exitCode === null) child.kill("SIGKILL");
    await Promise.all(this.#started.map(({ exit }) => exit));
    await Promise.all(this.#servers.map((server) => server.stop()));
    rmSync(this.directory, { recursive: true });
  }

  #common(name: string): readonly string[] {
    const ports = ["--http-port", "--grpc-port", "--peer-port"].flatMap((flag) => [flag, "0"]);
    return ["--data", join(this.directory, name), "--no-runner", ...ports];
  }
}

export async function isReady(server: QuorateServer): Promise<boolean> {
  const { status } = await fetch(`http://${server.httpAddress}/readyz`);
  return status === 200;
}
