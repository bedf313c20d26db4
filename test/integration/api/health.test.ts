// GetHealth through both doors of a server that is no member of a cluster: then it is the only call that is answered.
import { afterEach, expect, test } from "vitest";
import { GrpcDoor } from "../../../src/api/grpc/grpc-door.ts";
import { ServerHealth } from "../../../src/api/health-report.ts";
import { HttpDoor } from "../../../src/api/http/http-door.ts";
import { Turns } from "../../../src/api/turns.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { QuorateClient } from "../../../src/client/quorate-client.ts";
import { systemClock } from "../../../src/server/system/clock.ts";

const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function doors(): Promise<{ http: HttpDoor; grpc: GrpcDoor }> {
  const health = new ServerHealth(
    { version: "1.2.3" },
    {
      clock: { nowMs: () => 10 },
      wallClock: { wallMs: () => 1_700_000_000_000 },
      identity: () => ({ serverId: "s1", clusterId: "" }),
      condition: () => "quarantined",
    },
  );
  const finding = { severity: "error", code: "disk-full", what: "full", doThis: "tidy" } as const;
  health.addSource({ findings: () => [finding] });
  health.addFigures(() => ({
    diskTotalBytes: 2 ** 40,
    chunks: { held: 3, lacking: 2, damaged: 1, repaired: 0 },
  }));
  const modules = {
    services: () => undefined,
    health,
    logger: silentLogger,
    turns: new Turns(systemClock),
  };
  const http = new HttpDoor({ host: "127.0.0.1", port: 0 }, modules);
  const grpc = new GrpcDoor({ host: "127.0.0.1", port: 0 }, modules);
  await http.start();
  await grpc.start();
  stops.push(
    () => http.stop(),
    () => grpc.stop(),
  );
  return { http, grpc };
}

const expected = {
  serverId: "s1",
  clusterId: "",
  version: "1.2.3",
  condition: "quarantined",
  findings: [{ severity: "error", code: "disk-full", what: "full", doThis: "tidy" }],
  diskFreeBytes: 0,
  diskTotalBytes: 2 ** 40,
  chunks: { held: 3, lacking: 2, damaged: 1, repaired: 0 },
  logEntries: 0,
  wallMs: 1_700_000_000_000,
};

test("is answered before the server is a member", async () => {
  const { http, grpc } = await doors();
  const answer = await fetch(`http://${http.address}/v1/health`);
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject(expected);
  const client = new QuorateClient({ addresses: [grpc.address] });
  stops.push(() => {
    client.close();
    return Promise.resolve();
  });
  expect(await client.cluster.health()).toMatchObject(expected);
  await expect(client.cluster.status(grpc.address, { deadlineMs: 300 })).rejects.toMatchObject({
    code: "QUORATE_API_NOT_READY",
  });
});
