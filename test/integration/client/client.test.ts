// The client and the command line against real servers in this process: LevelDB, Raft and gRPC, no fakes.
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli } from "../../../src/cli/main.ts";
import { type EmbeddedServer, QuorateClient, startServer } from "../../../src/index.ts";

let folder: string;
let server: EmbeddedServer;
let client: QuorateClient;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "quorate-client-"));
  server = await startServer({ data: join(folder, "s1"), id: "s1", lease: "fast" });
  client = new QuorateClient({ addresses: [server.grpcAddress], actor: "test" });
});

afterAll(async () => {
  client.close();
  await server.stop();
  await rm(folder, { recursive: true, force: true });
});

interface Printed {
  readonly code: number;
  readonly stdout: Buffer;
  readonly stderr: string;
}

async function quorate(...argv: readonly string[]): Promise<Printed> {
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  const into = (chunks: Buffer[]): Writable =>
    new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        chunks.push(chunk);
        done();
      },
    });
  const code = await runCli({
    argv,
    environment: { QUORATE_ADDR: server.grpcAddress },
    stdout: into(out),
    stderr: into(err),
  });
  return { code, stdout: Buffer.concat(out), stderr: Buffer.concat(err).toString() };
}

async function json(...argv: readonly string[]): Promise<Record<string, unknown>> {
  const { code, stdout, stderr } = await quorate("-o", "json", ...argv);
  expect([code, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout.toString()) as Record<string, unknown>;
}

describe("kv", () => {
  test("put, get, compare-and-set, list, delete", async () => {
    const { revision } = await client.kv.put("a/1", "one", { condition: { absent: true } });
    expect((await client.kv.get("a/1")).value.toString()).toBe("one");
    await expect(
      client.kv.put("a/1", "two", { condition: { absent: true } }),
    ).rejects.toMatchObject({ code: "QUORATE_STATE_KV_CONDITION_FAILED", kind: "conflict" });
    await client.kv.put("a/1", Buffer.from([0xff]), { condition: { revision } });
    expect((await client.kv.list("a/")).kvs.map(({ key }) => key)).toEqual(["a/1"]);
    const value = new Uint8Array([0xff]);
    expect((await client.kv.delete("a/1", { condition: { value } })).existed).toBe(true);
    await expect(client.kv.get("a/1")).rejects.toMatchObject({ kind: "not-found" });
  });

  test("two hundred writes at once are all done, once", async () => {
    await Promise.all(Array.from({ length: 200 }, () => client.kv.put("many", "x")));
    expect((await client.kv.get("many")).version).toBe(200);
  });

  test("the command line, with its exit codes", async () => {
    expect((await quorate("kv", "put", "c", "v", "--if-absent")).code).toBe(0);
    expect((await quorate("kv", "put", "c", "v", "--if-absent")).code).toBe(6);
    expect((await quorate("kv", "get", "c")).stdout.toString()).toBe("v");
    expect(await json("kv", "get", "c")).toMatchObject({ valueText: "v", version: 1 });
    expect((await quorate("kv", "delete", "c")).code).toBe(0);
    expect((await quorate("kv", "get", "c")).code).toBe(5);
  });
});

describe("resources", () => {
  test("what is pushed is pulled, across several chunks", async () => {
    const path = join(folder, "Big.jar");
    const bytes = Buffer.alloc(3_500_000, "0123456789abcdef");
    await writeFile(path, bytes);
    expect(await json("resource", "push", path, "--note", "n")).toMatchObject({
      name: "big.jar",
      version: 1,
      kind: "jar",
      sizeBytes: bytes.length,
    });
    const target = join(folder, "back");
    await json("resource", "pull", "big.jar@1", "-f", target);
    expect(bytes.equals(await readFile(target))).toBe(true);
    const { stdout } = await quorate("resource", "pull", "big.jar", "-f", "-");
    expect(bytes.equals(stdout)).toBe(true);
    expect(await client.resources.get({ name: "big.jar" })).toMatchObject({ note: "n" });
    expect((await quorate("resource", "delete", "big.jar@1")).code).toBe(0);
    expect(await client.resources.list()).toEqual([]);
  });

  test("a digest that differs is refused by the server", async () => {
    async function* source() {
      yield Buffer.from("other bytes");
    }
    await expect(
      client.resources.push(source, {
        header: { name: "x", sizeBytes: 11, digest: "0".repeat(64) },
      }),
    ).rejects.toMatchObject({ code: "QUORATE_RESOURCES_DIGEST_MISMATCH" });
  });
});

describe("jobs, ring and cluster", () => {
  test("a job is submitted, listed, stopped and forgotten", async () => {
    const { jobId } = (await json("job", "run", "n", "--command", "--", "sleep", "60")) as {
      jobId: string;
    };
    expect((await client.jobs.list()).map((job) => job.jobId)).toEqual([jobId]);
    expect((await quorate("job", "run", "n", "--command", "--", "sleep", "60")).code).toBe(6);
    expect(await json("job", "run", "n", "--command", "--update", "--", "true")).toMatchObject({
      specRevision: 2,
    });
    expect((await client.jobs.get("default/n")).job.spec?.command?.command).toEqual(["true"]);
    expect((await quorate("job", "stop", "n", "--reason", "enough")).code).toBe(0);
    expect((await client.jobs.get(jobId)).job.desired).toBe("stopped");
    expect((await quorate("job", "start", jobId)).code).toBe(0);
    expect((await quorate("job", "logs", "n")).code).toBe(5);
    expect((await quorate("job", "delete", "n")).code).toBe(0);
    expect((await quorate("job", "status", "n")).code).toBe(5);
  });

  test("the ring and the servers are shown", async () => {
    expect(await json("ring", "show")).toMatchObject({ maxMinusMin: 0 });
    expect(await json("server", "list")).toMatchObject({
      servers: [{ serverId: "s1", role: "ROLE_VOTER", leader: true }],
    });
    expect((await quorate("server", "remove", "s1")).code).not.toBe(0);
  });

  test("cluster status: one server that leads", async () => {
    expect(await json("cluster", "status")).toMatchObject({
      servers: [{ serverId: "s1", isAnswering: true, status: { role: "leader" } }],
      health: { level: "healthy", failuresTolerated: 0 },
    });
    expect((await client.cluster.status(server.grpcAddress)).voters).toBe(1);
  });
});
