// Everything that is no server and speaks to the peer port all the same, while the cluster works: raw bytes of every kind,
// calls that there are not, messages that claim to be huge, and connections that say nothing.
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { type StatusObject, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { TransportStats } from "../../../src/transport/contract.ts";
import { paths } from "../../../src/transport/grpc/service.ts";
import { defaultDoorLimits, grpcMessageBytesMax } from "../../../src/transport/limits.ts";
import { until } from "../../conformance/transport/support.ts";
import { type Member, RawPeer, refusedSince, Trio, warnings } from "./support.ts";

const times = 200;
const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const settings = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
let trio: Trio;
let to: Member;
let before: TransportStats;
let loggedBefore: number[];

beforeAll(async () => {
  trio = await Trio.start();
});
afterAll(() => trio.end());
beforeEach(() => {
  to = trio.leader;
  before = to.server.peerStats;
  loggedBefore = trio.members.map(({ log }) => log.length);
});

function dial(): Socket {
  const [host, port] = to.server.peerAddress.split(":");
  const socket = connect(Number(port), host);
  socket.on("error", () => socket.destroy());
  socket.resume();
  return socket;
}

/** Says `bytes` and waits until the server has closed the connection. */
function say(bytes: Buffer): Promise<void> {
  const socket = dial();
  socket.write(bytes);
  return new Promise((resolve) => socket.once("close", () => resolve()));
}

async function sayAll(bytes: () => Buffer): Promise<void> {
  const atATime = 20;
  for (let done = 0; done < times; done += atATime) {
    await Promise.all(Array.from({ length: atATime }, () => say(bytes())));
  }
}

describe("bytes that are no call", () => {
  test.each([
    ["random bytes", () => Buffer.concat([Buffer.from([0xff]), randomBytes(2000)])],
    ["an HTTP/1.1 request", () => Buffer.from("GET / HTTP/1.1\r\nHost: quorate\r\n\r\n")],
    ["half a TLS hello", () => Buffer.from([0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3])],
    ["a preface and garbage", () => Buffer.concat([preface, Buffer.alloc(2000, 0xa5)])],
  ])("%s", async (_, bytes) => {
    await trio.during(() => sayAll(bytes));
    await until(() => to.server.peerStats.refusals.garbage >= before.refusals.garbage + times);
    expect(refusedSince(before, to.server.peerStats)).toEqual({ garbage: times });
  });

  test("all of it is one warning", () => {
    const told = warnings(to.log, "QUORATE_TRANSPORT_NO_CALL");
    expect(told).toHaveLength(1);
    expect(told[0]?.fields["reason"]).toBe("garbage");
  });
});

test("a method that there is not", async () => {
  const peers = Array.from({ length: 20 }, () => new RawPeer(to.server.peerAddress));
  await trio.during(async () => {
    for (const peer of peers) {
      const { stream, ended } = peer.open("/quorate.raft.v1.RaftService/Nothing");
      stream.resume();
      expect((await ended).code).toBe(status.UNIMPLEMENTED);
      peer.close();
    }
  });
  await until(() => to.server.peerStats.refusals.silent >= before.refusals.silent + peers.length);
  expect(refusedSince(before, to.server.peerStats)).toEqual({ silent: peers.length });
});

describe("a message that claims 4 GiB", () => {
  const claim = Buffer.from([0, 0xff, 0xff, 0xff, 0xff]);
  const literal = (text: string): Buffer => Buffer.from([text.length, ...Buffer.from(text)]);

  /** HTTP/2 by hand: gRPC's own client would not send such a length. */
  function call(path: string): Buffer {
    const header = (name: string, value: string): Buffer =>
      Buffer.concat([Buffer.from([0]), literal(name), literal(value)]);
    const headers = Buffer.concat([
      header(":method", "POST"),
      header(":scheme", "http"),
      header(":path", path),
      header(":authority", "quorate"),
      header("te", "trailers"),
      header("content-type", "application/grpc"),
    ]);
    const frame = (type: number, payload: Buffer): Buffer => {
      const head = Buffer.from([0, 0, 0, type, type === 1 ? 4 : 0, 0, 0, 0, 1]);
      head.writeUIntBE(payload.length, 0, 3);
      return Buffer.concat([head, payload]);
    };
    return Buffer.concat([preface, settings, frame(1, headers), frame(0, claim)]);
  }

  test("is refused by its length alone", async () => {
    const sockets: Socket[] = [];
    const code = "QUORATE_TRANSPORT_MESSAGE_TOO_LARGE";
    await trio.during(async () => {
      for (let i = 0; i < times; i += 1) {
        const socket = dial();
        sockets.push(socket);
        socket.write(call(paths.hello));
        socket.write(Buffer.alloc(1024));
      }
      await until(
        () => to.server.peerStats.refusals["too-large"] >= before.refusals["too-large"] + times,
      );
    });
    for (const socket of sockets) socket.destroy();
    expect(refusedSince(before, to.server.peerStats)).toEqual({ "too-large": times });
    expect(warnings(to.log, code)).toHaveLength(1);
    expect(warnings(to.log, code)[0]?.fields).toMatchObject({ grpcMessageBytesMax });
  });

  test("or one that is really sent, on the stream of a peer, ends that stream by name", async () => {
    const from = trio.identityOf(trio.followers[0]!);
    const peer = new RawPeer(to.server.peerAddress, from, trio.identityOf(to).peerId);
    const { stream, accepted, ended } = peer.open(paths.bulk);
    stream.resume();
    expect(await accepted).toBe(true);
    // The limit of gRPC's clients is the same: larger ones do not leave ours. This one passes neither.
    let end: StatusObject | undefined;
    await trio.during(async () => {
      stream.write(Buffer.alloc(grpcMessageBytesMax + 1));
      end = await ended;
    });
    expect(end?.code).toBe(status.RESOURCE_EXHAUSTED);
    peer.close();
  });
});

test("500 connections that say nothing", async () => {
  const sockets: Socket[] = [];
  const open = (): number => sockets.filter((socket) => !socket.destroyed).length;
  const { connectionsMax } = defaultDoorLimits;
  await trio.during(async () => {
    for (let i = 0; i < 500; i += 1) sockets.push(dial());
    await until(() => open() < connectionsMax);
  });
  const { limit = 0, ...others } = refusedSince(before, to.server.peerStats);
  expect(limit).toBeGreaterThan(500 - connectionsMax);
  expect(others).toEqual({});
  const told = warnings(to.log, "QUORATE_TRANSPORT_LIMIT_REACHED");
  expect(told).toHaveLength(1);
  expect(told[0]?.fields).toMatchObject({ limit: "connectionsMax", reason: "limit" });
  // The peers' own connections are older than all of these, and live.
  const since = trio.members.flatMap(({ log }, i) => log.slice(loggedBefore[i]));
  expect(since.filter(({ message }) => message === "peer disconnected")).toEqual([]);
  for (const socket of sockets) socket.destroy();
});
