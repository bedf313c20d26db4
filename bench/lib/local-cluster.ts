// A cluster of real processes on loopback, driven only through its public doors and by signals. One "machine" is a
// sentinel with everything below it.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureBuilt } from "../../test/support/build.ts";
import { onInterrupt } from "./cleanup.ts";
import { freePorts } from "./ports.ts";
import { childrenRunning, descendants, isAlive, signalAll } from "./process-tree.ts";
import { until } from "./wait.ts";

const fixedProgram = process.env["QUORATE_PROGRAM"];
/** The program under test: dist/, or another build that stands still while the sources change. */
export const program: string =
  fixedProgram ?? fileURLToPath(new URL("../../dist/bin/quorate.js", import.meta.url));

/** Builds dist/ if that is what is used and it is older than the sources. */
export function ensureProgram(): void {
  if (fixedProgram === undefined) ensureBuilt();
}

export interface ClusterOptions {
  readonly servers: number;
  readonly lease?: "fast" | "default" | "relaxed";
  /** Further flags of every server, e.g. `["--balance-hold", "500"]`. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export interface MachinePorts {
  readonly http: number;
  readonly grpc: number;
  readonly peer: number;
}

/** One machine: `start` it as often as its data directory lives. */
export class Machine {
  readonly id: string;
  readonly ports: MachinePorts;
  readonly dataDirectory: string;
  readonly #argv: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #host: string;
  readonly #launcher: readonly string[];
  readonly logFile: string;
  #child: ChildProcess | undefined;
  #exit: Promise<number | null> = Promise.resolve(0);

  constructor(setup: {
    readonly id: string;
    readonly ports: MachinePorts;
    readonly directory: string;
    readonly flags: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    /** Where its doors are; default: loopback. */
    readonly host?: string;
    /** Words in front of the command, of a program that becomes the command, e.g. `nsenter --net=…`. */
    readonly launcher?: readonly string[];
  }) {
    const { id, ports, directory, flags, env, host = "127.0.0.1", launcher = [] } = setup;
    this.id = id;
    this.ports = ports;
    this.dataDirectory = join(directory, id);
    this.logFile = join(directory, `${id}.log`);
    const own = ["--id", id, "--data", this.dataDirectory];
    const doors = [
      "--http-port",
      ports.http,
      "--grpc-port",
      ports.grpc,
      "--peer-port",
      ports.peer,
    ].map(String);
    this.#argv = [program, "server", "start", ...own, ...doors, ...flags];
    this.#env = env;
    this.#host = host;
    this.#launcher = launcher;
  }

  get httpAddress(): string {
    return `${this.#host}:${String(this.ports.http)}`;
  }
  get grpcAddress(): string {
    return `${this.#host}:${String(this.ports.grpc)}`;
  }
  get peerAddress(): string {
    return `${this.#host}:${String(this.ports.peer)}`;
  }

