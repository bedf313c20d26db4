// The public gRPC door: the five services from the table of calls, health and reflection.
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { allCalls } from "../calls/all.ts";
import type { GrpcService } from "../calls/call.ts";
import { hostAndPort, listenFailed, probe } from "../listen.ts";
import type { Door, DoorModules, DoorOptions } from "../services.ts";
import { Health } from "./health.ts";
import { fullName, loadProtocol, serviceKeys } from "./protocol.ts";
import { tolerantService } from "./received.ts";
import { streamHandlers } from "./streams.ts";
import { unaryHandler } from "./unary.ts";

/** Largest request: a piece of an upload is at most 1 MiB. */
const requestBytesMax = 4 * 1024 * 1024;
/** Largest answer: a list of some ten thousands of jobs. */
const answerBytesMax = 64 * 1024 * 1024;
const stopMs = 500;

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
    this.#server.addService(tolerantService(definition as ServiceDefinition), implementation);
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
