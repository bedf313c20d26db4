import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QuorateClient } from "../../../src/client/quorate-client.ts";
import { FakeServer, refusal, type UploadPart, until } from "./fake-server.ts";

let one: FakeServer;
let two: FakeServer;
let client: QuorateClient;

beforeEach(async () => {
  one = await new FakeServer().start();
  two = await new FakeServer().start();
  client = new QuorateClient({ addresses: [one.address, two.address], deadlineMs: 5000 });
});

afterEach(async () => {
  client.close();
  await one.stop();
  await two.stop();
});

const version = { name: "app.jar", version: 3, sizeBytes: 700_000, digest: "d" };

async function* blocks(...sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  for (const size of sizes) yield Buffer.alloc(size, 7);
}

async function collected(parts: AsyncIterable<UploadPart>): Promise<UploadPart[]> {
  const all: UploadPart[] = [];
  for await (const part of parts) all.push(part);
  return all;
}

describe("push", () => {
  test("the header comes first, then pieces of at most 256 KiB; progress ends at the size", async () => {
    let parts: UploadPart[] = [];
    one.onUpload = async (stream) => {
      parts = await collected(stream);
      return { version };
    };
    const progress: number[] = [];
    const answer = await client.resources.push(blocks(600_000, 100_000), {
      header: { name: "app.jar", kind: "jar", sizeBytes: 700_000 },
      onProgress: (sent) => progress.push(sent),
    });
    expect(answer).toMatchObject({ version: 3 });
    expect(parts[0]?.header).toMatchObject({ name: "app.jar", kind: "jar", sizeBytes: 700_000 });
    expect(parts.slice(1).map(({ data }) => data?.length)).toEqual([
      262_144, 262_144, 75_712, 100_000,
    ]);
    expect(progress.at(-1)).toBe(700_000);
  });

  test("a refusal ends the upload before the source does", async () => {
    one.onUpload = async () => {
      throw refusal("invalid", "QUORATE_STATE_NAME_INVALID");
    };
    let hasEnded = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) {
          yield Buffer.alloc(300_000);
          await new Promise((resolve) => setImmediate(resolve));
        }
      } finally {
        hasEnded = true;
      }
    }
    await expect(client.resources.push(endless(), { header: { name: "X" } })).rejects.toMatchObject(
      { code: "QUORATE_STATE_NAME_INVALID" },
    );
    expect(hasEnded).toBe(true);
  });

  test("a source that can be opened again is sent to another server; one that cannot is not", async () => {
    one.onUpload = async () => {
      throw refusal("unavailable");
    };
    two.onUpload = async (stream) => {
      await collected(stream);
      return { version };
    };
    const answer = await client.resources.push(() => blocks(10), { header: { name: "a" } });
    expect(answer.version).toBe(3);

    const fresh = new QuorateClient({ addresses: [one.address, two.address] });
    await expect(fresh.resources.push(blocks(10), { header: { name: "a" } })).rejects.toMatchObject(
      { kind: "unavailable" },
    );
    fresh.close();
  });

  test("a connection that breaks leaves the outcome unknown", async () => {
    one.onUpload = async (stream) => {
      await collected(stream);
      one.cut();
      return { version };
    };
    await expect(
      client.resources.push(() => blocks(10), { header: { name: "a" } }),
    ).rejects.toMatchObject({ code: "QUORATE_CLIENT_OUTCOME_UNKNOWN" });
    expect(two.calls).toHaveLength(0);
  });

  test("a source that fails cancels the upload and says why", async () => {
    one.onUpload = async (stream) => {
      await collected(stream);
      return { version };
    };
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(10);
      throw new Error("disk is gone");
    }
    await expect(client.resources.push(failing(), { header: { name: "a" } })).rejects.toMatchObject(
      { code: "QUORATE_CLIENT_SOURCE_FAILED", message: "disk is gone" },
    );
    await until(() => one.cancelled === 1);
  });
});

describe("pull", () => {
  test("gives the version, then the bytes", async () => {
    one.onDownload = async function* () {
      yield { version };
      yield { data: Buffer.from("ab") };
      yield { data: Buffer.from("c") };
    };
    const pulled = await client.resources.pull({ name: "app.jar", version: "3" });
    expect(pulled.version).toMatchObject({ version: 3, digest: "d" });
    const chunks = [];
    for await (const chunk of pulled.bytes) chunks.push(chunk);
    expect(Buffer.concat(chunks).toString()).toBe("abc");
    expect(one.calls[0]?.request).toMatchObject({ name: "app.jar", version: "3" });
  });

  test("an error before the first byte is the server's; unavailable asks another", async () => {
    one.onDownload = async function* () {
      throw refusal("unavailable");
    };
    two.onDownload = async function* () {
      yield { version };
    };
    expect((await client.resources.pull({ name: "a" })).version.version).toBe(3);
    two.onDownload = async function* () {
      throw refusal("not-found", "QUORATE_STATE_RESOURCE_UNKNOWN");
    };
    await expect(client.resources.pull({ name: "a" })).rejects.toMatchObject({
      code: "QUORATE_STATE_RESOURCE_UNKNOWN",
    });
  });

  test("an error in the middle ends the bytes with it", async () => {
    one.onDownload = async function* () {
      yield { version };
      yield { data: Buffer.from("ab") };
      throw refusal("corrupt", "QUORATE_TEST_DAMAGED");
    };
    const { bytes } = await client.resources.pull({ name: "a" });
    await expect(
      (async () => {
        for await (const chunk of bytes) expect(chunk.length).toBe(2);
      })(),
    ).rejects.toMatchObject({ code: "QUORATE_TEST_DAMAGED" });
  });

  test("leaving early cancels the call", async () => {
    one.onDownload = async function* () {
      yield { version };
      for (;;) {
        yield { data: Buffer.alloc(1000) };
        await new Promise((resolve) => setImmediate(resolve));
        if (one.cancelled > 0) return;
      }
    };
    const { bytes } = await client.resources.pull({ name: "a" });
    for await (const chunk of bytes) {
      expect(chunk.length).toBe(1000);
      break;
    }
    await until(() => one.cancelled === 1);
  });

  test("a stream without a version is not of our protocol", async () => {
    one.onDownload = async function* () {
      yield { data: Buffer.from("ab") };
    };
    await expect(client.resources.pull({ name: "a" })).rejects.toMatchObject({
      code: "QUORATE_CLIENT_BAD_ANSWER",
    });
  });
});
