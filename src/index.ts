// The embedded library: a server of a Quorate cluster inside one's own process, and a typed client.

import { type Logger, silentLogger } from "./base/logger.ts";
import { type RawValues, readOptions } from "./server/config/parse.ts";
import { toSettings } from "./server/config/settings.ts";
import { systemModules } from "./server/modules.ts";
import { QuorateServer } from "./server/server.ts";

export { type ErrorRecord, QuorateError } from "./base/errors.ts";
export type { Logger } from "./base/logger.ts";
export { QuorateClient, type QuorateClientOptions } from "./client/quorate-client.ts";

export interface EmbeddedOptions {
  /** Directory of this server's data; it is created when it does not exist. */
  readonly data: string;
  /** Stable name of this server; generated and kept when not given. */
  readonly id?: string;
  /** Peer addresses of the servers to form a cluster with or to join; none = a cluster of one. */
  readonly join?: readonly string[];
  /** How many servers found the cluster; as many as `join` lists when not given. */
  readonly expect?: number;
  /**
   * Ports of the doors; any free one when not given. Servers of a cluster of more than one need fixed ports: they look
   * for each other where they were, and if all of them moved at once nobody could be found.
   */
  readonly httpPort?: number;
  readonly grpcPort?: number;
  readonly peerPort?: number;
  readonly lease?: "fast" | "default" | "relaxed";
  /** Called when the server cannot go on, e.g. after a failed write. It serves nothing any more then. */
  readonly onFatal?: (error: unknown) => void;
  readonly logger?: Logger;
}

/** A running server. It runs no jobs itself: for that a machine needs a sentinel (`quorate server start`). */
export interface EmbeddedServer {
  /** host:port of the gRPC door, for `QuorateClient`. */
  readonly grpcAddress: string;
  readonly httpAddress: string;
  readonly peerAddress: string;
  /** Ordered and idempotent. */
  stop(): Promise<void>;
}

function rawValues(options: EmbeddedOptions): RawValues {
  const { data, id = "", join = [], expect = 0, lease = "default" } = options;
  const { httpPort = 0, grpcPort = 0, peerPort = 0 } = options;
  const argv = ["--data", data, "--lease", lease, "--expect", String(expect), "--no-runner"];
  if (id !== "") argv.push("--id", id);
  if (join.length > 0) argv.push("--join", join.join(","));
  argv.push(
    "--http-port",
    String(httpPort),
    "--grpc-port",
    String(grpcPort),
    "--peer-port",
    String(peerPort),
  );
  return readOptions(argv, {});
}

/**
 * Starts a server in this process and resolves when it is a member of its cluster. Rejects with a coded error
 * (`QuorateError`) when an option is wrong, a port is taken or the data directory is in use; nothing is left running
 * then.
 */
export async function startServer(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const settings = toSettings(rawValues(options));
  const modules = await systemModules(options.logger ?? silentLogger);
  const hooks = {
    onFatal: (error: unknown) => options.onFatal?.(error),
    onRemoved: (reason: Error) => options.onFatal?.(reason),
  };
  const server = new QuorateServer({ settings, hooks, parent: undefined }, modules);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  const { grpcAddress, httpAddress, peerAddress } = server;
  return { grpcAddress, httpAddress, peerAddress, stop: () => server.stop() };
}
