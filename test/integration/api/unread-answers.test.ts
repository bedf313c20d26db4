// Clients that ask and never read, at the public gRPC door: what waits for them is bounded for all together, refused by
// name above that, and let go when they leave.
import { type ClientHttp2Session, type ClientHttp2Stream, connect } from "node:http2";
import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
  status,
} from "@grpc/grpc-js";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Call } from "../../../src/api/calls/call.ts";
import { errorTrailer } from "../../../src/api/grpc/status.ts";
import { answerBytesMax, unaryHandler } from "../../../src/api/grpc/unary.ts";
import { smallAnswerBytesMax, UnreadAnswers } from "../../../src/api/grpc/unread-answers.ts";
import type { ApiServices } from "../../../src/api/services.ts";
import type { ErrorRecord } from "../../../src/base/errors.ts";
import { type LogFields, silentLogger } from "../../../src/base/logger.ts";
import { KiB, MiB } from "../../../src/base/units.ts";
import { until } from "../../conformance/transport/support.ts";
import { newHealth, newTurns } from "./single.ts";

const answerBytes = 512 * KiB;
const unreadAnswerBytesMax = 2 * MiB;
const fitting = unreadAnswerBytesMax / answerBytes;
const path = "/test/Ask";
const asIs = (bytes: Buffer): Buffer => bytes;

let server: Server;
let port: number;
let unread: UnreadAnswers;
let warned: LogFields[];
let readers: ClientHttp2Session[];

beforeEach(async () => {
  warned = [];
  readers = [];
  const logger = { ...silentLogger, warn: (fields: LogFields) => warned.push(fields) };
  unread = new UnreadAnswers({ unreadAnswerBytesMax }, { logger });
  server = new Server({ interceptors: [unread.intercept] });
  const method = { path, requestStream: false, responseStream: false };
  const codec = { requestSerialize: asIs, requestDeserialize: asIs };
  const answers = { responseSerialize: asIs, responseDeserialize: asIs };
  server.addService(
    { ask: { ...method, ...codec, ...answers } },
    {
      ask: (call: ServerUnaryCall<Buffer, Buffer>, send: sendUnaryData<Buffer>) => {
        send(null, Buffer.alloc(call.request.length > 0 ? call.request.length : answerBytes));
      },
    },
  );
  port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
});

afterEach(() => {
  for (const reader of readers) reader.destroy();
  server.forceShutdown();
});

/** A client whose window is closed: no byte of an answer can leave the server. */
function deaf(): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`, { settings: { initialWindowSize: 0 } });
  readers.push(session);
  return session;
}

function ask(session: ClientHttp2Session): ClientHttp2Stream {
  const headers = { "content-type": "application/grpc", te: "trailers" };
  const stream = session.request({ ":method": "POST", ":path": path, ...headers });
  stream.end(Buffer.alloc(5));
  return stream;
}

/** `size` 0: an answer of `answerBytes`. */
function read(size = 0): Promise<Buffer> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  return new Promise<Buffer>((resolve, reject) => {
    client.makeUnaryRequest(
      path,
      asIs,
      asIs,
      Buffer.alloc(size),
      (error: ServiceError | null, answer) => {
        client.close();
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? new Error("no answer"));
      },
    );
  });
}

/** What a client that would read is refused with. */
async function refusal(): Promise<ErrorRecord> {
  const error: unknown = await read().then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  const { code, metadata } = error as ServiceError;
  expect(code).toBe(status.RESOURCE_EXHAUSTED);
  return JSON.parse(String(metadata.get(errorTrailer)[0])) as ErrorRecord;
}

test("what nobody reads is bounded, and refused by name above that", async () => {
  const session = deaf();
  for (let i = 0; i < fitting; i += 1) ask(session);
  await until(() => unread.bytes === unreadAnswerBytesMax);
  const code = "QUORATE_API_ANSWERS_UNREAD";
  const fields = { limit: "unreadAnswerBytesMax", max: unreadAnswerBytesMax };
  expect(await refusal()).toMatchObject({ code, fields });
  expect(await refusal()).toMatchObject({ code, fields });
  expect(unread.bytes).toBe(unreadAnswerBytesMax);
  expect(warned.map((told) => [told["code"], told["refused"]])).toEqual([
    [code, 1],
    [code, 2],
  ]);
});

test("a small answer, as every one to a write is, is given all the same", async () => {
  const session = deaf();
  for (let i = 0; i < fitting; i += 1) ask(session);
  await until(() => unread.bytes === unreadAnswerBytesMax);
  expect(await read(smallAnswerBytesMax)).toHaveLength(smallAnswerBytesMax);
});

test("a client that leaves lets go of what waited for it, and the others are served again", async () => {
  const session = deaf();
  for (let i = 0; i < fitting; i += 1) ask(session);
  await until(() => unread.bytes === unreadAnswerBytesMax);
  await refusal();
  session.destroy();
  await until(() => unread.bytes === 0);
  expect(await read()).toHaveLength(answerBytes);
  await until(() => unread.bytes === 0);
});

test("many who read are never refused", async () => {
  for (let i = 0; i < 10; i += 1) {
    const answers = await Promise.all([read(), read(), read()]);
    expect(answers.map(({ length }) => length)).toEqual([answerBytes, answerBytes, answerBytes]);
  }
  await until(() => unread.bytes === 0);
  expect(warned).toEqual([]);
});

test("an answer that is too large for one message is refused by name", async () => {
  const begin = () => () => Promise.resolve({});
  const call = { method: "Ask", schema: {}, begin } as unknown as Call;
  const tooLarge = Buffer.alloc(answerBytesMax + 1);
  const services = (): ApiServices => ({}) as ApiServices;
  const handler = unaryHandler(call, () => tooLarge, {
    services,
    health: newHealth(),
    turns: newTurns(),
    logger: silentLogger,
  });
  const request = {
    request: {},
    metadata: { get: () => [] },
    getPeer: () => "test",
    getDeadline: () => Number.POSITIVE_INFINITY,
  };
  const error = await new Promise<Partial<ServiceError>>((resolve) => {
    (handler as (request: unknown, answer: sendUnaryData<unknown>) => void)(request, (thrown) => {
      resolve(thrown ?? {});
    });
  });
  expect(error.code).toBe(status.RESOURCE_EXHAUSTED);
  expect(error.details).toContain("QUORATE_API_ANSWER_TOO_LARGE");
});
