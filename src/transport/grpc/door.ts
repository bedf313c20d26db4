// The peer port: one grpc-js server behind a listener of our own, because gRPC bounds neither how many connections it
// takes nor how long they may say nothing.
import { type AddressInfo, createServer, type Server as Listener } from "node:net";
import { Server, type UntypedServiceImplementation } from "@grpc/grpc-js";
import { messageOf } from "../../base/errors.ts";
import { transportErrors } from "../errors.ts";
import { type DoorLimits, stopDoorMs } from "../limits.ts";
import { CallGuard } from "./call-guard.ts";
import { doorCredentials, serverOptions, type TransportTls } from "./channel.ts";
import { Connections, type ConnectionsModules } from "./connections.ts";
import { raftService } from "./service.ts";

export interface DoorOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly tls: TransportTls | undefined;
  readonly limits: DoorLimits;
}

export type DoorModules = ConnectionsModules;

interface HostAndPort {
  readonly host: string;
  readonly port: number;
}

/** `host:port` or `[v6]:port`, without brackets in `host`. */
export function splitAddress(address: string): HostAndPort {
  const colon = address.lastIndexOf(":");
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, "$1");
  return { host, port: Number(address.slice(colon + 1)) };
}

export class Door {
  readonly #options: DoorOptions;
  readonly #modules: DoorModules;
  readonly #grpc: Server;
  readonly #listener: Listener;
  readonly #connections: Connections;

  constructor(options: DoorOptions, modules: DoorModules) {
    this.#options = options;
    this.#modules = modules;
    const { limits } = options;
    this.#connections = new Connections(limits, modules);
    const onCall = (caller: string): void => {
      this.#connections.called(caller);
    };
    const isAdmitted = (caller: string): boolean => this.#connections.isAdmitted(caller);
    this.#grpc = new Server({
      ...serverOptions(limits.streamsPerConnectionMax),
      interceptors: [new CallGuard(limits, { ...modules, onCall, isAdmitted }).intercept],
    });
    this.#listener = createServer({ noDelay: true });
  }

  /** The port that was bound. Rejects with ADDRESS_IN_USE or BIND_FAILED. */
  async start(handlers: UntypedServiceImplementation): Promise<number> {
    this.#grpc.addService(raftService, handlers);
    const injector = this.#grpc.createConnectionInjector(doorCredentials(this.#options.tls));
    this.#listener.on("connection", (socket) => {
      if (this.#connections.add(socket)) injector.injectConnection(socket);
    });
    return this.#listen();
  }

  /** `caller` (its address and port) is a peer of this cluster. */
  admitted(caller: string): void {
    this.#connections.admitted(caller);
  }

  /** Waits (bounded) for open calls, then closes what is left. */
  stop(): Promise<void> {
    this.#listener.close();
    return new Promise((resolve) => {
      const end = (): void => {
        this.#grpc.forceShutdown();
        this.#connections.destroyAll();
        resolve();
      };
      const cancel = this.#modules.clock.after(stopDoorMs, end);
      this.#grpc.tryShutdown(() => {
        cancel();
        end();
      });
    });
  }

  #listen(): Promise<number> {
    const { listen } = this.#options;
    return new Promise((resolve, reject) => {
      this.#listener.once("error", (cause: NodeJS.ErrnoException) => {
        const taken = cause.code === "EADDRINUSE";
        reject(taken ? addressInUse(listen, cause) : bindFailed(listen, cause));
      });
      this.#listener.listen({ ...splitAddress(listen), exclusive: true }, () => {
        // From here on it can only be one connection that could not be taken, e.g. for want of file descriptors.
        this.#listener.removeAllListeners("error").on("error", (error) => {
          this.#modules.logger.warn({ error: error.message }, "connection not accepted");
        });
        resolve((this.#listener.address() as AddressInfo).port);
      });
    });
  }
}

function addressInUse(listen: string, cause: Error): Error {
  const message = `the peer address ${listen} is taken by another process`;
  return transportErrors.ADDRESS_IN_USE(message, { fields: { address: listen }, cause });
}

function bindFailed(listen: string, cause: Error): Error {
  const message = `the peer address ${listen} cannot be bound: ${messageOf(cause)}`;
  return transportErrors.BIND_FAILED(message, { fields: { address: listen }, cause });
}
