// etcd beside ours, with its default timing, fsync on: three members of Debian's etcd-server on loopback.
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Client,
  type ClientOptions,
  credentials,
  loadPackageDefinition,
  type ServiceDefinition,
} from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { onInterrupt } from "../cleanup.ts";
import { at, type FailoverTarget, type Loss } from "../failover-target.ts";
import { freePorts } from "../ports.ts";
import { signalAll } from "../process-tree.ts";
import { until } from "../wait.ts";

const command = "etcd";
const value = Buffer.alloc(256, 7);
const askMs = 1000;
const readyMs = 30_000;

interface Member {
  readonly name: string;
  readonly clientUrl: string;
  readonly peerUrl: string;
  readonly grpcAddress: string;
}

interface MemberStatus {
  readonly header: { readonly member_id: string };
  readonly leader: string;
}

/** "3.4.23", or undefined without etcd on this machine. */
function etcdVersion(): string | undefined {
  try {
    const text = execFileSync(command, ["--version"], { encoding: "utf8" });
    return /etcd Version: (\S+)/.exec(text)?.[1];
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function serviceOf(name: string): ServiceDefinition {
  const file = fileURLToPath(new URL("./etcd.proto", import.meta.url));
  const loaded = loadPackageDefinition(loadSync(file, { keepCase: true, longs: String }));
  const services = loaded["etcdserverpb"] as Record<string, { service: ServiceDefinition }>;
  const found = services[name];
  if (found === undefined) throw new Error(`etcd.proto has no service ${name}`);
  return found.service;
}

const kvService = serviceOf("KV");
const maintenanceService = serviceOf("Maintenance");
// Reconnects as quickly as our own client does.
const channelOptions: ClientOptions = {
  "grpc.enable_http_proxy": 0,
  "grpc.initial_reconnect_backoff_ms": 100,
  "grpc.max_reconnect_backoff_ms": 1000,
};

export class EtcdTarget implements FailoverTarget {
  readonly name = "etcd";
  readonly settings: Readonly<Record<string, string>>;
  readonly #directory = mkdtempSync(join(tmpdir(), "quorate-etcd-"));
  readonly #members: readonly Member[];
  readonly #clients: readonly Client[];
  readonly #processes: ChildProcess[] = [];
  readonly #forget: () => void = onInterrupt(() => this.stop());

  private constructor(members: readonly Member[], version: string) {
    this.#members = members;
    this.settings = {
      version,
      "heartbeat-interval": "100 ms (its default)",
      "election-timeout": "1000 ms (its default)",
      fsync: "on",
    };
    this.#clients = members.map(
      ({ grpcAddress }) => new Client(grpcAddress, credentials.createInsecure(), channelOptions),
    );
    for (const index of members.keys()) this.#start(index);
  }

  static async start(servers: number): Promise<EtcdTarget> {
    const version = etcdVersion();
    if (version === undefined)
      throw new Error("--peer etcd needs the program etcd: apt-get install etcd-server");
    const ports = await freePorts(2 * servers);
    const url = (port: number | undefined): string => `http://127.0.0.1:${String(port)}`;
    const members = Array.from({ length: servers }, (_, i) => ({
      name: `e${String(i + 1)}`,
      clientUrl: url(ports[2 * i]),
      peerUrl: url(ports[2 * i + 1]),
      grpcAddress: `127.0.0.1:${String(ports[2 * i])}`,
    }));
    const target = new EtcdTarget(members, version);
    await target.leader();
    return target;
  }

  async put(server: number, key: string, deadlineMs: number): Promise<void> {
    const request = { key: Buffer.from(key), value };
    await this.#unary({ service: kvService, method: "Put", server }, request, deadlineMs);
  }

  async leader(): Promise<number> {
    return await until(
      "one leader named by all",
      async () => {
        const all = await Promise.all(this.#members.map((_, server) => this.#status(server)));
        const [first] = all;
        const index = all.findIndex(({ header }) => header.member_id === first?.leader);
        return index >= 0 && all.every(({ leader }) => leader === first?.leader)
          ? index
          : undefined;
      },
      readyMs,
    );
  }

  lose(server: number, loss: Loss): Promise<void> {
    const pid = at(this.#processes, server).pid ?? 0;
    signalAll([pid], loss === "kill" ? "SIGKILL" : "SIGSTOP");
    return Promise.resolve();
  }

  async restore(server: number): Promise<void> {
    await this.#end(server);
    this.#start(server);
    await this.leader();
  }

  async stop(): Promise<void> {
    this.#forget();
    for (const client of this.#clients) client.close();
    await Promise.all(this.#processes.map((_, server) => this.#end(server)));
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #start(server: number): void {
    const { name, clientUrl, peerUrl } = at(this.#members, server);
    const cluster = this.#members.map((each) => `${each.name}=${each.peerUrl}`).join(",");
    const log = openSync(join(this.#directory, `${name}.log`), "a");
    const argv = [
      ...["--name", name, "--data-dir", join(this.#directory, name)],
      ...["--listen-client-urls", clientUrl, "--advertise-client-urls", clientUrl],
      ...["--listen-peer-urls", peerUrl, "--initial-advertise-peer-urls", peerUrl],
      ...["--initial-cluster", cluster, "--initial-cluster-state", "new"],
    ];
    this.#processes[server] = spawn(command, argv, { stdio: ["ignore", log, log] });
    closeSync(log);
  }

  async #end(server: number): Promise<void> {
    const child = at(this.#processes, server);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    child.kill("SIGKILL");
    await gone;
  }

  async #status(server: number): Promise<MemberStatus> {
    const call = { service: maintenanceService, method: "Status", server };
    return (await this.#unary(call, {}, askMs)) as MemberStatus;
  }

  #unary(
    call: { readonly service: ServiceDefinition; readonly method: string; readonly server: number },
    request: object,
    deadlineMs: number,
  ): Promise<unknown> {
    const method = call.service[call.method];
    if (method === undefined) throw new Error(`etcd.proto has no method ${call.method}`);
    const { path, requestSerialize, responseDeserialize } = method;
    const options = { deadline: Date.now() + deadlineMs };
    return new Promise((resolve, reject) => {
      at(this.#clients, call.server).makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request,
        options,
        (error, answer: unknown) => {
          if (error === null) resolve(answer);
          else reject(error);
        },
      );
    });
  }
}
