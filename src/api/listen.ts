// Why a door could not be opened, in the words of the person who started it.
import { createServer } from "node:net";
import { messageOf } from "../base/errors.ts";
import { apiErrors } from "./errors.ts";
import type { DoorOptions } from "./services.ts";

/** host:port, with the brackets that an IPv6 address needs. */
export function hostAndPort({ host, port }: DoorOptions): string {
  return `${host.includes(":") ? `[${host}]` : host}:${String(port)}`;
}

/** ADDRESS_IN_USE, or LISTEN_FAILED for any other reason. */
export function listenFailed(door: string, options: DoorOptions, cause: unknown): Error {
  const { host, port } = options;
  const details = { cause, fields: { host, port } };
  const where = `the ${door} door cannot listen on ${hostAndPort(options)}`;
  const taken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
  return taken
    ? apiErrors.ADDRESS_IN_USE(where, details)
    : apiErrors.LISTEN_FAILED(`${where}: ${messageOf(cause)}`, details);
}

/** grpc-js tells of a failed bind as text only; a plain socket gives the reason as a code, and first. */
export function probe(door: string, options: DoorOptions): Promise<void> {
  const { host, port } = options;
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", (cause) => {
      reject(listenFailed(door, options, cause));
    });
    server.listen({ host, port, exclusive: true }, () => {
      server.close(() => {
        resolve();
      });
    });
  });
}
