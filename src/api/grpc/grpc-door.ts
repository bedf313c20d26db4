// The public gRPC door: the five services from the table of calls, health and reflection.
import { fileURLToPath } from "node:url";
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import { loadSync, type PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { allCalls } from "../calls/all.ts";
import type { GrpcService } from "../calls/call.ts";
import { hostAndPort, listenFailed, probe } from "../listen.ts";
import type { Door, DoorModules, DoorOptions } from "../services.ts";
import { Health } from "./health.ts";
import { streamHandlers } from "./streams.ts";
import { unaryHandler } from "./unary.ts";

/** Largest request: a piece of an upload is at most 1 MiB. */
const requestBytesMax = 4 * 1024 * 1024;
/** Largest answer: a list of some ten thousands of jobs. */
const answerBytesMax = 64 * 1024 * 1024;
const stopMs = 500;

const protoRoot = fileURLToPath(new URL("../../../proto", import.meta.url));
const services: Readonly<Record<GrpcService, string>> = {
  admin: "AdminService",
  registry: "RegistryService",
  resource: "ResourceService",
  job: "JobService",
  runner: "RunnerService",
};
const serviceKeys = Object.keys(services) as readonly GrpcService[];

/** The public protocol, with the same options as src/gen was generated with. */
function loadProtocol(): PackageDefinition {
  return loadSync(
    serviceKeys.map((key) => `quorate/${key}/v1/${key}.proto`),
    { includeDirs: [protoRoot], longs: Number, enums: String, defaults: true, oneofs: true },
  );
}

const fullName = (key: GrpcService): string => `quorate.${key}.v1.${services[key]}`;

export class GrpcDoor implements Door {
  readonly #options: DoorOptions;
  readonly #modules: DoorModules;
  readonly #server = new Server({
    "grpc.max_receive_message_length": requestBytesMax,
    "grpc.max_send_message_length": answerBytesMax,
    "grpc.enable_channelz": 0,
  });
  readonly #health: Health;
  #port = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: DoorOptions, modules: DoorModules) {
    this.#options = options;
    this.#modules = modules;
    this.#health = new Health(serviceKeys.map(fullName), modules);
  }

  get address(): string {
    return hostAndPort({ host: this.#options.host, port: this.#port });
  }

  async start(): Promise<void> {
    await probe("gRPC", this.#options);
    const protocol = loadProtocol();
    for (const key of serviceKeys) this.#addService(protocol, key);
    this.#health.addToServer(this.#server);
    new ReflectionService(protocol).addToServer(this.#server);
    this.#port = await this.#bind();
    this.#health.start();
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  #addService(protocol: PackageDefinition, key: GrpcService): void {
    const definition = protocol[fullName(key)];
    const streams =
      key === "registry" || key === "resource" ? streamHandlers(this.#modules)[key] : {};
    const unary = allCalls
      .filter(({ service }) => service === key)
      .map((call) => [call.method, unaryHandler(call, this.#modules)] as const);
    const implementation: UntypedServiceImplementation = {
      ...Object.fromEntries(unary),
      ...streams,
    };
    this.#server.addService(definition as ServiceDefinition, implementation);
  }

  #bind(): Promise<number> {
    const address = hostAndPort(this.#options);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(address, ServerCredentials.createInsecure(), (cause, bound) => {
        if (cause === null) resolve(bound);
        else reject(listenFailed("gRPC", this.#options, cause));
      });
    });
  }

  async #stop(): Promise<void> {
    this.#health.stop();
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, stopMs);
      this.#server.tryShutdown(() => {
        clearTimeout(late);
        resolve();
      });
    });
    this.#server.forceShutdown();
  }
}
