// What whoever reaches the peer port can hold there: every bound of the door, small enough to be met.
import { once } from "node:events";
import * as http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { type Client, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterEach, describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { quietRepeats } from "../../../src/server/system/quiet-repeats.ts";
import type { PullPiece } from "../../../src/transport/contract.ts";
import { newClient } from "../../../src/transport/grpc/channel.ts";
import { callsKey, encodeCall, encodePullRequest } from "../../../src/transport/grpc/frames.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { identityMetadata } from "../../../src/transport/grpc/identity.ts";
import { putVarint } from "../../../src/transport/grpc/protobuf.ts";
import { asIs, paths } from "../../../src/transport/grpc/service.ts";
import { fromStatus } from "../../../src/transport/grpc/status.ts";
import {
  type DoorLimits,
  defaultLimits,
  pullsServedMax,
  type TransportLimits,
} from "../../../src/transport/limits.ts";
import {
  collect,
  heartbeat,
  RealClock,
  Recorder,
  until,
} from "../../conformance/transport/support.ts";
import { collectingLogger, type LogLine, warnings } from "../bad-input/support.ts";

const identity = { clusterId: "c", generation: 1, peerId: peerId(2) };
const asPeer = (id: number): Metadata =>
  identityMetadata({ ...identity, peerId: peerId(id) }, peerId(2));

let transports: GrpcTransport[] = [];
let clients: Client[] = [];
let sockets: Socket[] = [];
let sessions: http2.ClientHttp2Session[] = [];
let log: LogLine[];
let seen: Recorder;
let door: GrpcTransport;

async function open(doorLimits: Partial<DoorLimits>, limits?: TransportLimits): Promise<void> {
  const clock = new RealClock();
  log = [];
  seen = new Recorder();
  door = new GrpcTransport(
    { listen: "127.0.0.1:0", doorLimits, ...(limits === undefined ? {} : { limits }) },
    { clock, logger: quietRepeats(collectingLogger(log), clock) },
  );
  transports.push(door);
  await door.start(seen);
  door.identify(identity);
}

/** Peer `id`, connected to the door. */
async function peer(id: number): Promise<{ transport: GrpcTransport; seen: Recorder }> {
  const recorder = new Recorder();
  const transport = new GrpcTransport(
    { listen: "127.0.0.1:0" },
    { clock: new RealClock(), logger: collectingLogger([]) },
  );
  transports.push(transport);
  await transport.start(recorder);
  transport.identify({ ...identity, peerId: peerId(id) });
  transport.setPeers([{ peerId: peerId(2), address: door.address }]);
  await until(() => recorder.count("up 2") === 1);
  return { transport, seen: recorder };
}

function dial(localAddress = "127.0.0.1"): Socket {
  const [host = "", port] = door.address.split(":");
  const socket = connect({ port: Number(port), host, localAddress });
  socket.on("error", () => socket.destroy());
  socket.resume();
  sockets.push(socket);
  return socket;
}

/** A gRPC message on a control stream with one call. */
function callMessage(id: number): Buffer {
  const { head, tail } = encodeCall({ id, name: "any", payload: new Uint8Array(0) });
  const bytes = head.length + tail.length;
  const frame = Buffer.alloc(5 + 2 + bytes);
  frame.writeUInt32BE(2 + bytes, 1);
  frame[5] = callsKey;
  frame.set(head, putVarint(frame, 6, bytes));
  return frame;
}

function client(): Client {
  const made = newClient(door.address, undefined);
  clients.push(made);
  return made;
}

afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  for (const session of sessions) session.destroy();
  for (const each of clients) each.close();
  await Promise.all(transports.map((transport) => transport.stop()));
  sockets = [];
  sessions = [];
  clients = [];
  transports = [];
});

const stillOpen = (): number => sockets.filter((socket) => !socket.destroyed).length;

/** Still heard, on the connection that it had. */
async function expectHeard(other: Awaited<ReturnType<typeof peer>>, id: number): Promise<void> {
  const { length } = seen.messages;
  other.transport.send("control", [heartbeat(id, 2, 1)]);
  await until(() => seen.messages.length > length);
  expect(other.seen.events).toEqual(["up 2"]);
}

