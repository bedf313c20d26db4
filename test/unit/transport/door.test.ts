// What the gRPC door does with callers that do not play by the rules, and what its clients do with such doors.
import { createServer, type Server, type Socket } from "node:net";
import {
  type Client,
  type ClientDuplexStream,
  Server as GrpcServer,
  Metadata,
  ServerCredentials,
  type ServerDuplexStream,
  type StatusObject,
} from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { peerId } from "../../../src/base/numbers.ts";
import { newClient } from "../../../src/transport/grpc/channel.ts";
import { messagesKey, readRequest } from "../../../src/transport/grpc/frames.ts";
import { GrpcTransport } from "../../../src/transport/grpc/grpc-transport.ts";
import { identityMetadata } from "../../../src/transport/grpc/identity.ts";
import { asIs, paths, raftService } from "../../../src/transport/grpc/service.ts";
import { fromStatus } from "../../../src/transport/grpc/status.ts";
import { defaultLimits } from "../../../src/transport/limits.ts";
import { decodeMessage, MessageEncoder } from "../../../src/transport/message-codec.ts";
import {
  append,
  heartbeat,
  logger,
  RealClock,
  Recorder,
  range,
  rounds,
  until,
} from "../../conformance/transport/support.ts";

const identity = { clusterId: "c", generation: 1, peerId: peerId(2) };
const asPeerOne = identityMetadata({ ...identity, peerId: peerId(1) }, peerId(2));

let seen: Recorder;
let transport: GrpcTransport;
const clients: Client[] = [];

async function open(listen = "127.0.0.1:0"): Promise<void> {
  seen = new Recorder();
  transport = new GrpcTransport({ listen }, { clock: new RealClock(), logger });
  await transport.start(seen);
  transport.identify(identity);
}

beforeEach(() => open());
afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await transport.stop();
});

function rawStream(path: string, metadata: Metadata) {
  const client = newClient(transport.address, undefined);
  clients.push(client);
  const stream: ClientDuplexStream<Buffer, Buffer> = client.makeBidiStreamRequest(
    path,
    asIs,
    asIs,
    metadata,
    {},
  );
  const state: { accepted: boolean; status: StatusObject | undefined } = {
    accepted: false,
    status: undefined,
  };
  stream.on("metadata", () => {
    state.accepted = true;
  });
  stream.on("error", () => undefined);
  stream.on("status", (status: StatusObject) => {
    state.status = status;
  });
  stream.resume();
  return { stream, state };
}

function frame(bytes: Uint8Array): Buffer {
  expect(bytes.length).toBeLessThan(128);
  return Buffer.from([messagesKey, bytes.length, ...bytes]);
}

function encoded(from: number, to: number, round: number): Uint8Array {
  return new MessageEncoder().encode(heartbeat(from, to, round)).head;
}

describe("gRPC door", () => {
  test("drops and counts damaged, unknown and misdirected messages, and keeps the stream", async () => {
    const { stream, state } = rawStream(paths.control, asPeerOne);
    await until(() => state.accepted);
    const bad = [
      Buffer.from([0xff, 0xff, 0xff]),
      frame(Uint8Array.of(1, 3, 1)),
      frame(Uint8Array.of(1, 200, 1, 2, 1)),
      frame(encoded(1, 3, 7)),
      frame(encoded(5, 2, 7)),
    ];
    for (const each of bad) stream.write(each);
    stream.write(frame(encoded(1, 2, 42)));
    await until(() => seen.messages.length === 1);
    expect(rounds(seen.messages)).toEqual([42]);
    expect(transport.stats()).toMatchObject({ received: 1, refused: bad.length });
    expect(state.status).toBeUndefined();
  });

  test("refuses callers that do not say, or garble, who they are", async () => {
    const garbled = new Metadata();
    garbled.set("quorate-identity-bin", Buffer.from([1, 200]));
    for (const metadata of [new Metadata(), garbled]) {
      const { state } = rawStream(paths.bulk, metadata);
      await until(() => state.status !== undefined);
      expect(state.accepted).toBe(false);
      const error = state.status === undefined ? undefined : fromStatus(state.status);
      expect(error?.code).toBe("QUORATE_TRANSPORT_FOREIGN_PEER");
    }
    expect(transport.stats().refused).toBe(2);
  });

  test("refuses pulls of strangers", async () => {
    const client = newClient(transport.address, undefined);
    clients.push(client);
    const stream = client.makeServerStreamRequest(paths.pull, asIs, asIs, Buffer.alloc(0));
    let status: StatusObject | undefined;
    stream.on("error", (error: Error & StatusObject) => {
      status = error;
    });
    stream.resume();
    await until(() => status !== undefined);
    const error = status === undefined ? undefined : fromStatus(status);
    expect(error?.code).toBe("QUORATE_TRANSPORT_FOREIGN_PEER");
  });

  test("ignores http_proxy", async () => {
    process.env["http_proxy"] = "http://127.0.0.1:9";
    try {
      const answer = await transport.hello(transport.address, Uint8Array.of(4), 15_000);
      expect(answer).toEqual(Uint8Array.of(4));
    } finally {
      delete process.env["http_proxy"];
    }
  });
});

