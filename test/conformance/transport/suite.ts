// What every transport promises (src/transport/contract.ts). Order and levels are checked, never durations.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { index, peerId, term } from "../../../src/base/numbers.ts";
import {
  messageBytesMax,
  type PullPiece,
  pullPieceBytes,
  type Transport,
} from "../../../src/transport/contract.ts";
import { transportErrors } from "../../../src/transport/errors.ts";
import {
  defaultLimits,
  earlierStartsMax,
  startNonceCharsMax,
  type TransportLimits,
} from "../../../src/transport/limits.ts";
import {
  append,
  collect,
  heartbeat,
  pieces,
  type RealClock,
  Recorder,
  range,
  rounds,
  type Server,
  until,
} from "./support.ts";

/** One network: fresh for every test. */
export interface World {
  readonly clock: RealClock;
  create(listen: string, limits: TransportLimits): Transport;
}

const anyPort = "127.0.0.1:0";
const one = peerId(1);
const two = peerId(2);

class Cluster {
  readonly world: World;
  readonly servers: Server[] = [];

  constructor(world: World) {
    this.world = world;
  }

  async stranger(listen: string = anyPort, limits = defaultLimits): Promise<Server> {
    const server = { transport: this.world.create(listen, limits), seen: new Recorder() };
    this.servers.push(server);
    await server.transport.start(server.seen);
    return server;
  }

  async server(id: number, listen?: string, limits?: TransportLimits): Promise<Server> {
    const server = await this.stranger(listen, limits);
    server.transport.identify({ clusterId: "c", generation: 1, peerId: peerId(id) });
    return server;
  }

  /** Servers 1 and 2, connected both ways. */
  async pair(limits?: TransportLimits): Promise<[Server, Server]> {
    const a = await this.server(1, anyPort, limits);
    const b = await this.server(2, anyPort, limits);
    connect(a, b, two);
    connect(b, a, one);
    await until(() => a.seen.count("up 2") === 1 && b.seen.count("up 1") === 1);
    return [a, b];
  }

  async stop(): Promise<void> {
    await Promise.all(this.servers.map(({ transport }) => transport.stop()));
  }
}

function connect(from: Server, to: Server, id: typeof one): void {
  from.transport.setPeers([{ peerId: id, address: to.transport.address }]);
}