describe("connections", () => {
  test("above the bound make the oldest go that is no peer's", async () => {
    await open({ connectionsMax: 5 });
    const one = await peer(1);
    for (let i = 0; i < 20; i += 1) dial();
    await until(() => stillOpen() === 4);
    expect(door.stats().refusals).toMatchObject({ limit: 16, garbage: 0, silent: 0 });
    expect(warnings(log, "QUORATE_TRANSPORT_LIMIT_REACHED")).toHaveLength(1);
    await expectHeard(one, 1);
    const three = await peer(3);
    await expectHeard(three, 3);
    await expectHeard(one, 1);
  });

  test("of a host with a crowd of them go before the single one of another host, which may be a peer that is about to speak", async () => {
    await open({ connectionsMax: 5 });
    const single = dial("127.0.0.2");
    await once(single, "connect");
    for (let i = 0; i < 20; i += 1) dial();
    await until(() => stillOpen() === 5);
    await until(() => door.stats().refusals.limit === 16);
    expect(single.destroyed).toBe(false);
  });

  test("are all peers': then the newest goes", async () => {
    await open({ connectionsMax: 2 });
    const [one, three] = [await peer(1), await peer(3)];
    dial();
    await until(() => stillOpen() === 0);
    await expectHeard(one, 1);
    await expectHeard(three, 3);
  });

  test("that say nothing, or one byte at a time, end in time", async () => {
    await open({ connectionProofMs: 300 });
    const one = await peer(1);
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
    for (let i = 0; i < 50; i += 1) {
      const socket = dial();
      if (i % 2 === 0) continue;
      let at = 0;
      const drip = setInterval(() => {
        if (socket.destroyed) clearInterval(drip);
        else socket.write(preface.subarray(at, at + 1));
        at += 1;
      }, 50);
    }
    await until(() => stillOpen() === 0);
    expect(door.stats().refusals).toMatchObject({ silent: 50, garbage: 0, limit: 0 });
    const told = warnings(log, "QUORATE_TRANSPORT_CALLER_SILENT");
    expect(told).toHaveLength(1);
    expect(told[0]?.fields).toMatchObject({ limit: "connectionProofMs", reason: "silent" });
    await expectHeard(one, 1);
  });

  test("whose HTTP/2 broke down end in time, too", async () => {
    await open({ connectionProofMs: 300 });
    const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
    const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
    const above = Buffer.from([0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 1]);
    for (let i = 0; i < 10; i += 1) dial().write(Buffer.concat([preface, settings, above]));
    await until(() => stillOpen() === 0);
    expect(door.stats().refused).toBe(10);
  });

  test("of callers that were refused do not count as peers'", async () => {
    await open({ connectionProofMs: 300 });
    const stranger = client().makeBidiStreamRequest(paths.bulk, asIs, asIs, new Metadata(), {});
    const ended = new Promise<ServiceError>((resolve) => stranger.once("error", resolve));
    stranger.resume();
    expect(fromStatus(await ended)?.code).toBe("QUORATE_TRANSPORT_FOREIGN_PEER");
    await until(() => door.stats().refusals.silent === 1);
  });
});

describe("requests that do not come to an end", () => {
  const helloBeginning = (): void => {
    // A client stream on the path of a unary call: its request begins and is never complete.
    const stream = client().makeBidiStreamRequest(paths.hello, asIs, asIs, new Metadata(), {});
    stream.on("error", (error: ServiceError) => ends.push(fromStatus(error)?.code ?? "none"));
    stream.resume();
  };
  let ends: string[] = [];

  test("are bounded, and others are answered once they are given up", async () => {
    ends = [];
    await open({ requestsArrivingMax: 3, requestArrivalMs: 500 });
    const one = await peer(1);
    for (let i = 0; i < 10; i += 1) helloBeginning();
    await until(() => ends.length === 10);
    expect(ends.filter((code) => code === "QUORATE_TRANSPORT_LIMIT_REACHED")).toHaveLength(7);
    expect(ends.filter((code) => code === "QUORATE_TRANSPORT_CALLER_SILENT")).toHaveLength(3);
    expect(door.stats().refusals).toMatchObject({ limit: 7, silent: 3 });
    for (const code of new Set(ends)) expect(warnings(log, code)).toHaveLength(1);
    const answer = await one.transport.hello(door.address, Uint8Array.of(7), 5000);
    expect([...answer]).toEqual([7]);
    await expectHeard(one, 1);
  });
});

