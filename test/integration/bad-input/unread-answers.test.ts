// Public clients that ask and never read: what is produced for them is bounded by what their connection takes, and others
// are served as ever.
import * as http2 from "node:http2";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MiB } from "../../../src/base/units.ts";
import { serviceMethods } from "../../../src/client/protocol.ts";
import { QuorateClient } from "../../../src/client/quorate-client.ts";
import { until } from "../server/support.ts";
import { type Member, Trio } from "./support.ts";

const fileBytes = 32 * MiB;
const valueBytes = 64 * 1024;
let trio: Trio;
let to: Member;
let client: QuorateClient;

beforeAll(async () => {
  trio = await Trio.start();
  to = trio.followers[0]!;
  client = new QuorateClient({ addresses: [to.server.grpcAddress], actor: "test" });
  async function* file(): AsyncGenerator<Uint8Array> {
    for (let i = 0; i < 32; i += 1) yield await Promise.resolve(new Uint8Array(1 * MiB).fill(i));
  }
  const header = {
    namespace: "default",
    name: "large",
    kind: "file",
    sizeBytes: fileBytes,
  } as const;
  await client.resources.push(file, { header });
  for (let i = 0; i < 16; i += 1) await trio.write(`listed/${String(i)}`, "v".repeat(valueBytes));
});
afterAll(async () => {
  client.close();
  await trio.end();
});

/** A connection whose owner reads the heads of the answers and nothing else. */
class Unread {
  readonly #session: http2.ClientHttp2Session;
  answered = 0;

  constructor(address: string) {
    this.#session = http2.connect(`http://${address}`);
    this.#session.on("error", () => undefined);
  }

  ask<Request>(
    method: { readonly path: string; requestSerialize(request: Request): Buffer },
    request: Request,
  ): void {
    const message = method.requestSerialize(request);
    const head = Buffer.alloc(5);
    head.writeUInt32BE(message.length, 1);
    const stream = this.#session.request({
      ":method": "POST",
      ":path": method.path,
      te: "trailers",
      "content-type": "application/grpc",
    });
    stream.on("error", () => undefined);
    stream.once("response", () => {
      this.answered += 1;
    });
    stream.end(Buffer.concat([head, message]));
  }

  close(): void {
    this.#session.destroy();
  }
}

async function whileUnread(asks: (unread: Unread) => void, answers: number): Promise<void> {
  const unread = new Unread(to.server.grpcAddress);
  try {
    await trio.during(async () => {
      asks(unread);
      await until("all are being answered", () => unread.answered === answers);
      // Others, at the same door.
      await client.kv.put("beside", "read");
      expect((await client.kv.get("beside")).value.toString()).toBe("read");
    });
  } finally {
    unread.close();
  }
}

test("downloads: no more of the files is in memory than the connection takes", async () => {
  const downloads = 50;
  const { Download } = serviceMethods("resource");
  await whileUnread((unread) => {
    for (let i = 0; i < downloads; i += 1) unread.ask(Download, { name: "large" });
  }, downloads);
});

test("watches: changes do not pile up", async () => {
  const watches = 200;
  const { WatchServers } = serviceMethods("registry");
  await whileUnread((unread) => {
    for (let i = 0; i < watches; i += 1) unread.ask(WatchServers, {});
  }, watches);
  expect(trio.replicaOf(to).stats().watchers).toBeLessThanOrEqual(watches + 100);
});

test("lists: each holds its own answer", async () => {
  const lists = 64;
  const { List } = serviceMethods("registry");
  await whileUnread((unread) => {
    for (let i = 0; i < lists; i += 1) unread.ask(List, { prefix: "listed/" });
  }, lists);
});
