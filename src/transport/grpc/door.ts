// The peer port: one grpc-js server.
import { createServer } from "node:net";
import { Server, type UntypedServiceImplementation } from "@grpc/grpc-js";
import type { Clock } from "../../base/clock.ts";
import { messageOf } from "../../base/errors.ts";
import { transportErrors } from "../errors.ts";
import { stopDoorMs } from "../limits.ts";
import { doorCredentials, serverOptions, type TransportTls } from "./channel.ts";
import { raftService } from "./service.ts";

export interface DoorOptions {
  /** host:port; port 0 takes a free one. */
  readonly listen: string;
  readonly tls: TransportTls | undefined;
}

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
  readonly #clock: Clock;
  readonly #server: Server;

  constructor(options: DoorOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#server = new Server(serverOptions);
  }

  /** The port that was bound. Rejects with ADDRESS_IN_USE or BIND_FAILED. */
  async start(handlers: UntypedServiceImplementation): Promise<number> {
    const { listen, tls } = this.#options;
    await probe(listen);
    this.#server.addService(raftService, handlers);
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(listen, doorCredentials(tls), (cause, port) => {
        if (cause === null) resolve(port);
        else reject(bindFailed(listen, cause));
      });
    });
  }

  /** Waits (bounded) for open calls, then closes what is left. */
  stop(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(stopDoorMs, () => {
        this.#server.forceShutdown();
        resolve();
      });
      this.#server.tryShutdown(() => {
        cancel();
        this.#server.forceShutdown();
        resolve();
      });
    });
  }
}

/** grpc-js reports a failed bind as text only; a plain socket tells the reason as a code, and first. */
function probe(listen: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken = cause.code === "EADDRINUSE";
      reject(taken ? addressInUse(listen, cause) : bindFailed(listen, cause));
    });
    server.listen({ ...splitAddress(listen), exclusive: true }, () => {
      server.close(() => {
        resolve();
      });
    });
  });
}

function addressInUse(listen: string, cause: Error): Error {
  const message = `the peer address ${listen} is taken by another process`;
  return transportErrors.ADDRESS_IN_USE(message, { fields: { address: listen }, cause });
}

function bindFailed(listen: string, cause: Error): Error {
  const message = `the peer address ${listen} cannot be bound: ${messageOf(cause)}`;
  return transportErrors.BIND_FAILED(message, { fields: { address: listen }, cause });
}
