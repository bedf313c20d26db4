// Three servers that were away: elsewhere when they come back, or taken out meanwhile.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LogFields, Logger } from "../../../src/base/logger.ts";
import { silentLogger } from "../../../src/base/logger.ts";
import { peerId } from "../../../src/base/numbers.ts";
import type { QuorateServer } from "../../../src/server/server.ts";
import { systemClock } from "../../../src/server/system/clock.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { freePorts, isReady, Place, until } from "./support.ts";

let place: Place;
beforeEach(() => {
  place = new Place();
});
afterEach(() => place.end());

const by = { actor: "test", deadlineMs: 5000 };
const names = ["s1", "s2", "s3"];

function argvOf(name: string, ports: readonly number[]): string[] {
  const join = ports.map((port) => `127.0.0.1:${String(port)}`).join(",");
  const own = String(ports[names.indexOf(name)]);
  return ["--id", name, "--peer-port", own, "--join", join];
}

/** All of `which`, started together and ready. */
async function startAll(
  ports: readonly number[],
  which: readonly string[] = names,
): Promise<QuorateServer[]> {
  const servers = await Promise.all(which.map((name) => place.make(name, argvOf(name, ports))));
  await Promise.all(servers.map((server) => server.start()));
  for (const server of servers) await until("it is ready", () => isReady(server));
  return servers;
}

const stopAll = (servers: readonly QuorateServer[]): Promise<unknown> =>
  Promise.all(servers.map((server) => server.stop()));

describe("servers that come back at other addresses", () => {
  test("all at once find each other, and the table follows", async () => {
    await stopAll(await startAll(await freePorts(3)));
    const ports = await freePorts(3);
    const [first] = await startAll(ports);
    const { state } = first!.services!.replica;
    const recorded = (): string[] => state.servers().map((row) => row.profile.peerAddress);
    const expected = ports.map((port) => `127.0.0.1:${String(port)}`);
    await until("every record is new", () => recorded().join() === expected.join());
  });

  test("while another one is away as well are a majority with the one that stayed", async () => {
    const before = await freePorts(3);
    const [stays, ...away] = await startAll(before);
    await stopAll(away);
    const [elsewhere] = await freePorts(1);
    const moved = await place.make("s2", argvOf("s2", [before[0]!, elsewhere!, before[2]!]));
    await moved.start();
    await until("it is ready", () => isReady(moved));
    await until(
      "its record is new",
      () =>
        stays!.services!.replica.state.server("s2")?.profile.peerAddress ===
        `127.0.0.1:${String(elsewhere)}`,
    );
  });
});

describe("a server that was away while the others moved", () => {
  const write = (server: QuorateServer, key: string): Promise<unknown> =>
    server.services!.kv.put(
      { key, value: Buffer.from("v"), condition: { kind: "none" } },
      { actor: "test", deadlineMs: 10_000 },
    );
  const readsAll = async (server: QuorateServer): Promise<void> => {
    const { kv } = server.services!;
    await until("it has what was written meanwhile", async () => {
      try {
        return (await kv.get("late", { actor: "test", deadlineMs: 500 })) !== undefined;
      } catch {
        return false;
      }
    });
  };
  let old: number[];
  let fresh: number[];

  /** The first two are elsewhere now, and have written something that the third lacks. */
  async function moved(): Promise<QuorateServer[]> {
    old = await freePorts(3);
    await stopAll(await startAll(old));
    const [one, two] = await freePorts(2);
    fresh = [one!, two!, old[2]!];
    const servers = await startAll(fresh, ["s1", "s2"]);
    for (let i = 0; i < 50; i += 1) await write(servers[0]!, `key${String(i)}`);
    await write(servers[0]!, "late");
    return servers;
  }

  test("is told by them, although it knows old addresses only", async () => {
    await moved();
    const third = await place.make("s3", argvOf("s3", old));
    await third.start();
    await readsAll(third);
  });

  test("finds them where its command line says, when they have forgotten that they moved", async () => {
    await stopAll(await moved());
    await startAll(fresh, ["s1", "s2"]);
    const third = await place.make("s3", argvOf("s3", fresh));
    await third.start();
    await readsAll(third);
  });
});

describe("a server that was removed", () => {
  test("while it was away ends with the reason when it is started again", async () => {
    const ports = await freePorts(3);
    const [one, two, three] = await startAll(ports);
    await three!.stop();
    await one!.services!.members.remove({ serverId: "s3" }, by);
    const again = await place.make("s3", argvOf("s3", ports));
    await again.start();
    await until("it knows", () => place.removed.length > 0);
    expect(place.removed).toMatchObject([
      { code: "QUORATE_SERVER_REMOVED", message: "s3 was taken out of the cluster" },
    ]);
    expect((place.removed[0] as { help: string }).help).toContain("empty data directory");
    expect(await isReady(two!)).toBe(true);
  });

  test("as a process of its own says so in one line and leaves with 0, also the second time", async () => {
    const ports = await freePorts(3);
    const argv = argvOf("s3", ports);
    const first = place.spawn("s3", argv);
    const [one] = await startAll(ports, ["s1", "s2"]);
    await until("the third is up to date", async () => {
      const views = await one!.services!.members.list(by);
      return views.length === 3 && views.every(({ liveness }) => liveness === "up");
    });
    await one!.services!.members.remove({ serverId: "s3" }, by);
    expect(await first.exit).toBe(0);
    const second = place.spawn("s3", argv);
    expect(await second.exit).toBe(0);
    for (const { lines } of [first, second]) {
      const errors = lines.filter(({ level }) => level === "error");
      expect(errors).toMatchObject([
        {
          level: "error",
          code: "QUORATE_SERVER_REMOVED",
          error: "s3 was taken out of the cluster",
          help: expect.stringContaining("empty data directory") as string,
        },
      ]);
    }
  });
});

test("what knocks at the peer door by mistake is told of once", async () => {
  const warnings: LogFields[] = [];
  const debug: LogFields[] = [];
  const logger: Logger = {
    ...silentLogger,
    debug: (fields) => debug.push(fields),
    warn: (fields) => warnings.push(fields),
    child: () => logger,
  };
  const server = await place.make("s1", ["--id", "s1"], logger);
  await server.start();
  await until("it is ready", () => isReady(server));
  const stranger = new GrpcTransport(
    { listen: "127.0.0.1:0" },
    { clock: systemClock, logger: silentLogger },
  );
  await stranger.start({
    onMessage: () => undefined,
    onCall: () => Promise.reject(new Error("nothing")),
    onPull: () => {
      throw new Error("nothing");
    },
    onHello: () => Promise.reject(new Error("nothing")),
    onDisconnected: () => undefined,
    onConnected: () => undefined,
  });
  stranger.identify({ clusterId: "other", generation: 1, peerId: peerId(2) });
  stranger.setPeers([{ peerId: peerId(1), address: server.peerAddress }]);
  const foreign = (lines: readonly LogFields[]): number =>
    lines.filter(({ code }) => code === "QUORATE_TRANSPORT_FOREIGN_PEER").length;
  await until("it has knocked several times", () => foreign(debug) >= 3);
  expect(foreign(warnings)).toBe(1);
  await stranger.stop();
});