test("what was queued before stop still leaves", async () => {
  const modules = { clock: new RealClock(), logger };
  const sender = new GrpcTransport({ listen: "127.0.0.1:0" }, modules);
  const events = new Recorder();
  await sender.start(events);
  sender.identify({ ...identity, peerId: peerId(1) });
  sender.setPeers([{ peerId: peerId(2), address: transport.address }]);
  await until(() => events.count("up 2") === 1);
  sender.send("control", [heartbeat(1, 2, 8)]);
  await sender.stop();
  await until(() => rounds(seen.messages).includes(8));
});

describe("a peer that takes connections and says nothing", () => {
  let hole: Server;
  const sockets = new Set<Socket>();
  let attempts = 0;

  beforeEach(async () => {
    attempts = 0;
    hole = createServer((socket) => {
      attempts += 1;
      sockets.add(socket);
      socket.on("error", () => undefined);
    });
    await new Promise<void>((resolve) => hole.listen(0, "127.0.0.1", resolve));
  });

  async function closeHole(): Promise<void> {
    const closed = new Promise<void>((resolve) => {
      hole.close(() => {
        resolve();
      });
    });
    for (const socket of sockets) socket.destroy();
    await closed;
  }
  afterEach(closeHole);

  test("is given up by the watchdog, tried again, and connected once it speaks", async () => {
    const address = hole.address();
    const port = typeof address === "object" ? (address?.port ?? 0) : 0;
    const asking = new GrpcTransport({ listen: "127.0.0.1:0" }, { clock: new RealClock(), logger });
    const events = new Recorder();
    await asking.start(events);
    asking.identify({ ...identity, peerId: peerId(1) });
    asking.setPeers([{ peerId: peerId(2), address: `127.0.0.1:${String(port)}` }]);
    await until(() => attempts >= 2);
    expect(events.events).toEqual(["down 2"]);
    await closeHole();
    await transport.stop();
    await open(`127.0.0.1:${String(port)}`);
    await until(() => events.count("up 2") === 1);
    await asking.stop();
  });
});

describe("a peer that does not read", () => {
  const serverSide: ServerDuplexStream<Buffer, Buffer>[] = [];
  const lazy = new GrpcServer({ "grpc.max_receive_message_length": 16 * 1024 * 1024 });
  const accept = (stream: ServerDuplexStream<Buffer, Buffer>): void => {
    stream.sendMetadata(new Metadata());
    stream.on("error", () => undefined);
    serverSide.push(stream);
  };
  const unused = (): void => undefined;
  lazy.addService(raftService, { hello: unused, control: accept, bulk: accept, pull: unused });

  afterEach(() => {
    lazy.forceShutdown();
  });

  test("fills its bounded queue; what was queued arrives in order once it reads", async () => {
    const port = await new Promise<number>((resolve) => {
      lazy.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (_, bound) => {
        resolve(bound);
      });
    });
    const bulk = { queueBytesMax: 4 * 1024 * 1024, queueMessagesMax: 1000 };
    const limits = { ...defaultLimits, bulk };
    const modules = { clock: new RealClock(), logger };
    const sender = new GrpcTransport({ listen: "127.0.0.1:0", limits }, modules);
    const events = new Recorder();
    await sender.start(events);
    sender.identify({ ...identity, peerId: peerId(1) });
    sender.setPeers([{ peerId: peerId(2), address: `127.0.0.1:${String(port)}` }]);
    await until(() => events.count("up 2") === 1);
    for (const i of range(60)) {
      sender.send("bulk", [append(1, 2, new Uint8Array(500_000).fill(i))]);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    const { sent, dropped } = sender.stats();
    expect(sent + dropped).toBe(60);
    expect(sent).toBeGreaterThanOrEqual(8);
    expect(sent).toBeLessThan(20);
    expect(events.unreachable.length).toBeGreaterThan(1);
    const arrived: (number | undefined)[] = [];
    for (const stream of serverSide) {
      stream.on("data", (bytes: Buffer) => {
        readRequest(bytes, {
          message: (each) => {
            const message = decodeMessage(each);
            arrived.push(message.kind === "append" ? message.entries[0]?.data[0] : undefined);
          },
          call: () => undefined,
        });
      });
    }
    await until(() => arrived.length === sent);
    expect(arrived).toEqual(range(sent));
    await sender.stop();
  });
});