describe("a peer that never reads", () => {
  test("its answers: bounded, the rest dropped, counted and told once; others get theirs", async () => {
    const queueBytesMax = 256 * 1024;
    const control = { queueBytesMax, queueMessagesMax: 1000 };
    const calls = 1000;
    const taken = 40;
    await open({}, { ...defaultLimits, control });
    const answer = new Uint8Array(64 * 1024);
    seen.onCallDo = () => Promise.resolve(answer);
    const one = await peer(1);
    // Not gRPC's client, which reads ahead: this one takes nothing beyond the window of its stream.
    const session = http2.connect(`http://${door.address}`);
    sessions.push(session);
    const stream = session.request({
      ":method": "POST",
      ":path": paths.control,
      te: "trailers",
      "content-type": "application/grpc",
      ...asPeer(3).toHttp2Headers(),
    });
    stream.on("error", () => undefined);
    await new Promise((resolve) => stream.once("response", resolve));
    for (let id = 1; id <= calls; id += 1) {
      stream.write(callMessage(id));
      // In several turns, so that more would leave if more was taken.
      if (id % 50 === 0) await until(() => seen.count("call any from 3") === id);
    }
    await until(() => door.stats().dropped > calls - taken);
    const told = warnings(log, "QUORATE_TRANSPORT_LIMIT_REACHED");
    expect(told.filter(({ message }) => message === "answer dropped")).toHaveLength(1);
    expect(told[0]?.fields).toMatchObject({ peer: 3, limit: "control queue", queueBytesMax });
    expect(await one.transport.call(peerId(2), "any", new Uint8Array(0), 5000)).toHaveLength(65536);
  });

  test("its pulls: no more are read than are under way, and others pull", async () => {
    await open({});
    let produced = 0;
    const piece: PullPiece = { bytes: new Uint8Array(65536), item: 0, end: false, missing: false };
    seen.onPullDo = async function* (): AsyncGenerator<PullPiece> {
      for (let i = 0; i < 1000; i += 1) {
        produced += 1;
        yield await Promise.resolve(piece);
      }
    };
    const request = encodePullRequest({ kind: "snapshot", index: 1, offset: 0 });
    const pulls = pullsServedMax + 4;
    const ends: string[] = [];
    const calls: { cancel(): void }[] = [];
    for (let i = 0; i < pulls; i += 1) {
      const call = client().makeServerStreamRequest(paths.pull, asIs, asIs, request, asPeer(3));
      call.on("error", (error: ServiceError) => ends.push(fromStatus(error)?.code ?? "none"));
      calls.push(call);
    }
    await until(() => ends.length === pulls - pullsServedMax);
    expect(new Set(ends)).toEqual(new Set(["QUORATE_TRANSPORT_LIMIT_REACHED"]));
    expect(door.stats().refusals.limit).toBe(pulls - pullsServedMax);
    const told = warnings(log, "QUORATE_TRANSPORT_LIMIT_REACHED");
    expect(told).toHaveLength(1);
    expect(told[0]?.fields).toMatchObject({ limit: "pullsServedMax", peer: 3 });
    // The window of a client of ours, and what the socket holds, of 64 MB each.
    await until(() => produced >= pullsServedMax);
    expect(produced).toBeLessThan(pullsServedMax * 500);
    for (const call of calls) call.cancel();
    const one = await peer(1);
    // As soon as the door has noticed that the others are gone.
    let pulled = 0;
    while (pulled === 0) {
      const pieces = one.transport.pull(peerId(2), { kind: "chunks", digests: [] });
      pulled = await collect(pieces).then(
        ({ length }) => length,
        () => 0,
      );
    }
    expect(pulled).toBe(1000);
  });
});
