// One set of servers for the tests of a file; the ends of their logs when a test has failed.
import { afterAll, afterEach, beforeAll } from "vitest";
import { type DurableOptions, DurableServers } from "./servers.ts";

export function useServers(options: DurableOptions = {}): () => DurableServers {
  let servers: DurableServers | undefined;
  beforeAll(async () => {
    servers = await DurableServers.open(options);
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") process.stderr.write(`${servers?.logs() ?? ""}\n`);
  });
  afterAll(async () => {
    await servers?.close();
  });
  return () => {
    if (servers === undefined) throw new Error("the servers did not start");
    return servers;
  };
}
