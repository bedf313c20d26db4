// Three machines with real files, a ledger of what they acknowledged, and the questions that every test of durability
// asks afterwards: is everything there, on every server, and did any of them say a byte that nobody wrote.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onInterrupt } from "../../../../bench/lib/cleanup.ts";
import { askStatus } from "../../../../bench/lib/door.ts";
import { Machine } from "../../../../bench/lib/local-cluster.ts";
import { freePorts } from "../../../../bench/lib/ports.ts";
import { descendants, isAlive, signalAll } from "../../../../bench/lib/process-tree.ts";
import { until } from "../../../../bench/lib/wait.ts";
import { QuorateClient } from "../../../../src/client/quorate-client.ts";
import { Ledger } from "./ledger.ts";
import { keyPrefix, Writers, type WritersOptions } from "./writers.ts";

export interface DurableOptions {
  readonly servers?: number;
  /** Words in front of a machine's command, of a program that becomes the command or waits for it. */
  readonly launcher?: (place: LauncherPlace) => readonly string[];
}

export interface LauncherPlace {
  readonly id: string;
  readonly directory: string;
  readonly dataDirectory: string;
}

const serversDefault = 3;
const backMs = 30_000;
const readMs = 20_000;
const logCharsShown = 2500;

export class DurableServers {
  readonly directory: string;
  readonly machines: readonly Machine[];
  readonly ledger: Ledger = new Ledger();
  /** Of the present writers. */
  readonly defects: string[] = [];
  readonly #clients = new Map<string, QuorateClient>();
  readonly #forget: () => void;

  private constructor(directory: string, machines: readonly Machine[]) {
    this.directory = directory;
    this.machines = machines;
    this.#forget = onInterrupt(() => this.close());
  }

  static async open(options: DurableOptions = {}): Promise<DurableServers> {
    const { servers = serversDefault, launcher = () => [] } = options;
    const directory = mkdtempSync(join(tmpdir(), "quorate-durability-"));
    const ports = await freePorts(3 * servers);
    const sets = Array.from({ length: servers }, (_, i) => {
      const [http = 0, grpc = 0, peer = 0] = ports.slice(3 * i);
      return { http, grpc, peer };
    });
    const peers = sets.map(({ peer }) => `127.0.0.1:${peer}`).join(",");
    const machines = sets.map((set, i) => {
      const id = `s${i + 1}`;
      const dataDirectory = join(directory, id);
      mkdirSync(dataDirectory);
      return new Machine({
        ...{ id, ports: set, directory, env: {} },
        flags: ["--join", peers, "--expect", String(servers), "--no-runner"],
        launcher: launcher({ id, directory, dataDirectory }),
      });
    });
    const opened = new DurableServers(directory, machines);
    try {
      for (const machine of machines) machine.start();
      await opened.allBack();
    } catch (error) {
      process.stderr.write(opened.logs());
      await opened.close();
      throw error;
    }
    return opened;
  }

  /** A client that knows this one server only. */
  at({ grpcAddress }: Machine): QuorateClient {
    const known = this.#clients.get(grpcAddress);
    const client = known ?? new QuorateClient({ addresses: [grpcAddress], actor: "durability" });
    this.#clients.set(grpcAddress, client);
    return client;
  }

  /** A client that knows all servers. */
  client(): QuorateClient {
    const known = this.#clients.get("all");
    const addresses = this.machines.map(({ grpcAddress }) => grpcAddress);
    const client = known ?? new QuorateClient({ addresses, actor: "durability" });
    this.#clients.set("all", client);
    return client;
  }

  /** The one that says so of itself; asks all, since any of them may be away. */
  async leader(): Promise<Machine> {
    return await until("a leader", async () => {
      const views = await Promise.all(this.machines.map((machine) => askStatus(machine)));
      const termMax = Math.max(...views.map((view) => view?.term ?? 0));
      return this.machines.find(
        ({ id }, i) => views[i]?.leaderId === id && views[i].term === termMax,
      );
    });
  }

  async follower(): Promise<Machine> {
    const leader = await this.leader();
    return this.machines.find((machine) => machine !== leader)!;
  }

  /** Those that are not this one. */
  others(machine: Machine): readonly Machine[] {
    return this.machines.filter((other) => other !== machine);
  }