const failure = async (work: Promise<unknown>): Promise<QuorateError> => {
  const thrown = await work.then(
    () => "no error",
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(QuorateError);
  return thrown as QuorateError;
};

export function describeTransport(name: string, newWorld: () => World): void {
  let cluster: Cluster;
  beforeEach(() => {
    cluster = new Cluster(newWorld());
  });
  afterEach(() => cluster.stop());

  describe(name, () => {
    describe("messages", () => {
      test("arrive complete and in order on each lane, over many turns", async () => {
        const [a, b] = await cluster.pair();
        for (const turn of range(20)) {
          a.transport.send(
            "control",
            range(25).map((i) => heartbeat(1, 2, turn * 25 + i)),
          );
          a.transport.send("bulk", [append(1, 2, Uint8Array.of(turn, 7, 7))]);
          await new Promise(setImmediate);
        }
        await until(() => b.seen.messages.length === 520);
        expect(rounds(b.seen.messages)).toEqual(range(500));
        const large = b.seen.messages.filter((message) => message.kind === "append");
        expect(large).toEqual(range(20).map((turn) => append(1, 2, Uint8Array.of(turn, 7, 7))));
        expect(a.transport.stats()).toMatchObject({ sent: 520, dropped: 0 });
        expect(b.transport.stats()).toMatchObject({ received: 520, refused: 0 });
      });

      test("go to the peers they name, also when all get the same entries", async () => {
        const a = await cluster.server(1);
        const others = [await cluster.server(2), await cluster.server(3)];
        a.transport.setPeers(
          others.map(({ transport }, i) => ({ peerId: peerId(i + 2), address: transport.address })),
        );
        await until(() => a.seen.events.length === 2);
        const { entries } = append(1, 2, new Uint8Array(1000).fill(3));
        a.transport.send(
          "bulk",
          [2, 3].map((to) => ({ ...append(1, to, Uint8Array.of()), entries })),
        );
        await until(() => others.every(({ seen }) => seen.messages.length === 1));
        for (const { seen } of others) expect(seen.messages[0]).toMatchObject({ entries });
        expect(others.map(({ seen }) => seen.messages[0]?.to)).toEqual([2, 3]);
      });

      test("on the control lane do not wait for large ones on the bulk lane", async () => {
        const [a, b] = await cluster.pair();
        const large = append(1, 2, new Uint8Array(1024 * 1024));
        a.transport.send(
          "bulk",
          range(16).map(() => large),
        );
        a.transport.send("control", [heartbeat(1, 2, 5)]);
        await until(() => b.seen.messages.length === 17);
        const position = b.seen.messages.findIndex((message) => message.kind === "heartbeat");
        expect(position).toBeLessThan(8);
      });

      test("without a connection are dropped, counted and reported once per turn", async () => {
        const a = await cluster.server(1);
        a.transport.send("control", [heartbeat(1, 2, 1), heartbeat(1, 2, 2), heartbeat(1, 3, 3)]);
        expect(a.seen.unreachable).toEqual([]);
        await until(() => a.seen.unreachable.length > 0);
        expect(a.seen.unreachable).toEqual([2, 3]);
        expect(a.transport.stats()).toMatchObject({ sent: 0, dropped: 3 });
      });

      test("from a peer that this server has not heard of are delivered", async () => {
        const [a, b] = [await cluster.server(1), await cluster.server(2)];
        connect(a, b, two);
        await until(() => a.seen.count("up 2") === 1);
        a.transport.send("control", [heartbeat(1, 2, 9)]);
        await until(() => b.seen.messages.length === 1);
        expect(b.transport.stats().refused).toBe(0);
      });
    });

    describe("queue limits", () => {
      const lane = { queueBytesMax: 10_000, queueMessagesMax: 10 };
      const limits = { control: lane, bulk: lane, callsInFlightMax: 2 };

      test("by count: what is over is dropped, counted, reported; the rest arrives", async () => {
        const [a, b] = await cluster.pair(limits);
        a.transport.send(
          "control",
          range(25).map((i) => heartbeat(1, 2, i)),
        );
        expect(a.transport.stats()).toMatchObject({ sent: 10, dropped: 15 });
        await until(() => b.seen.messages.length === 10 && a.seen.unreachable.length === 1);
        expect(rounds(b.seen.messages)).toEqual(range(10));
        a.transport.send("control", [heartbeat(1, 2, 99)]);
        await until(() => b.seen.messages.length === 11);
        expect(rounds(b.seen.messages).at(-1)).toBe(99);
      });

      test("by bytes, per lane", async () => {
        const [a, b] = await cluster.pair(limits);
        const large = append(1, 2, new Uint8Array(4000));
        a.transport.send("bulk", [large, large, large]);
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        expect(a.transport.stats()).toMatchObject({ sent: 3, dropped: 1 });
        await until(() => b.seen.messages.length === 3);
      });

      test("calls in flight", async () => {
        const [a, b] = await cluster.pair(limits);
        let release = (): void => undefined;
        const held = new Promise<Uint8Array>((resolve) => {
          release = () => {
            resolve(Uint8Array.of(1));
          };
        });
        b.seen.onCallDo = () => held;
        const running = [1, 2].map(() => a.transport.call(two, "wait", Uint8Array.of(), 15_000));
        const error = await failure(a.transport.call(two, "wait", Uint8Array.of(), 15_000));
        expect(error).toMatchObject({ code: "QUORATE_TRANSPORT_LIMIT_REACHED", kind: "exhausted" });
        expect(error.fields).toMatchObject({ limit: "callsInFlightMax" });
        release();
        await Promise.all(running);
        await expect(
          a.transport.call(two, "again", Uint8Array.of(), 15_000),
        ).resolves.toBeDefined();
      });
    });

    describe("peers", () => {
      test("setPeers connects, closes without calling it a break, and connects again", async () => {
        const [a, b] = await cluster.pair();
        a.transport.setPeers([]);
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        expect(a.transport.stats()).toMatchObject({ sent: 0, dropped: 1 });
        connect(a, b, two);
        await until(() => a.seen.count("up 2") === 2);
        a.transport.send("control", [heartbeat(1, 2, 2)]);
        await until(() => b.seen.messages.length === 1);
        expect(a.seen.events).toEqual(["up 2", "up 2"]);
        expect(b.seen.events).toEqual(["up 1"]);
      });

      test("setPeers with the same peers changes nothing; a new address moves the peer", async () => {
        const [a, b] = await cluster.pair();
        connect(a, b, two);
        const moved = await cluster.server(2);
        connect(a, moved, two);
        await until(() => a.seen.count("up 2") === 2);
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        await until(() => moved.seen.messages.length === 1);
        expect(b.seen.messages).toEqual([]);
        expect(a.seen.events).toEqual(["up 2", "up 2"]);
      });

      test("a break is reported once, retries are not, and a restart on the same port connects", async () => {
        const [a, b] = await cluster.pair();
        const { address } = b.transport;
        await b.transport.stop();
        await until(() => a.seen.count("down 2") === 1);
        const { clock } = cluster.world;
        const fired = clock.fired;
        await until(() => clock.fired >= fired + 3);
        expect(a.seen.events).toEqual(["up 2", "down 2"]);
        const again = await cluster.server(2, address);
        await until(() => a.seen.count("up 2") === 2);
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        await until(() => again.seen.messages.length === 1);
        await again.transport.stop();
        await until(() => a.seen.count("down 2") === 2);
        expect(a.seen.events).toEqual(["up 2", "down 2", "up 2", "down 2"]);
      });

      test("a peer that could never be reached is reported once", async () => {
        const [a, b] = [await cluster.server(1), await cluster.server(2)];
        const { address } = b.transport;
        await b.transport.stop();
        a.transport.setPeers([{ peerId: two, address }]);
        const { clock } = cluster.world;
        await until(() => clock.fired >= 3);
        expect(a.seen.events).toEqual(["down 2"]);
      });
    });

    describe("strangers", () => {
      const strangers = [
        { what: "another cluster", identity: { clusterId: "other", generation: 1, peerId: two } },
        { what: "another generation", identity: { clusterId: "c", generation: 2, peerId: two } },
        { what: "another peer id", identity: { clusterId: "c", generation: 1, peerId: peerId(3) } },
      ];
      test.each(strangers)("a server of $what refuses and counts", async ({ identity }) => {
        const a = await cluster.server(1);
        const b = await cluster.stranger();
        b.transport.identify(identity);
        connect(a, b, two);
        await until(() => b.transport.stats().refused >= 2 && a.seen.events.length > 0);
        const { refused, refusals } = b.transport.stats();
        expect(refusals["foreign-peer"]).toBe(refused);
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        expect(a.seen.events).toEqual(["down 2"]);
        expect(b.seen.messages).toEqual([]);
        const calling = a.transport.call(two, "any", Uint8Array.of(), 1000);
        expect((await failure(calling)).code).toBe("QUORATE_TRANSPORT_UNREACHABLE");
      });

      test("a peer that its handlers refuse is refused, also on the stream that it has, and counted", async () => {
        const [a, b] = await cluster.pair();
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        await until(() => b.seen.messages.length === 1);
        b.seen.refusals.set(one, transportErrors.REMOVED_PEER("taken out"));
        a.transport.send("control", [heartbeat(1, 2, 2)]);
        await until(() => b.transport.stats().refusals["removed-peer"] >= 1);
        a.transport.setPeers([]);
        connect(a, b, two);
        await until(() => b.transport.stats().refusals["removed-peer"] >= 2);
        expect(rounds(b.seen.messages)).toEqual([1]);
        const { refused, refusals } = b.transport.stats();
        expect(refusals["removed-peer"]).toBe(refused);
        b.seen.refusals.clear();
        await until(() => a.seen.events.at(-1) === "up 2");
        await until(() => {
          a.transport.send("control", [heartbeat(1, 2, 3)]);
          return b.seen.messages.length > 1;
        });
      });

      test("a peer tells the start of its data with each stream, and hears why it is not taken", async () => {
        const earlier = Array.from({ length: earlierStartsMax }, (_, i) => ({
          counter: i + 2,
          nonce: i === 0 ? "n" : "0123456789abcdef".repeat(startNonceCharsMax / 16),
        }));
        const log = { term: term(3), lastIndex: index(12) };
        const boot = { counter: 100, nonce: "n", ...log, earlier, knownSince: 2 };
        const a = await cluster.stranger();
        a.transport.identify({ clusterId: "c", generation: 1, peerId: one, boot });
        const b = await cluster.server(2);
        b.seen.refusals.set(one, transportErrors.STALE_DATA("an old copy"));
        connect(a, b, two);
        await until(() => a.seen.refusedBy.length >= 2);
        expect(new Set(a.seen.refusedBy)).toEqual(new Set(["2: QUORATE_TRANSPORT_STALE_DATA"]));
        expect(b.seen.boots[0]).toEqual(boot);
        expect(b.transport.stats().refusals["stale-data"]).toBeGreaterThanOrEqual(2);
        expect(a.seen.count("up 2")).toBe(0);
        b.seen.refusals.clear();
        await until(() => a.seen.count("up 2") === 1);
      });

      test("a server without identity admits nobody yet, and its peers connect once it has one", async () => {
        const a = await cluster.server(1);
        const b = await cluster.stranger();
        connect(a, b, two);
        await until(() => a.seen.count("down 2") === 1);
        expect(b.transport.stats().refused).toBe(0);
        b.transport.identify({ clusterId: "c", generation: 1, peerId: two });
        await until(() => a.seen.count("up 2") === 1);
      });
    });

    describe("calls", () => {
      test("carry name, payload and answer", async () => {
        const [a, b] = await cluster.pair();
        b.seen.onCallDo = (_, payload) => Promise.resolve(payload.map((byte) => byte + 1));
        const answers = await Promise.all(
          range(50).map((i) => a.transport.call(two, "plus-one", Uint8Array.of(i), 15_000)),
        );
        expect(answers).toEqual(range(50).map((i) => Uint8Array.of(i + 1)));
        expect(b.seen.count("call plus-one from 1")).toBe(50);
        const empty = await a.transport.call(two, "ünïcode", Uint8Array.of(), 15_000);
        expect(empty).toEqual(Uint8Array.of());
      });

      test("bring coded errors back intact", async () => {
        const [a, b] = await cluster.pair();
        const record = {
          code: "QUORATE_TEST_CONFLICT",
          kind: "conflict",
          message: "revision 7 ≠ 8",
          help: "Read again.",
          fields: { key: "jobs/ä", revision: 2 ** 40 + 0.5, negative: -3, retry: true, ok: false },
        } as const;
        b.seen.onCallDo = () => Promise.reject(new QuorateError(record));
        const error = await failure(a.transport.call(two, "write", Uint8Array.of(), 15_000));
        expect(error.toRecord()).toEqual(record);
      });

      test("turn other failures into a coded one", async () => {
        const [a, b] = await cluster.pair();
        b.seen.onCallDo = () => Promise.reject(new TypeError("boom"));
        const error = await failure(a.transport.call(two, "write", Uint8Array.of(), 15_000));
        expect(error).toMatchObject({ code: "QUORATE_TRANSPORT_HANDLER_FAILED", kind: "internal" });
      });

      test("without an answer by the deadline end as outcome unknown", async () => {
        const [a, b] = await cluster.pair();
        b.seen.onCallDo = () => new Promise(() => undefined);
        const error = await failure(a.transport.call(two, "never", Uint8Array.of(), 50));
        expect(error).toMatchObject({ code: "QUORATE_TRANSPORT_OUTCOME_UNKNOWN", kind: "unknown" });
      });

      test("under way when the peer goes end as outcome unknown; later ones as unreachable", async () => {
        const [a, b] = await cluster.pair();
        b.seen.onCallDo = () => new Promise(() => undefined);
        const calling = failure(a.transport.call(two, "never", Uint8Array.of(), 60_000));
        await until(() => b.seen.count("call never from 1") === 1);
        await b.transport.stop();
        expect((await calling).kind).toBe("unknown");
        const late = await failure(a.transport.call(two, "late", Uint8Array.of(), 15_000));
        expect(late).toMatchObject({ code: "QUORATE_TRANSPORT_UNREACHABLE", kind: "unavailable" });
      });

      test("with a payload above the limit are refused", async () => {
        const [a] = await cluster.pair();
        const payload = new Uint8Array(messageBytesMax + 1);
        const error = await failure(a.transport.call(two, "big", payload, 15_000));
        expect(error.code).toBe("QUORATE_TRANSPORT_MESSAGE_TOO_LARGE");
      });
    });

    describe("pulls", () => {
      const piece = (bytes: Uint8Array, item: number, end: boolean): PullPiece => ({
        bytes,
        item,
        end,
        missing: false,
      });

      test("of a snapshot bring its bytes in order", async () => {
        const [a, b] = await cluster.pair();
        const snapshot = new Uint8Array(pullPieceBytes * 3 + 17).map((_, i) => i % 251);
        b.seen.onPullDo = (source) => {
          expect(source).toEqual({ kind: "snapshot", index: 2 ** 33, offset: 5 });
          const starts = [0, 1, 2, 3].map((i) => i * pullPieceBytes);
          return pieces(
            starts.map((at, i) => piece(snapshot.subarray(at, at + pullPieceBytes), 0, i === 3)),
          );
        };
        const got = await collect(
          a.transport.pull(two, { kind: "snapshot", index: 2 ** 33, offset: 5 }),
        );
        expect(got.map(({ end }) => end)).toEqual([false, false, false, true]);
        const bytes = Buffer.concat(got.map((each) => each.bytes));
        expect(bytes.equals(snapshot)).toBe(true);
      });

      test("of chunks keep positions, ends and gaps", async () => {
        const [a, b] = await cluster.pair();
        const served: PullPiece[] = [
          piece(Uint8Array.of(1, 2), 0, false),
          piece(Uint8Array.of(3), 0, true),
          { bytes: Uint8Array.of(), item: 1, end: true, missing: true },
          piece(Uint8Array.of(4), 2, true),
        ];
        const digests = ["aa", "bb", "cc"];
        b.seen.onPullDo = (source) => {
          expect(source).toEqual({ kind: "chunks", digests });
          return pieces(served);
        };
        expect(await collect(a.transport.pull(two, { kind: "chunks", digests }))).toEqual(served);
      });

      test("are produced at the pace of the receiver, and no longer than it listens", async () => {
        const [a, b] = await cluster.pair();
        let produced = 0;
        let ended = false;
        const bytes = new Uint8Array(pullPieceBytes);
        const endless = async function* (): AsyncGenerator<PullPiece> {
          try {
            for (; produced < 4000; produced += 1)
              yield await Promise.resolve(piece(bytes, 0, false));
          } finally {
            ended = true;
          }
        };
        b.seen.onPullDo = endless;
        let taken = 0;
        for await (const got of a.transport.pull(two, { kind: "chunks", digests: ["aa"] })) {
          expect(got.bytes.length).toBe(pullPieceBytes);
          taken += 1;
          if (taken === 10) break;
          // Round trips: time enough for a producer without restraint to run far ahead.
          for (const i of range(20)) await a.transport.call(two, "turn", Uint8Array.of(i), 15_000);
        }
        await until(() => ended);
        expect(produced).toBeGreaterThanOrEqual(taken - 1);
        expect(produced).toBeLessThan(200);
      });

      test("bring coded errors back after what came before them", async () => {
        const [a, b] = await cluster.pair();
        b.seen.onPullDo = async function* () {
          yield await Promise.resolve(piece(Uint8Array.of(1), 0, false));
          throw new QuorateError({
            code: "QUORATE_TEST_GONE",
            kind: "not-found",
            message: "gone",
            help: "Pull the newer one.",
            fields: { index: 7 },
          });
        };
        const got: PullPiece[] = [];
        const pulling = (async () => {
          const source = { kind: "snapshot", index: 7, offset: 0 } as const;
          for await (const each of a.transport.pull(two, source)) got.push(each);
        })();
        const error = await failure(pulling);
        expect(error).toMatchObject({ code: "QUORATE_TEST_GONE", fields: { index: 7 } });
        expect(got).toHaveLength(1);
      });

      test("end as unreachable when the peer goes or is not connected", async () => {
        const [a, b] = await cluster.pair();
        b.seen.onPullDo = async function* () {
          yield await Promise.resolve(piece(Uint8Array.of(1), 0, false));
          await new Promise(() => undefined);
        };
        const source = { kind: "chunks", digests: ["aa"] } as const;
        const iterator = a.transport.pull(two, source)[Symbol.asyncIterator]();
        await iterator.next();
        const broken = failure(Promise.resolve(iterator.next()));
        await b.transport.stop();
        expect((await broken).code).toBe("QUORATE_TRANSPORT_UNREACHABLE");
        await until(() => a.seen.count("down 2") === 1);
        const later = await failure(collect(a.transport.pull(two, source)));
        expect(later.code).toBe("QUORATE_TRANSPORT_UNREACHABLE");
      });
    });

    describe("hello", () => {
      test("works before either side has an identity", async () => {
        const [a, b] = [await cluster.stranger(), await cluster.stranger()];
        b.seen.onHelloDo = (request) => Promise.resolve(Uint8Array.of(...request, 9));
        const answer = await a.transport.hello(b.transport.address, Uint8Array.of(1), 15_000);
        expect(answer).toEqual(Uint8Array.of(1, 9));
      });

      test("brings coded errors back", async () => {
        const [a, b] = [await cluster.stranger(), await cluster.stranger()];
        const record = {
          code: "QUORATE_TEST_LATER",
          kind: "unavailable",
          message: "later",
          help: "Wait.",
          fields: { seconds: 3 },
        } as const;
        b.seen.onHelloDo = () => Promise.reject(new QuorateError(record));
        const asking = a.transport.hello(b.transport.address, Uint8Array.of(), 15_000);
        expect((await failure(asking)).toRecord()).toEqual(record);
      });

      test("to nobody, or without an answer by the deadline, is unreachable", async () => {
        const [a, b] = [await cluster.stranger(), await cluster.stranger()];
        b.seen.onHelloDo = () => new Promise(() => undefined);
        const late = await failure(a.transport.hello(b.transport.address, Uint8Array.of(), 50));
        expect(late.code).toBe("QUORATE_TRANSPORT_UNREACHABLE");
        await b.transport.stop();
        const gone = await failure(a.transport.hello(b.transport.address, Uint8Array.of(), 500));
        expect(gone.code).toBe("QUORATE_TRANSPORT_UNREACHABLE");
      });
    });

    describe("start and stop", () => {
      test("an address in use has its own error", async () => {
        const a = await cluster.stranger();
        const error = await failure(cluster.stranger(a.transport.address));
        expect(error.code).toBe("QUORATE_TRANSPORT_ADDRESS_IN_USE");
        expect(error.fields).toEqual({ address: a.transport.address });
      });

      test("stop is idempotent, silent to its own handlers, and drops what comes after", async () => {
        const [a, b] = await cluster.pair();
        await Promise.all([a.transport.stop(), a.transport.stop()]);
        await a.transport.stop();
        await until(() => b.seen.count("down 1") === 1);
        a.transport.send("control", [heartbeat(1, 2, 1)]);
        a.transport.setPeers([{ peerId: two, address: b.transport.address }]);
        expect(a.transport.stats().dropped).toBe(1);
        const error = await failure(a.transport.call(two, "x", Uint8Array.of(), 1000));
        expect(error.code).toBe("QUORATE_TRANSPORT_UNREACHABLE");
        // Several connections of somebody else: a wrongly revived peer would have connected by then.
        const other = await cluster.stranger();
        for (const i of range(10)) {
          await other.transport.hello(b.transport.address, Uint8Array.of(i), 15_000);
        }
        expect(a.seen.events).toEqual(["up 2"]);
      });

      test("stop before start, and stop in the middle of everything, end", async () => {
        await cluster.world.create(anyPort, defaultLimits).stop();
        const [a, b] = await cluster.pair();
        b.seen.onCallDo = () => new Promise(() => undefined);
        b.seen.onPullDo = async function* () {
          for (;;) yield await Promise.resolve(piece1);
        };
        const source = { kind: "chunks", digests: ["aa"] } as const;
        const pulling = failure(collectSlowly(a.transport.pull(two, source)));
        const calling = failure(a.transport.call(two, "never", Uint8Array.of(), 60_000));
        await until(() => b.seen.count("call never from 1") === 1);
        await Promise.all([b.transport.stop(), a.transport.stop()]);
        expect((await calling).kind).toBe("unknown");
        expect((await pulling).kind).toBe("unavailable");
      });
    });
  });
}

const piece1: PullPiece = {
  bytes: new Uint8Array(pullPieceBytes),
  item: 0,
  end: false,
  missing: false,
};

async function collectSlowly(source: AsyncIterable<PullPiece>): Promise<void> {
  for await (const got of source) {
    expect(got.end).toBe(false);
    await new Promise(setImmediate);
  }
}
