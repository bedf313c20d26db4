// Three real servers in this process; the leader goes away in the middle of many writes. Every write is done, and none
// twice: the version of a key counts its writes.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type EmbeddedServer, QuorateClient, startServer } from "../../../src/index.ts";

const count = 3;
const writes = 300;
const boundMs = 60_000;

let folder: string;
let servers: EmbeddedServer[] = [];

/** Below the range from which the system gives ports to outgoing connections, so that it stays free. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!isFree) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-failover-"));
  const peerPorts = await Promise.all(Array.from({ length: count }, freePort));
  const peers = peerPorts.map((port) => `127.0.0.1:${String(port)}`);
  servers = await Promise.all(
    peerPorts.map((peerPort, at) =>
      startServer({
        data: join(folder, `s${String(at)}`),
        id: `s${String(at)}`,
        join: peers,
        peerPort,
      }),
    ),
  );
}, boundMs);

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(folder, { recursive: true, force: true });
}, boundMs);

test(
  "writes go on through the loss of the leader, each done once",
  async () => {
    const addresses = servers.map(({ grpcAddress }) => grpcAddress);
    const client = new QuorateClient({ addresses, deadlineMs: boundMs / 2 });
    try {
      await client.kv.put("count", "0");
      const { leaderId } = await client.cluster.status();
      const leader = servers[Number(leaderId.slice(1))];
      let stopping: Promise<void> | undefined;
      let done = 0;
      await Promise.all(
        Array.from({ length: 16 }, async () => {
          while (done < writes) {
            done += 1;
            if (done === writes / 3) stopping = leader?.stop();
            await client.kv.put("count", String(done));
          }
        }),
      );
      await stopping;
      const { version } = await client.kv.get("count");
      expect(version).toBe(done + 1);
      const survivor = (await client.cluster.status()).leaderId;
      expect(survivor).not.toBe(leaderId);
    } finally {
      client.close();
    }
  },
  boundMs,
);