  start(): void {
    const log = openSync(this.logFile, "a");
    const [command = "", ...words] = [...this.#launcher, process.execPath, ...this.#argv];
    const child = spawn(command, words, {
      stdio: ["ignore", log, log],
      env: { ...process.env, ...this.#env },
      // A group of its own: Ctrl-C on the test must not reach it twice.
      detached: true,
    });
    closeSync(log);
    this.#child = child;
    this.#exit = new Promise((resolve) => child.once("exit", resolve));
  }

  /** The sentinel's pid; 0 when it was never started. */
  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  isRunning(): boolean {
    return this.pid !== 0 && this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  /** Pid of the server process below the sentinel; undefined while there is none. */
  serverPid(): number | undefined {
    return childrenRunning(this.pid, "bin/server")[0];
  }

  /** kill -9 of the server process alone. */
  killServer(): number {
    const pid = this.serverPid();
    if (pid === undefined) throw new Error(`${this.id} has no server process`);
    signalAll([pid], "SIGKILL");
    return pid;
  }

  /** The whole machine is gone at once: sentinel, server, jobs and everything they started. */
  async lose(): Promise<void> {
    const all = [this.pid, ...descendants(this.pid)];
    // Frozen first, so that nobody sees another die and acts on it, as nobody does when the power fails.
    signalAll(all, "SIGSTOP");
    signalAll([...all, ...descendants(this.pid)], "SIGKILL");
    await this.#exit;
    await until(`all processes of ${this.id} gone`, () => (all.some(isAlive) ? undefined : true));
  }

  /** SIGTERM; resolves with the exit code. */
  async stop(): Promise<number | null> {
    if (this.isRunning()) this.#child?.kill("SIGTERM");
    return await this.#exit;
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, "utf8") : "";
  }

  /** Whether the server says that it is ready: member, caught up, knows a leader. */
  async isReady(): Promise<boolean> {
    try {
      const answer = await fetch(`http://${this.httpAddress}/readyz`, {
        signal: AbortSignal.timeout(1000),
      });
      return answer.ok;
    } catch (error) {
      if (error instanceof TypeError || (error as Error).name === "TimeoutError") return false;
      throw error;
    }
  }
}

export class LocalCluster {
  readonly directory: string;
  readonly machines: Machine[] = [];
  readonly #options: ClusterOptions;
  readonly #forget: () => void;

  private constructor(options: ClusterOptions) {
    this.#options = options;
    this.directory = mkdtempSync(join(tmpdir(), "quorate-"));
    this.#forget = onInterrupt(() => this.destroy());
  }

  /** Starts `servers` machines as one new cluster and waits until all are ready. */
  static async start(options: ClusterOptions): Promise<LocalCluster> {
    const cluster = await LocalCluster.prepare(options);
    try {
      for (const machine of cluster.machines) machine.start();
      await cluster.ready();
    } catch (error) {
      await cluster.destroy();
      throw error;
    }
    return cluster;
  }

  /** The machines of a new cluster, all with the same command line but for their own names; none is started. */
  static async prepare(options: ClusterOptions): Promise<LocalCluster> {
    const cluster = new LocalCluster(options);
    const ports = await freePorts(3 * options.servers);
    const sets = Array.from({ length: options.servers }, (_, i) => portsAt(ports, i));
    const joined = sets.map(({ peer }) => `127.0.0.1:${String(peer)}`).join(",");
    sets.forEach((set, i) => {
      cluster.#make(`s${String(i + 1)}`, set, [
        "--join",
        joined,
        "--expect",
        String(options.servers),
      ]);
    });
    return cluster;
  }

  /** Starts one more machine, which joins the others. */
  async add(
    id = `s${String(this.machines.length + 1)}`,
    flags: readonly string[] = [],
  ): Promise<Machine> {
    const join = this.machines.map(({ peerAddress }) => peerAddress).join(",");
    const machine = this.#make(id, portsAt(await freePorts(3), 0), ["--join", join, ...flags]);
    machine.start();
    return machine;
  }

  async ready(machines: readonly Machine[] = this.machines): Promise<void> {
    await Promise.all(
      machines.map((machine) =>
        until(`${machine.id} ready`, async () => {
          if (!machine.isRunning())
            throw new Error(`${machine.id} ended:\n${machine.log().slice(-2000)}`);
          return (await machine.isReady()) ? true : undefined;
        }),
      ),
    );
  }

  /** Every machine stopped by force and its files removed. */
  async destroy(): Promise<void> {
    this.#forget();
    await Promise.all(
      this.machines.filter((machine) => machine.isRunning()).map((machine) => machine.lose()),
    );
    rmSync(this.directory, { recursive: true, force: true });
  }

  #make(id: string, ports: MachinePorts, flags: readonly string[]): Machine {
    const { lease = "default", env = {} } = this.#options;
    const all = [...flags, "--lease", lease, ...(this.#options.flags ?? [])];
    const machine = new Machine({ id, ports, directory: this.directory, flags: all, env });
    this.machines.push(machine);
    return machine;
  }
}

function portsAt(ports: readonly number[], machine: number): MachinePorts {
  const [http = 0, grpc = 0, peer = 0] = ports.slice(3 * machine);
  return { http, grpc, peer };
}
