// One machine under test: a real sentinel process, its (stand-in) server process, and a registry that it can reach.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { CgroupUse } from "../../../src/runner/sentinel/cgroups.ts";
import { killJournaled } from "../../../src/runner/sentinel/leftovers.ts";
import { isAlive, readStat } from "../../../src/runner/sentinel/processes.ts";
import type {
  RunInfo,
  SentinelToServer,
  ServerToSentinel,
  StartOrder,
} from "../../../src/runner/sentinel/protocol.ts";
import { monotonicClock } from "../../../src/runner/sentinel/system.ts";
import { FakeRegistry } from "./fake-registry.ts";
import type { Program } from "./program.ts";

/** Waits until `level` gives something; never longer than `boundMs`. */
export async function until<T>(
  what: string,
  level: () => T | undefined | false,
  boundMs = 15_000,
): Promise<T> {
  const endMs = performance.now() + boundMs;
  for (;;) {
    const value = level();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > endMs) throw new Error(`not within ${boundMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function isRunning(pid: number): boolean {
  const stat = readStat(pid);
  return stat !== undefined && isAlive(stat);
}

type Attached = Extract<SentinelToServer, { kind: "attached" }>;

export interface MachineOptions {
  readonly leaseMs?: number;
  readonly agentGraceMs?: number;
  readonly cgroups?: CgroupUse;
}

export class Machine {
  readonly #program: Program;
  readonly registry = new FakeRegistry();
  readonly directory: string = mkdtempSync(join(tmpdir(), "quorate-runner-"));
  readonly heard: SentinelToServer[] = [];
  readonly sentinelLog: string[] = [];
  readonly #leaseMs: number;
  readonly #agentGraceMs: number;
  readonly #cgroups: CgroupUse;
  readonly #control: Server = createServer((socket) => this.#connected(socket));
  #socket: Socket | undefined;
  #sentinel: ChildProcess | undefined;
  serverPid = 0;
  serversStarted = 0;
  exitCode: number | undefined;

  constructor(program: Program, options: MachineOptions = {}) {
    this.#program = program;
    this.#leaseMs = options.leaseMs ?? 3000;
    this.#cgroups = options.cgroups ?? "when-writable";
    this.#agentGraceMs = options.agentGraceMs ?? 30_000;
  }

  async start(): Promise<void> {
    await this.registry.start();
    await new Promise<void>((resolve) => this.#control.listen(0, "127.0.0.1", resolve));
    this.startSentinel();
  }

  startSentinel(serverArgs: readonly string[] = []): void {
    const port = String((this.#control.address() as AddressInfo).port);
    const server = [process.execPath, this.#program.fixture("server.js"), port, ...serverArgs];
    this.exitCode = undefined;
    const child = spawn(
      process.execPath,
      [this.#program.fixture("sentinel.js"), this.#cgroups, ...server],
      {
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    child.stderr.on("data", (part: Buffer) => this.sentinelLog.push(part.toString()));
    child.on("exit", (code) => (this.exitCode = code ?? -1));
    this.#sentinel = child;
  }

  get sentinelPid(): number {
    return this.#sentinel?.pid ?? 0;
  }

  send(message: ServerToSentinel): void {
    this.#socket?.write(JSON.stringify({ send: message }) + "\n");
  }

  /** The server process stands still for so long; what it sends next it sends unawares. */
  blockServer(blockMs: number): void {
    this.#socket?.write(JSON.stringify({ blockMs }) + "\n");
  }

  exitServer(code: number): void {
    this.#socket?.write(JSON.stringify({ exit: code }) + "\n");
  }

  attach(): void {
    this.send({
      kind: "settings",
      dataDirectory: this.directory,
      serverId: "s1",
      incarnation: "i1",
      leaseMs: this.#leaseMs,
      killBoundMs: 100,
      agentGraceMs: this.#agentGraceMs,
      capacity: 10,
      servers: [this.registry.address],
    });
  }

  /** Attaches the server process that is connected now and waits until jobs may be started. */
  async attached(): Promise<Attached> {
    const seen = this.heard.length;
    this.attach();
    return until("attached and renewed", () =>
      this.heard
        .slice(seen)
        .filter((m): m is Attached => m.kind === "attached")
        .findLast((m) => m.renewed && m.session !== 0),
    );
  }

  async serverConnected(count: number): Promise<void> {
    await until(`server process ${count}`, () => this.serversStarted >= count);
  }

  /** Lines that a job wrote, each `pid jobId epoch token`. */
  ticks(name: string): string[] {
    const path = join(this.directory, name);
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  }

  order(
    jobId: string,
    more: Partial<StartOrder> & { readonly options?: string[] } = {},
  ): StartOrder {
    const { options = [], ...rest } = more;
    return {
      jobId,
      epoch: 1,
      session: this.registry.newestNumber,
      revision: 1,
      command: process.execPath,
      args: [this.#program.fixture("job.cjs"), join(this.directory, `${jobId}.ticks`), ...options],
      env: { PATH: "/usr/bin:/bin" },
      directory: join(this.directory, "jobs", jobId, "work"),
      stopSignal: "SIGTERM",
      stopGraceMs: 2000,
      onServerDeath: "continue",
      onLeaseLoss: "stop",
      ...rest,
    };
  }

  /** Starts the job and waits for its first tick. */
  async run(order: StartOrder): Promise<number> {
    this.send({ kind: "start", order });
    const run = await this.runInState(order.jobId, "running");
    await until("first tick", () => this.ticks(`${order.jobId}.ticks`).length > 0);
    return run.pid;
  }

  latestRun(jobId: string): RunInfo | undefined {
    const all = this.heard.flatMap((m) => {
      if (m.kind === "run") return [m.run];
      return m.kind === "attached" ? m.runs : [];
    });
    return all.findLast((run) => run.jobId === jobId);
  }

  async runInState(jobId: string, state: RunInfo["state"]): Promise<RunInfo> {
    return until(`${jobId} ${state}`, () => {
      const run = this.latestRun(jobId);
      return run?.state === state && run;
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.#sentinel?.kill(signal);
  }

  async ended(): Promise<number> {
    return until("sentinel ended", () => this.exitCode);
  }

  /** Ends everything and removes the directory. */
  async stop(): Promise<void> {
    if (this.exitCode === undefined) this.kill("SIGKILL");
    await this.ended();
    if (this.serverPid !== 0) await until("server gone", () => !isRunning(this.serverPid));
    await killJournaled(this.directory, monotonicClock);
    await this.registry.stop();
    this.#socket?.destroy();
    await new Promise((resolve) => this.#control.close(resolve));
    rmSync(this.directory, { recursive: true, force: true });
  }

  #connected(socket: Socket): void {
    socket.on("error", () => undefined);
    createInterface({ input: socket }).on("line", (line) => {
      const event = JSON.parse(line) as { pid?: number; heard?: SentinelToServer };
      if (event.pid !== undefined) {
        this.#socket = socket;
        this.serverPid = event.pid;
        this.serversStarted += 1;
      }
      if (event.heard !== undefined) this.heard.push(event.heard);
    });
  }
}
