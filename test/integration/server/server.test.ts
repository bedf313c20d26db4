// A whole server over a real directory and real doors, started and stopped in this process.
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { silentLogger } from "../../../src/base/logger.ts";
import { readOptions } from "../../../src/server/config/parse.ts";
import { toSettings } from "../../../src/server/config/settings.ts";
import { systemModules } from "../../../src/server/modules.ts";
import { QuorateServer } from "../../../src/server/server.ts";

let directory: string;
let servers: QuorateServer[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "quorate-server-"));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(directory, { recursive: true });
});

const fatal: unknown[] = [];

async function make(name: string, argv: readonly string[] = []): Promise<QuorateServer> {
  const ports = ["--http-port", "--grpc-port", "--peer-port"].flatMap((flag) => [flag, "0"]);
  const settings = toSettings(
    readOptions(["--data", join(directory, name), "--no-runner", ...ports, ...argv], {}),
  );
  const hooks = {
    onFatal: (error: unknown) => fatal.push(error),
    onRemoved: (reason: Error) => fatal.push(reason),
  };
  const server = new QuorateServer(
    { settings, hooks, parent: undefined },
    await systemModules(silentLogger),
  );
  servers.push(server);
  return server;
}

async function until(reached: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; turn < 1000; turn += 1) {
    if (await reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error("not reached");
}

async function ready(server: QuorateServer): Promise<boolean> {
  const { status } = await fetch(`http://${server.httpAddress}/readyz`);
  return status === 200;
}

const by = { actor: "test", deadlineMs: 5000 };

test("a cluster of one is ready soon, keeps what it was told, and comes back as itself", async () => {
  const first = await make("one", ["--id", "solo"]);
  await first.start();
  await until(() => ready(first));
  const { kv } = first.services!;
  await kv.put({ key: "k", value: Buffer.from("v"), condition: { kind: "none" } }, by);
  const { clusterId } = first.services!.facts;
  await first.stop();
  await first.stop();
  const second = await make("one");
  await second.start();
  await until(() => ready(second));
  expect(second.services!.facts).toMatchObject({ clusterId, serverId: "solo" });
  expect(Buffer.from((await second.services!.kv.get("k", by))!.value).toString()).toBe("v");
  // Its addresses are others now: the record follows.
  const { httpAddress } = second;
  await until(
    () => second.services!.replica.state.server("solo")?.profile.httpAddress === httpAddress,
  );
  expect(fatal).toEqual([]);
});

test("a server is started once", async () => {
  const server = await make("one");
  const starting = server.start();
  expect(() => server.start()).toThrow(/started before/);
  await starting;
});

describe("a start that cannot be", () => {
  let taken: Server;
  let port: string;
  beforeEach(async () => {
    taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
    port = String((taken.address() as { port: number }).port);
  });
  afterEach(() => new Promise((resolve) => taken.close(resolve)));

  test.each([
    ["--http-port", "QUORATE_API_ADDRESS_IN_USE"],
    ["--grpc-port", "QUORATE_API_ADDRESS_IN_USE"],
    ["--peer-port", "QUORATE_TRANSPORT_ADDRESS_IN_USE"],
  ])("for want of %s says so and leaves nothing running", async (flag, code) => {
    const server = await make("one", [flag, port]);
    await expect(server.start()).rejects.toMatchObject({ code });
    await server.stop();
    const again = await make("one");
    await again.start();
  });

  test("because another process has the data directory", async () => {
    await (await make("one")).start();
    const second = await make("one");
    await expect(second.start()).rejects.toMatchObject({
      code: expect.stringMatching(/^QUORATE_STORAGE_/) as string,
    });
  });
});

describe("a stop", () => {
  test("while it waits for the others ends the start with a code", async () => {
    const server = await make("one", ["--join", "127.0.0.1:9,127.0.0.1:10"]);
    const started = expect(server.start()).rejects.toMatchObject({
      code: "QUORATE_SERVER_START_ABANDONED",
    });
    await until(() => !server.httpAddress.endsWith(":0"));
    await server.stop();
    await started;
  });

  test("before it has got anywhere ends the start as well", async () => {
    const server = await make("one", ["--join", "127.0.0.1:9,127.0.0.1:10"]);
    const started = expect(server.start()).rejects.toMatchObject({
      code: "QUORATE_SERVER_START_ABANDONED",
    });
    await server.stop();
    await started;
  });

  test("of a server that was never started is nothing", async () => {
    const server = await make("one");
    await server.stop();
  });
});

test("an address of IPv6 is written as others can use it", async () => {
  const server = await make("one", ["--host", "::1"]);
  try {
    await server.start();
  } catch (error) {
    // A machine without IPv6 has nothing to show here but the reason.
    expect(error).toMatchObject({
      code: expect.stringMatching(/BIND_FAILED|LISTEN_FAILED/) as string,
    });
    return;
  }
  expect(server.httpAddress).toMatch(/^\[::1\]:[0-9]+$/);
  expect(server.grpcAddress).toMatch(/^\[::1\]:[0-9]+$/);
  expect(server.peerAddress).toMatch(/^\[::1\]:[0-9]+$/);
  await until(() => ready(server));
});
