// The hand-written encoding against raft.proto as an independent implementation reads and writes it.
import { loadSync, type MessageTypeDefinition } from "@grpc/proto-loader";
import { describe, expect, test } from "vitest";
import { decodeErrorRecord, encodeErrorRecord } from "../../../src/transport/grpc/error-record.ts";
import {
  type CallRequest,
  callsKey,
  decodeHello,
  decodePiece,
  decodePullRequest,
  encodeCall,
  encodeHello,
  encodePiece,
  encodePullRequest,
  encodeResult,
  messagesKey,
  readRequest,
  readResponse,
  resultsKey,
} from "../../../src/transport/grpc/frames.ts";
import { type LaneItem, LaneWriter } from "../../../src/transport/grpc/lane-writer.ts";
import { paths } from "../../../src/transport/grpc/service.ts";

const definitions = loadSync("quorate/raft/v1/raft.proto", {
  includeDirs: ["proto"],
  longs: Number,
  defaults: true,
  oneofs: true,
  keepCase: true,
});

type Json = Record<string, unknown>;
type AnyMessage = MessageTypeDefinition<Json, Json>;

function message(name: string): AnyMessage {
  return definitions[`quorate.raft.v1.${name}`] as unknown as AnyMessage;
}
const write = (name: string, value: Json): Buffer => message(name).serialize(value);
const read = (name: string, bytes: Uint8Array): Json =>
  message(name).deserialize(Buffer.from(bytes));

function frameOf(items: readonly Omit<LaneItem, "state">[]): Buffer {
  let frame: Buffer = Buffer.alloc(0);
  const writer = new LaneWriter(
    { queueBytesMax: 1e9, queueMessagesMax: 1e9 },
    {
      clock: { nowMs: () => 0, after: () => () => undefined, yield: () => () => undefined },
      write: (bytes) => {
        frame = bytes;
      },
    },
  );
  for (const item of items) writer.push({ ...item, state: "queued" });
  writer.flush();
  return frame;
}

const payload = new Uint8Array(500).map((_, i) => i % 256);
const record = {
  code: "QUORATE_X_Y",
  kind: "conflict",
  message: "nö",
  help: "h",
  fields: { text: "t", number: -1.5, flag: true },
} as const;

describe("raft.proto", () => {
  test("has the methods that are called", () => {
    const service = definitions["quorate.raft.v1.RaftService"] as unknown as Record<
      string,
      { path: string }
    >;
    expect(Object.values(service).map(({ path }) => path)).toEqual(Object.values(paths));
  });

  test("control requests", () => {
    const call: CallRequest = { id: 2 ** 50, name: "grüß", payload };
    const bytes = frameOf([
      { key: messagesKey, head: payload, tail: Uint8Array.of(1) },
      { key: callsKey, ...encodeCall(call) },
    ]);
    const seen = read("ControlRequest", bytes);
    expect(seen).toEqual({
      messages: [Buffer.from([...payload, 1])],
      calls: [{ ...call, payload: Buffer.from(payload) }],
    });
    const got: unknown[] = [];
    readRequest(write("ControlRequest", seen), {
      message: (each) => got.push(each),
      call: (each) => got.push(each),
    });
    expect(got).toEqual([new Uint8Array([...payload, 1]), call]);
  });

  test("control responses with payloads, also empty ones, and errors", () => {
    const results = [
      { id: 1, outcome: payload },
      { id: 2, outcome: new Uint8Array(0) },
      { id: 3, outcome: record },
    ];
    const bytes = frameOf(results.map((each) => ({ key: resultsKey, ...encodeResult(each) })));
    const seen = read("ControlResponse", bytes) as { results: Json[] };
    expect(seen.results.map(({ outcome }) => outcome)).toEqual(["payload", "payload", "error"]);
    const got: unknown[] = [];
    readResponse(write("ControlResponse", seen), (each) => got.push(each));
    expect(got).toEqual(results);
  });

  test("errors", () => {
    const bytes = encodeErrorRecord(record);
    const seen = read("ErrorRecord", bytes) as { fields: Json[] };
    expect(seen.fields.map(({ value }) => value)).toEqual(["text", "number", "flag"]);
    expect(decodeErrorRecord(new Uint8Array(write("ErrorRecord", seen)))).toEqual(record);
    const future = write("ErrorRecord", { ...seen, kind: "melted" });
    expect(decodeErrorRecord(new Uint8Array(future)).kind).toBe("unknown");
  });

  test("hello", () => {
    expect(read("HelloRequest", encodeHello(payload))).toEqual({ payload: Buffer.from(payload) });
    expect(decodeHello(write("HelloResponse", { payload }))).toEqual(payload);
  });

  test("pulls", () => {
    for (const source of [
      { kind: "snapshot", index: 2 ** 40, offset: 0 },
      { kind: "chunks", digests: ["aa", "bb"] },
    ] as const) {
      const seen = read("PullRequest", encodePullRequest(source));
      expect(seen["source"]).toBe(source.kind);
      expect(decodePullRequest(write("PullRequest", seen))).toEqual(source);
    }
    expect(decodePullRequest(Buffer.from([0x1a, 0]))).toBeUndefined();
    const piece = { bytes: payload, item: 300, end: true, missing: false };
    const seen = read("PullResponse", encodePiece(piece));
    expect(seen).toEqual({ data: Buffer.from(payload), item: 300, last: true, missing: false });
    expect(decodePiece(write("PullResponse", seen))).toEqual(piece);
  });
});
