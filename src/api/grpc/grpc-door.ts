// The public gRPC door: the five services from the table of calls, health and reflection.
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { MiB, second } from "../../base/units.ts";
import { allCalls } from "../calls/all.ts";
import type { GrpcService } from "../calls/call.ts";
import { hostAndPort, listenFailed, probe } from "../listen.ts";
import type { Door, DoorModules, DoorOptions } from "../services.ts";
import { Health } from "./health.ts";
import { answerEncoder, tolerantService } from "./messages.ts";
import { fullName, loadProtocol, serviceKeys } from "./protocol.ts";
import { streamHandlers } from "./streams.ts";
import { answerBytesMax, unaryHandler } from "./unary.ts";
import { UnreadAnswers } from "./unread-answers.ts";

/** Largest request: a piece of an upload is at most 1 MiB. */
const requestBytesMax: number = 4 * MiB;
/** Answers that their callers have not read yet, of all callers together. */
const unreadAnswerBytesMax: number = 128 * MiB;
/**
 * Calls of one connection at a time, open streams included; further ones wait at their caller. What so many bring at once is
 * decoded before anybody can put it off: with a thousand of 64 KiB that took longer than two heartbeats.
 */
const callsPerConnectionMax = 256;
/** A connection is asked for a sign of life this often, and closed without one: a host that is gone reads nothing. */
const keepaliveMs: number = 30 * second;
const keepaliveTimeoutMs: number = 10 * second;
const stopMs = 500;

export class GrpcDoor implements Door {
  readonly #options: DoorOptions;
  readonly #modules: DoorModules;
  readonly #server: Server;
  readonly #health: Health;
  #port = 0;
  #stopping: Promise<void> | undefined;

  constructor(options: DoorOptions, modules: DoorModules) {
    this.#options = options;
    this.#modules = modules;
    const unread = new UnreadAnswers({ unreadAnswerBytesMax }, modules);
    this.#server = new Server({
      "grpc.max_receive_message_length": requestBytesMax,
      "grpc.max_send_message_length": answerBytesMax,
      "grpc.max_concurrent_streams": callsPerConnectionMax,
      "grpc.keepalive_time_ms": keepaliveMs,
      "grpc.keepalive_timeout_ms": keepaliveTimeoutMs,
      "grpc.enable_channelz": 0,
      interceptors: [unread.intercept],
    });
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
    const definition = protocol[fullName(key)] as ServiceDefinition;
    const streams =
      key === "registry" || key === "resource" ? streamHandlers(this.#modules)[key] : {};
    const unary = allCalls
      .filter(({ service }) => service === key)
      .map((call) => {
        const encode = answerEncoder(definition, call.method);
        return [call.method, unaryHandler(call, encode, this.#modules)] as const;
      });
    const implementation: UntypedServiceImplementation = {
      ...Object.fromEntries(unary),
      ...streams,
    };
    this.#server.addService(tolerantService(definition), implementation);
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
