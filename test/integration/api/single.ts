// A cluster of one in this process, with its real doors on loopback: what is behind them is memory and real time.
import { fileURLToPath } from "node:url";
import { Client, credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import { loadSync, type MethodDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import { GrpcDoor } from "../../../src/api/grpc/grpc-door.ts";
import { errorTrailer } from "../../../src/api/grpc/status.ts";
import { ServerHealth } from "../../../src/api/health-report.ts";
import { HttpDoor } from "../../../src/api/http/http-door.ts";
import { Turns } from "../../../src/api/turns.ts";
import type { ErrorRecord } from "../../../src/base/errors.ts";
import { type LogFields, type Logger, silentLogger } from "../../../src/base/logger.ts";
import { peerId } from "../../../src/base/numbers.ts";
import { bootstrapLog } from "../../../src/replica/bootstrap.ts";
import { systemModules } from "../../../src/server/modules.ts";
import { makeServices, type Services } from "../../../src/server/services.ts";
import { systemClock } from "../../../src/server/system/clock.ts";
import { memoryDataDirectory } from "../../../src/storage/memory/data-directory.ts";
import { MemoryNetwork } from "../../../src/transport/memory/memory-network.ts";
import { MemoryTransport } from "../../../src/transport/memory/memory-transport.ts";
import { serverProfile, settingsOf } from "../support/services.ts";

/** An error line of the server's log. */
export interface Complaint {
  readonly fields: LogFields;
  readonly message: string;
}

const host = "127.0.0.1";

/** The one thing that doors tell at any time. */
export const newTurns = (): Turns => new Turns(systemClock);

export function newHealth(): ServerHealth {
  return new ServerHealth(
    { version: "0" },
    {
      clock: { nowMs: () => 0 },
      wallClock: { wallMs: () => 0 },
      identity: () => undefined,
      condition: () => "starting",
    },
  );
}

export class Single {
  /** What the doors see; undefined until `admit`. */
  services: Services | undefined;
  /** Error lines: none may come from what a caller says. */
  readonly complaints: Complaint[] = [];
  readonly http: HttpDoor;
  readonly grpc: GrpcDoor;
  #stopped: () => Promise<void> = () => Promise.resolve();
  #client: Client | undefined;

  constructor() {
    const logger: Logger = {
      ...silentLogger,
      error: (fields, message) => this.complaints.push({ fields, message }),
      child: () => logger,
    };
    const doors = {
      services: () => this.services,
      health: newHealth(),
      logger,
      turns: newTurns(),
    };
    this.http = new HttpDoor({ host, port: 0 }, doors);
    this.grpc = new GrpcDoor({ host, port: 0 }, doors);
  }

  async open(): Promise<this> {
    await this.http.start();
    await this.grpc.start();
    this.#client = new Client(this.grpc.address, credentials.createInsecure());
    return this;
  }

  /** From here on this server is a cluster of one, and leads it. */
  async admit(): Promise<this> {
    const modules = await systemModules(silentLogger);
    const { clock } = modules;
    const profile = serverProfile(1, { httpAddress: this.http.address });
    const data = memoryDataDirectory({ serverId: "s1", random: () => profile.incarnation });
    const network = new MemoryNetwork({}, { clock, random: modules.random });
    const transport = new MemoryTransport({ listen: profile.peerAddress }, { network });
    await bootstrapLog(data.log, { atMs: 1, founders: [{ peerId: peerId(1), profile }] });
    const services = makeServices(
      {
        settings: settingsOf(["--lease", "fast"]),
        admission: { clusterId: "c", generation: 1, peerId: 1, members: [] },
        facts: {
          serverId: "s1",
          version: "0",
          leaseMs: 1000,
          uptimeMs: () => clock.nowMs(),
          rssBytes: () => process.memoryUsage.rss(),
          fencing: () => "none",
        },
        data,
        transport,
        onFatal: (error) => this.complaints.push({ fields: { error }, message: "fatal" }),
        onRemoved: () => undefined,
      },
      modules,
    );
    await transport.start({ ...services.replica.handlers, onHello: () => Promise.reject(noHello) });
    await services.replica.start();
    services.resources.start();
    await services.replica.submit({ kind: "open-client-session" }, { actor: "test" });
    this.services = services;
    this.#stopped = async () => {
      const stopped = services.resources.stop();
      await services.replica.stop();
      await transport.stop();
      await stopped;
    };
    return this;
  }

  async close(): Promise<void> {
    this.#client?.close();
    await Promise.all([this.http.stop(), this.grpc.stop()]);
    await this.#stopped();
  }

  url(path: string): string {
    return `http://${this.http.address}${path}`;
  }

  async request(method: string, path: string, init: RequestInit = {}): Promise<Answer> {
    const response = await fetch(this.url(path), { method, ...init });
    const text = await response.text();
    return { status: response.status, headers: response.headers, text };
  }

  /** A JSON request and its JSON answer. */
  async json(method: string, path: string, body?: unknown): Promise<Parsed> {
    const init: RequestInit =
      body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const { status, headers, text } = await this.request(method, path, init);
    return { status, headers, body: JSON.parse(text) as Record<string, unknown> };
  }

  get client(): Client {
    return this.#client!;
  }

  /** A unary gRPC call by its service and method. */
  call(service: string, method: string, request: object = {}): Promise<Record<string, unknown>> {
    const { path, requestSerialize, responseDeserialize } = methodOf(service, method);
    return new Promise((resolve, reject) => {
      const settle = (error: ServiceError | null, answer?: object): void => {
        if (error === null) resolve(answer as Record<string, unknown>);
        else reject(new CallFailed(error));
      };
      this.client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, settle);
    });
  }
}

const noHello = new Error("a cluster of one");

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}
export interface Parsed {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** A gRPC error with the record of its trailer. */
export class CallFailed extends Error {
  readonly status: number;
  readonly record: ErrorRecord | undefined;

  constructor(error: ServiceError) {
    super(error.details);
    this.status = error.code;
    this.record = recordOf(error.metadata);
  }
}

function recordOf(metadata: Metadata): ErrorRecord | undefined {
  const [bytes] = metadata.get(errorTrailer);
  return bytes === undefined ? undefined : (JSON.parse(bytes.toString()) as ErrorRecord);
}

const services = ["admin", "registry", "resource", "job", "runner"];
const protocol = loadSync(
  services.map((name) => `quorate/${name}/v1/${name}.proto`),
  {
    includeDirs: [fileURLToPath(new URL("../../../proto", import.meta.url))],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  },
);

/** service → its methods. */
export const definitions: ReadonlyMap<string, ServiceDefinition> = new Map(
  services.map((name) => {
    const title = `${name[0]!.toUpperCase()}${name.slice(1)}Service`;
    return [name, protocol[`quorate.${name}.v1.${title}`] as ServiceDefinition];
  }),
);

export function methodOf(service: string, method: string): MethodDefinition<object, object> {
  return definitions.get(service)![method] as MethodDefinition<object, object>;
}
