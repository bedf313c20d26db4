// Bad input by force, at real servers that are at work: noise on the peer ports, clients that never read, more and larger
// writes than the limits allow. Each is refused by name and bounded in memory; nothing is lost and nobody is elected.
import { randomBytes } from "node:crypto";
import { connect as connectHttp2 } from "node:http2";
import { connect } from "node:net";
import { isDeepStrictEqual } from "node:util";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { QuorateError } from "../../src/base/errors.ts";
import { serviceMethods } from "../../src/client/protocol.ts";
import { useStage } from "./support/stage.ts";
import { watchStalls } from "./support/stall-watch.ts";

const stage = useStage({ servers: 3, jobs: 1 });
/** What any of this may add to a server's memory, coarsely. */
const growthBytesMax = 256 * 1024 * 1024;
/** Half of the shortest election timeout: the other half may have been spent on something else. */
const stallMs = 150;
const roundsMax = 4;

function first(): Machine {
  const [machine] = stage().cluster.machines;
  if (machine === undefined) throw new Error("there is no machine");
  return machine;
}

describe("while the cluster is at work", () => {
  interface Seen {
    readonly term: number;
    readonly rssBytes: number;
  }

  interface Terms {
    readonly before: readonly number[];
    readonly after: readonly number[];
  }

  async function views(): Promise<readonly Seen[]> {
    const { client, cluster } = stage();
    return await Promise.all(
      cluster.machines.map(({ grpcAddress }) => client.cluster.status(grpcAddress)),
    );
  }

  /** Whether all servers kept their leader; said again when the machine itself stood still for long enough to lose one. */
  async function unharmed(bad: () => Promise<void>): Promise<void> {
    for (let round = 1; ; round += 1) {
      const stalls = await watchStalls();
      const terms = await harmless(bad);
      const longestMs = await stalls.stop();
      const isSame = isDeepStrictEqual(terms.after, terms.before);
      if (isSame) return;
      const facts = `terms ${String(terms.before)} -> ${String(terms.after)}, longest stall ${longestMs.toFixed(0)} ms`;
      // Without a stall it was the input that did it.
      expect(longestMs, facts).toBeGreaterThan(stallMs);
      expect(round, facts).toBeLessThan(roundsMax);
    }
  }

  /** `bad` beside writes: bounded memory, and all that was acknowledged is there, before and during. */
  async function harmless(bad: () => Promise<void>): Promise<Terms> {
    const { client } = stage();
    const prefix = `work/${String(Math.random())}/`;
    await client.kv.put(`${prefix}before`, "before");
    const before = await views();
    const end = new AbortController();
    let count = 0;
    const working = (async () => {
      while (!end.signal.aborted) {
        try {
          await client.kv.put(`${prefix}${String(count)}`, String(count));
          count += 1;
        } catch (error) {
          // A flood may reach the bound that this write shares with it; that it says so is what is tested here.
          if (!(error instanceof QuorateError) || error.kind !== "exhausted") throw error;
        }
      }
    })();
    try {
      await bad();
    } finally {
      end.abort();
      await working;
    }
    const after = await views();
    for (const [i, { rssBytes }] of after.entries()) {
      expect(rssBytes - (before[i]?.rssBytes ?? 0)).toBeLessThan(growthBytesMax);
    }
    expect(count).toBeGreaterThan(0);
    expect((await client.kv.get(`${prefix}before`)).value.toString()).toBe("before");
    const last = String(count - 1);
    expect((await client.kv.get(`${prefix}${last}`)).value.toString()).toBe(last);
    return { before: before.map(({ term }) => term), after: after.map(({ term }) => term) };
  }

  test("garbage on every peer port: refused, told once for all of it", async () => {
    const { machines } = stage().cluster;
    const noises = [
      () => Buffer.concat([Buffer.from([0xff]), randomBytes(64 * 1024)]),
      () => Buffer.from("GET / HTTP/1.1\r\n\r\n"),
      () => Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc]),
    ];
    await unharmed(async () => {
      for (let i = 0; i < 120; i += 1) {
        const noise = noises[i % noises.length]?.() ?? Buffer.of();
        await Promise.all(
          machines.map(({ ports }) => {
            const socket = connect(ports.peer, "127.0.0.1");
            socket.on("error", () => socket.destroy());
            socket.resume();
            socket.write(noise);
            return new Promise((resolve) => socket.once("close", resolve));
          }),
        );
      }
    });
    for (const machine of machines) {
      const told = machine.log().split("\n");
      const refusals = told.filter((line) => line.includes("QUORATE_TRANSPORT_NO_CALL"));
      expect(refusals).toHaveLength(1);
      expect(JSON.parse(refusals[0] ?? "")).toMatchObject({ level: "warn", reason: "garbage" });
    }
  });

  test("clients that never read: bounded, and others are served", async () => {
    const session = connectHttp2(`http://${first().grpcAddress}`);
    session.on("error", () => undefined);
    let answered = 0;
    const ask = (path: string, message: Buffer): void => {
      const head = Buffer.alloc(5);
      head.writeUInt32BE(message.length, 1);
      const type = { te: "trailers", "content-type": "application/grpc" };
      const stream = session.request({ ":method": "POST", ":path": path, ...type });
      stream.on("error", () => undefined);
      stream.once("response", () => {
        answered += 1;
      });
      stream.end(Buffer.concat([head, message]));
    };
    const { WatchServers } = serviceMethods("registry");
    const { Download } = serviceMethods("resource");
    const asked = 200;
    await unharmed(async () => {
      answered = 0;
      for (let i = 0; i < asked / 2; i += 1) {
        ask(WatchServers.path, WatchServers.requestSerialize({}));
        ask(Download.path, Download.requestSerialize({ name: "ticker.mjs" }));
      }
      await until("all are being answered", () => (answered === asked ? true : undefined));
    });
    session.destroy();
  });

  test("more writes at once than may be under way: each is done or refused by name", async () => {
    const { Put } = serviceMethods("registry");
    const { grpcAddress } = await stage().follower();
    const ownConnection = { "grpc.use_local_subchannel_pool": 1 };
    // More than one: each connection's own bound of calls would keep the rest at the client.
    const clients = Array.from(
      { length: 12 },
      () => new Client(grpcAddress, credentials.createInsecure(), ownConnection),
    );
    const writes = 6000;
    const refusals = new Map<string, number>();
    let done = 0;
    const put = (i: number): Promise<void> =>
      new Promise((resolve) => {
        const { requestSerialize, responseDeserialize } = Put;
        const row = { key: `flood/${String(i % 100)}`, value: Buffer.from("x") };
        const answered = (error: ServiceError | null): void => {
          const key = error === null ? "" : `${status[error.code]} ${error.details}`;
          if (error === null) done += 1;
          else refusals.set(key, (refusals.get(key) ?? 0) + 1);
          resolve();
        };
        clients[i % clients.length]?.makeUnaryRequest(
          ...([Put.path, requestSerialize, responseDeserialize, row, answered] as const),
        );
      });
    await unharmed(async () => {
      done = 0;
      refusals.clear();
      await Promise.all(Array.from({ length: writes }, (_, i) => put(i)));
    });
    for (const client of clients) client.close();
    expect(done).toBeGreaterThan(0);
    // A leader that is quick enough does all of them; the bound itself has a test of its own (integration/bad-input/proposals).
    for (const said of refusals.keys()) {
      expect(said).toContain("RESOURCE_EXHAUSTED QUORATE_TRANSPORT_LIMIT_REACHED");
      expect(said).toContain("callsInFlightMax");
    }
    expect(done + [...refusals.values()].reduce((sum, count) => sum + count, 0)).toBe(writes);
  });

  test("a value that is too large: refused by name, a thousand times", async () => {
    const { Put } = serviceMethods("registry");
    const client = new Client(first().grpcAddress, credentials.createInsecure());
    const value = Buffer.alloc(64 * 1024 + 1);
    const said = new Set<string>();
    const put = (): Promise<void> =>
      new Promise((resolve) => {
        const { requestSerialize, responseDeserialize } = Put;
        const answered = (error: ServiceError | null): void => {
          said.add(
            error === null
              ? "done"
              : (`${status[error.code]} ${error.details}`.split(":")[0] ?? ""),
          );
          resolve();
        };
        const row = { key: "too/large", value };
        client.makeUnaryRequest(Put.path, requestSerialize, responseDeserialize, row, answered);
      });
    await unharmed(async () => {
      await Promise.all(Array.from({ length: 1000 }, put));
    });
    client.close();
    expect([...said]).toEqual(["INVALID_ARGUMENT QUORATE_API_BAD_REQUEST"]);
  });
});