  /** Writes while `work` runs, and stops writing when it ends. */
  async whileWriting<T>(
    work: () => Promise<T>,
    options: Pick<WritersOptions, "writers" | "valueBytes"> = {},
  ): Promise<T> {
    const addresses = this.machines.map(({ grpcAddress }) => grpcAddress);
    const writers = new Writers({ ...options, addresses, ledger: this.ledger });
    writers.start();
    try {
      return await work();
    } finally {
      await writers.stop();
      this.defects.push(...writers.defects);
    }
  }

  /** Resolves once so many more writes were acknowledged: the cluster goes on. */
  async acknowledges(count: number, boundMs: number = backMs): Promise<void> {
    const before = this.ledger.acknowledgements;
    await until(
      `${count} more acknowledged writes`,
      () => (this.ledger.acknowledgements >= before + count ? true : undefined),
      boundMs,
    );
  }

  /** Every one of these is ready, a voter, and has applied what was committed when it was asked. */
  async allBack(
    machines: readonly Machine[] = this.machines,
    boundMs: number = backMs,
  ): Promise<void> {
    await Promise.all(
      machines.map((machine) =>
        until(`${machine.id} ready`, async () => (await machine.isReady()) || undefined, boundMs),
      ),
    );
    const commit = await until("a commit index", async () => {
      const views = await Promise.all(machines.map((machine) => askStatus(machine)));
      const known = views.flatMap((view) => (view === undefined ? [] : [view.commitIndex]));
      return known.length === machines.length ? Math.max(...known) : undefined;
    });
    for (const machine of machines) {
      const applied = async (): Promise<true | undefined> => {
        const view = await askStatus(machine);
        return view !== undefined && view.appliedIndex >= commit ? true : undefined;
      };
      await until(`${machine.id} has applied ${commit}`, applied, boundMs);
      await until(
        `${machine.id} is a voter`,
        async () => ((await this.#member(machine))?.role === "ROLE_VOTER" ? true : undefined),
        boundMs,
      );
    }
  }

  /** Waits until the others know the machine by another Raft peer id than this. */
  async newPeer(machine: Machine, former: number, boundMs: number): Promise<void> {
    const look = async (): Promise<true | undefined> => {
      const peer = (await this.#member(machine))?.peerId;
      return peer !== undefined && peer !== former ? true : undefined;
    };
    await until(`${machine.id} is admitted as a new peer`, look, boundMs);
  }

  async #member({ id }: Machine) {
    const { servers } = await this.client().servers.list();
    return servers.find(({ serverId }) => serverId === id);
  }

  /**
   * What is missing or wrong on any of these servers: read linearizably through each, and from each one's own tables.
   * Nobody may be writing.
   */
  async problems(machines: readonly Machine[] = this.machines): Promise<readonly string[]> {
    const found = [...this.defects];
    for (const machine of machines) {
      found.push(...this.ledger.problemsOf(machine.id, await this.#read(machine, false)));
    }
    for (const machine of machines) {
      found.push(...this.ledger.strangersIn(machine.id, await this.#read(machine, true)));
    }
    return found;
  }

  /** The same from the machine's own copy alone, which has caught up with the others. */
  async problemsOfCopy(machine: Machine): Promise<readonly string[]> {
    return this.ledger.problemsOf(`${machine.id}'s copy`, await this.#read(machine, true));
  }

  async #read(machine: Machine, stale: boolean): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const options = { stale, deadlineMs: readMs };
    for await (const { key, value } of this.at(machine).kv.listAll(keyPrefix, options)) {
      found.set(key, value.toString());
    }
    return found;
  }

  logs(): string {
    return this.machines
      .map((machine) => `\n--- ${machine.id}\n${machine.log().slice(-logCharsShown)}`)
      .join("\n");
  }

  /** Everything below these machines ends at the same moment. */
  async loseAll(machines: readonly Machine[] = this.machines): Promise<void> {
    await Promise.all(machines.map((machine) => machine.lose()));
  }

  async close(): Promise<void> {
    this.#forget();
    for (const client of this.#clients.values()) client.close();
    await this.loseAll(this.machines.filter((machine) => machine.isRunning()));
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Kills what runs below `pid`, but not it; resolves when all of that is gone. */
export async function killBelow(pid: number): Promise<void> {
  const all = descendants(pid);
  signalAll(all, "SIGSTOP");
  signalAll([...all, ...descendants(pid)], "SIGKILL");
  await until("killed processes gone", () => (all.some(isAlive) ? undefined : true));
}
