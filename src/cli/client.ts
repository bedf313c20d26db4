import type { QuorateClient } from "../client/quorate-client.ts";

/** What commands use of a client, so that tests can hand in another one. */
export type CliClient = Pick<
  QuorateClient,
  "kv" | "servers" | "cluster" | "resources" | "jobs" | "close"
>;

export interface ConnectOptions {
  readonly addresses: readonly string[];
  readonly actor: string;
  readonly deadlineMs?: number;
  readonly transferDeadlineMs?: number;
}

export type Connect = (options: ConnectOptions) => Promise<CliClient>;

/** Loads gRPC only when a command talks to a server. */
export async function connect(options: ConnectOptions): Promise<CliClient> {
  const { QuorateClient } = await import("../client/quorate-client.ts");
  return new QuorateClient(options);
}
