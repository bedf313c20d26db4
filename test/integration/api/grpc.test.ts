import { createHash, createHmac } from "node:crypto";
import { status as code, Metadata, type ServiceError } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { allCalls } from "../../../src/api/calls/all.ts";
import { CallFailed, definitions, methodOf, Single } from "./single.ts";

let server: Single;
beforeAll(async () => {
  server = await (await new Single().open()).admit();
});
afterAll(() => server.close());
afterEach(() => {
  expect(server.complaints).toEqual([]);
});

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const spec = { command: { command: ["sleep", "1"] } };
const bytesOf = (value: unknown): string => Buffer.from(value as Uint8Array).toString();

async function failure(service: string, method: string, request: object = {}): Promise<CallFailed> {
  try {
    await server.call(service, method, request);
  } catch (error) {
    if (error instanceof CallFailed) return error;
    throw error;
  }
  throw new Error(`${method} did not fail`);
}

interface Uploading {
  readonly answer: Promise<Record<string, unknown>>;
  write(message: object): void;
  end(): void;
  cancel(): void;
}

function upload(): Uploading {
  const { path, requestSerialize, responseDeserialize } = methodOf("resource", "Upload");
  let call: { write(m: object): void; end(): void; cancel(): void } | undefined;
  const answer = new Promise<Record<string, unknown>>((resolve, reject) => {
    call = server.client.makeClientStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      (error, value) => {
        if (error === null) resolve(value as Record<string, unknown>);
        else reject(new CallFailed(error));
      },
    );
  });
  return {
    answer,
    write: (message) => call?.write(message),
    end: () => call?.end(),
    cancel: () => call?.cancel(),
  };
}

function push(header: object, ...pieces: readonly Uint8Array[]): Uploading["answer"] {
  const sending = upload();
  sending.write({ header });
  for (const data of pieces) sending.write({ data });
  sending.end();
  return sending.answer;
}

async function pull(request: object): Promise<{
  readonly version: Record<string, unknown>;
  readonly bytes: Buffer;
}> {
  const { path, requestSerialize, responseDeserialize } = methodOf("resource", "Download");
  const call = server.client.makeServerStreamRequest(
    path,
    requestSerialize,
    responseDeserialize,
    request,
  );
  const [first, ...rest] = await new Promise<Record<string, unknown>[]>((resolve, reject) => {
    const parts: Record<string, unknown>[] = [];
    call.on("data", (part: Record<string, unknown>) => parts.push(part));
    call.on("error", (error) => {
      reject(new CallFailed(error as never));
    });
    call.on("end", () => {
      resolve(parts);
    });
  });
  return {
    version: first!["version"] as Record<string, unknown>,
    bytes: Buffer.concat(rest.map(({ data }) => data as Uint8Array)),
  };
}

async function until(reached: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("not reached");
}

test("every method of the protocol is a call of the table or a stream", () => {
  const streams = ["WatchServers", "Upload", "Download"];
  const inTable = allCalls.map(({ service, method }) => `${service}.${method}`);
  const inProtocol = [...definitions].flatMap(([service, methods]) =>
    Object.keys(methods)
      .filter((method) => /^[A-Z]/.test(method) && !streams.includes(method))
      .map((method) => `${service}.${method}`),
  );
  expect([...new Set(inProtocol)].sort()).toEqual([...inTable].sort());
});

describe("every call answers", () => {
  test("admin", async () => {
    expect(await server.call("admin", "GetStatus")).toMatchObject({
      clusterId: "c",
      serverId: "s1",
      role: "leader",
      leaderId: "s1",
      voters: 1,
      failuresTolerated: 0,
      peers: [],
    });
    expect(await server.call("admin", "PromoteServer", { serverId: "s1" })).toMatchObject({
      text: "is a voter already",
    });
    expect(
      await server.call("admin", "SetServerState", { serverId: "s1", state: "cordoned" }),
    ).toMatchObject({ serverId: "s1", text: "now cordoned" });
    await server.call("admin", "SetServerState", { serverId: "s1", state: "active" });
    expect(await server.call("admin", "TransferLeadership", { serverId: "s1" })).toMatchObject({
      text: "leads",
    });
    const { clientSession } = await server.call("admin", "OpenClientSession");
    expect(clientSession).toBeGreaterThan(0);
    const add = await failure("admin", "AddServer", { peerAddress: "nobody:1" });
    expect(add).toMatchObject({
      status: code.FAILED_PRECONDITION,
      record: { code: "QUORATE_REGISTRY_ADDRESS_SILENT", fields: { address: "nobody:1" } },
    });
    const remove = await failure("admin", "RemoveServer", { serverId: "s1" });
    expect(remove).toMatchObject({
      status: code.FAILED_PRECONDITION,
      record: { code: "QUORATE_REGISTRY_WOULD_LOSE_QUORUM" },
    });
  });

  test("registry", async () => {
    const { servers } = await server.call("registry", "ListServers", { role: "ROLE_VOTER" });
    expect(servers).toMatchObject([{ serverId: "s1", role: "ROLE_VOTER", leader: true }]);
    const none = await server.call("registry", "ListServers", { labels: { rack: "7" } });
    expect(none["servers"]).toEqual([]);
    const value = Buffer.from([0, 255, 7]);
    const put = await server.call("registry", "Put", { key: "k", value });
    expect(put).toMatchObject({ version: 1 });
    const { kv } = await server.call("registry", "Get", { key: "k" });
    const row = kv as { value: Uint8Array; modifiedRevision: number };
    expect(Buffer.from(row.value).equals(value)).toBe(true);
    const condition = { revision: row.modifiedRevision };
    await server.call("registry", "Put", { key: "k", value: Buffer.from("2"), condition });
    const lost = await failure("registry", "Put", { key: "k", value, condition });
    expect(lost).toMatchObject({
      status: code.ABORTED,
      record: { code: "QUORATE_STATE_KV_CONDITION_FAILED" },
    });
    const { kvs } = await server.call("registry", "List", { prefix: "k" });
    expect((kvs as object[]).length).toBe(1);
    const gone = { key: "k", condition: { value: Buffer.from("2") } };
    expect(await server.call("registry", "Delete", gone)).toMatchObject({ existed: true });
  });

  test("registry, with a condition that says nothing", async () => {
    // An empty message of the oneof is no condition: it must not become one.
    for (const condition of [{}, { absent: false }, null]) {
      await server.call("registry", "Put", { key: "free", value: Buffer.from("x"), condition });
    }
    const absent = { key: "free", value: Buffer.from("x"), condition: { absent: true } };
    expect((await failure("registry", "Put", absent)).status).toBe(code.ABORTED);
    await server.call("registry", "Delete", { key: "free" });
  });

  test("jobs", async () => {
    const { jobId } = await server.call("job", "SubmitJob", { name: "etl", spec });
    const { job, events } = await server.call("job", "GetJob", { job: "etl" });
    expect(job).toMatchObject({
      jobId,
      namespace: "default",
      state: "pending",
      spec: { run: "command", command: { command: ["sleep", "1"] }, slots: 1 },
    });
    expect((events as object[]).length).toBe(1);
    const changed = { job: "etl", spec: { ...spec, priority: 3 } };
    expect(await server.call("job", "UpdateJob", changed)).toMatchObject({
      job: { specRevision: 2 },
    });
    await server.call("job", "StopJob", { job: "etl", reason: "test" });
    await server.call("job", "StartJob", { job: "etl" });
    const { jobs } = await server.call("job", "ListJobs");
    expect((jobs as object[]).length).toBe(1);
    const others = [
      ["zoo", "a"],
      ["", "b"],
      ["", "a10"],
      ["abc", "z"],
    ] as const;
    // 0 is what a number that is not said looks like.
    const least = { ...spec, slots: 0 };
    for (const [namespace, name] of others) {
      await server.call("job", "SubmitJob", { namespace, name, spec: least });
    }
    const list = (await server.call("job", "ListJobs"))["jobs"] as Record<string, string>[];
    const names = ["abc/z", "default/a10", "default/b", "default/etl", "zoo/a"];
    expect(list.map(({ namespace, name }) => `${namespace!}/${name!}`)).toEqual(names);
    expect(list[0]).toMatchObject({ spec: { slots: 1 } });
    for (const { jobId } of list) {
      if (jobId !== list[3]?.["jobId"]) await server.call("job", "DeleteJob", { job: jobId });
    }
    expect(await server.call("job", "GetRing")).toMatchObject({ jobs: [{ jobId }] });
    const log = await failure("job", "ReadLog", { job: "etl" });
    expect(log).toMatchObject({ status: code.NOT_FOUND, record: { code: "QUORATE_API_NO_LOG" } });
    await server.call("job", "DeleteJob", { job: "etl" });
  });

  test("runner", async () => {
    const key = Buffer.alloc(32, 7);
    const { session } = await server.call("runner", "Register", {
      serverId: "s1",
      incarnation: "0000000000000001",
      leaseMs: 1000,
      key,
      capacity: 2,
    });
    const body = Buffer.from(
      JSON.stringify({ session, counter: 1, running: [], released: [], sealed: true }),
    );
    const signature = createHmac("sha256", key).update(body).digest("hex");
    expect(await server.call("runner", "Renew", { body, signature })).toMatchObject({
      alive: false,
    });
    const poll = await server.call("runner", "PollAssignments", { serverId: "s1" });
    expect(poll).toMatchObject({ jobs: [] });
  });
});

describe("resources", () => {
  const bytes = Buffer.alloc(600_000, 9);
  const digest = sha256(bytes);

  test("go up and down in pieces", async () => {
    const header = { name: "app.jar", kind: "jar", note: "n", sizeBytes: bytes.length, digest };
    const pieces = [bytes.subarray(0, 100_000), bytes.subarray(100_000)];
    const { version } = await push(header, ...pieces);
    expect(version).toMatchObject({ namespace: "default", version: 1, digest, kind: "jar" });
    const pulled = await pull({ name: "app.jar", version: "1" });
    expect(pulled.version).toMatchObject({ version: 1 });
    expect(pulled.bytes.equals(bytes)).toBe(true);
    const { versions } = await server.call("resource", "ListResources");
    expect((versions as object[]).length).toBe(1);
    const named = { namespace: "default", name: "app.jar", version: "latest" };
    expect(await server.call("resource", "GetResource", named)).toMatchObject({
      version: { digest },
    });
    await server.call("resource", "DeleteVersion", { ...named, version: 1 });
    expect((await failure("resource", "GetResource", named)).status).toBe(code.NOT_FOUND);
  });

  test("whose sender breaks off do not become a shorter file", async () => {
    const { replica } = server.services!;
    const sending = upload();
    sending.write({ header: { name: "half" } });
    for (let i = 0; i < 6; i += 1) sending.write({ data: Buffer.alloc(1024 * 1024, i) });
    await until(() => replica.state.uploads().length === 1);
    sending.cancel();
    await expect(sending.answer).rejects.toMatchObject({ status: code.CANCELLED });
    await until(() => replica.state.uploads().length === 0);
    expect(replica.state.resource("default", "half", "latest")).toBeUndefined();
  });

  test("are refused with the reason, in either direction", async () => {
    const refusals = [
      [() => push({ name: "x", digest: "0".repeat(64) }, bytes), "RESOURCES_DIGEST_MISMATCH"],
      [() => push({ name: "x", sizeBytes: 1 }, bytes), "RESOURCES_SIZE_MISMATCH"],
      [() => push({ name: "x", sizeBytes: 0 }), "RESOURCES_EMPTY"],
      [() => push({ name: "x", kind: "exe" }, bytes), "API_BAD_REQUEST"],
      [() => push({ name: "" }, bytes), "API_BAD_REQUEST"],
      [() => push({ name: "../x" }, bytes), "STATE_NAME_INVALID"],
      [() => pull({ name: "none" }), "RESOURCES_UNKNOWN_RESOURCE"],
      [() => pull({ name: "" }), "API_BAD_REQUEST"],
      [() => pull({ name: "x", version: "newest" }), "RESOURCES_BAD_SELECTOR"],
    ] as const;
    for (const [answer, name] of refusals) {
      await expect(answer()).rejects.toMatchObject({ record: { code: `QUORATE_${name}` } });
    }
    expect(server.services!.replica.state.uploads()).toEqual([]);
  });

  test("in messages of another order are refused", async () => {
    const orders = [[{ data: bytes }], [{ header: { name: "x" } }, { header: { name: "x" } }], []];
    for (const messages of orders) {
      const sending = upload();
      for (const message of messages) sending.write(message);
      sending.end();
      await expect(sending.answer).rejects.toMatchObject({
        status: code.INVALID_ARGUMENT,
        record: { code: "QUORATE_API_BAD_REQUEST" },
      });
    }
  });
});

describe("watching servers", () => {
  function watch(request: object) {
    const { path, requestSerialize, responseDeserialize } = methodOf("registry", "WatchServers");
    const call = server.client.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
    );
    const seen: { servers: { adminState: string }[]; revision: number }[] = [];
    const ended = new Promise<CallFailed>((resolve) => {
      call.on("error", (error) => {
        resolve(new CallFailed(error as never));
      });
    });
    call.on("data", (one: (typeof seen)[number]) => seen.push(one));
    return { seen, ended, cancel: () => call.cancel() };
  }

  test("gives the list at once and again with every change", async () => {
    const { members } = server.services!;
    const watching = watch({});
    await until(() => watching.seen.length === 1);
    const options = { actor: "test", deadlineMs: 5000 };
    for (const admin of ["cordoned", "active"] as const) {
      await members.setAdminState({ serverId: "s1", admin, reason: "" }, options);
      await until(() => watching.seen.at(-1)?.servers[0]?.adminState === admin);
    }
    const { revision } = watching.seen[0]!;
    const resumed = watch({ sinceRevision: revision });
    await until(() => resumed.seen.length === 1);
    for (const { cancel, ended } of [watching, resumed]) {
      cancel();
      expect((await ended).status).toBe(code.CANCELLED);
    }
  });

  test("from a revision that is no number of ours is refused", async () => {
    const { ended } = watch({ sinceRevision: 2 ** 60 });
    expect(await ended).toMatchObject({ record: { code: "QUORATE_API_BAD_REQUEST" } });
  });
});

describe("bad input", () => {
  test.each([
    ["registry", "Get", { key: "" }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    ["registry", "Get", { key: "none" }, code.NOT_FOUND, "API_UNKNOWN_KEY"],
    [
      "registry",
      "Put",
      { key: "\u0007", value: Buffer.from("x") },
      code.INVALID_ARGUMENT,
      "STATE_VALUE_INVALID",
    ],
    [
      "registry",
      "Put",
      { key: "k", value: Buffer.alloc(65_537) },
      code.INVALID_ARGUMENT,
      "API_BAD_REQUEST",
    ],
    ["registry", "List", { limit: 1001 }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    [
      "registry",
      "Put",
      { key: "k", value: Buffer.from("x"), requestId: { clientSession: 5 } },
      code.INVALID_ARGUMENT,
      "API_BAD_REQUEST",
    ],
    [
      "registry",
      "Put",
      { key: "k", value: Buffer.from("x"), requestId: { clientSession: 5, sequence: 1 } },
      code.DEADLINE_EXCEEDED,
      "STATE_UNKNOWN_REQUEST",
    ],
    [
      "registry",
      "Put",
      { key: "k", value: Buffer.from("x"), condition: { revision: 2 ** 60 } },
      code.INVALID_ARGUMENT,
      "API_BAD_REQUEST",
    ],
    ["job", "GetJob", { job: "none" }, code.NOT_FOUND, "STATE_JOB_UNKNOWN"],
    ["job", "GetJob", { job: "" }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    ["job", "SubmitJob", { name: "x" }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    ["job", "SubmitJob", { name: "x", spec: {} }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    ["job", "SubmitJob", { name: "X y", spec }, code.INVALID_ARGUMENT, "STATE_NAME_INVALID"],
    [
      "job",
      "SubmitJob",
      { name: "x", spec: { ...spec, priority: 101 } },
      code.INVALID_ARGUMENT,
      "API_BAD_REQUEST",
    ],
    [
      "job",
      "SubmitJob",
      { name: "x", spec: { node: { resource: { name: "none" } } } },
      code.NOT_FOUND,
      "RESOURCES_UNKNOWN_RESOURCE",
    ],
    ["job", "StopJob", { job: "none" }, code.NOT_FOUND, "STATE_JOB_UNKNOWN"],
    [
      "resource",
      "DeleteVersion",
      { name: "none", version: 1 },
      code.NOT_FOUND,
      "STATE_RESOURCE_UNKNOWN",
    ],
    ["resource", "DeleteVersion", { name: "none" }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    ["admin", "PromoteServer", { serverId: "" }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    ["admin", "PromoteServer", { serverId: "s9" }, code.NOT_FOUND, "REGISTRY_UNKNOWN_SERVER"],
    ["admin", "AddServer", { peerAddress: "no-port" }, code.INVALID_ARGUMENT, "API_BAD_REQUEST"],
    [
      "runner",
      "Register",
      { serverId: "s1", incarnation: "x", leaseMs: 1 },
      code.INVALID_ARGUMENT,
      "API_BAD_REQUEST",
    ],
    [
      "runner",
      "Register",
      { serverId: "s9", incarnation: "x", leaseMs: 1000, key: Buffer.alloc(32) },
      code.NOT_FOUND,
      "REGISTRY_UNKNOWN_SERVER",
    ],
    [
      "runner",
      "Renew",
      { body: Buffer.from("{}"), signature: "x" },
      code.INVALID_ARGUMENT,
      "API_BAD_REQUEST",
    ],
    [
      "runner",
      "Renew",
      { body: Buffer.from("{}"), signature: "0".repeat(64) },
      code.INVALID_ARGUMENT,
      "REGISTRY_BAD_HELLO",
    ],
  ])("%s.%s(%j)", async (service, method, request, status, name) => {
    const error = await failure(service, method, request);
    expect([error.status, error.record?.code]).toEqual([status, `QUORATE_${name}`]);
    expect(error.record?.help.length).toBeGreaterThan(10);
    expect(error.message).toContain(error.record!.help);
  });

  test("a resource that is named with a digest that is not its own", async () => {
    await push({ name: "pinned" }, Buffer.from("bytes"));
    const resource = { name: "pinned", version: "1", digest: "0".repeat(64) };
    const error = await failure("job", "SubmitJob", { name: "x", spec: { node: { resource } } });
    expect(error.record).toMatchObject({ fields: { field: "spec.resource.digest" } });
    const right = { name: "pinned", version: "", digest: sha256(Buffer.from("bytes")) };
    await server.call("job", "SubmitJob", { name: "x", spec: { node: { resource: right } } });
    await server.call("job", "DeleteJob", { job: "x" });
  });

  test("a message above the limit, and bytes that are no message", async () => {
    const large = await failure("registry", "Put", { key: "k", value: Buffer.alloc(5_000_000) });
    expect(large.status).toBe(code.RESOURCE_EXHAUSTED);
    const { path } = methodOf("registry", "Put");
    const bytes = (): Buffer => Buffer.from([255, 255, 255, 255]);
    const garbage = await new Promise<CallFailed>((resolve, reject) => {
      server.client.makeUnaryRequest(path, bytes, bytes, {}, (error) => {
        if (error === null) reject(new Error("garbage was taken"));
        else resolve(new CallFailed(error));
      });
    });
    expect(garbage.status).toBe(code.INVALID_ARGUMENT);
    expect(garbage.record?.code).toBe("QUORATE_API_BAD_REQUEST");
    expect(await server.call("admin", "GetStatus")).toMatchObject({ role: "leader" });
  });

  test("bytes that are no message, in a call that streams", async () => {
    const bytes = (): Buffer => Buffer.from([255, 255, 255, 255]);
    const { client } = server;
    const sent = await new Promise<CallFailed>((resolve, reject) => {
      const { path } = methodOf("resource", "Upload");
      const call = client.makeClientStreamRequest(path, bytes, bytes, (error) => {
        if (error === null) reject(new Error("garbage was taken"));
        else resolve(new CallFailed(error));
      });
      call.write({});
      call.end();
    });
    const { path } = methodOf("registry", "WatchServers");
    const asked = await new Promise<CallFailed>((resolve) => {
      const call = client.makeServerStreamRequest(path, bytes, bytes, {});
      call.on("error", (error: ServiceError) => {
        resolve(new CallFailed(error));
      });
      call.resume();
    });
    for (const { status, record } of [sent, asked]) {
      expect([status, record?.code]).toEqual([code.INVALID_ARGUMENT, "QUORATE_API_BAD_REQUEST"]);
    }
  });

  test("a call that is not in the protocol", async () => {
    const answer = await new Promise<number>((resolve) => {
      const path = "/quorate.admin.v1.AdminService/Explode";
      const same = (bytes: Buffer): Buffer => bytes;
      server.client.makeUnaryRequest(path, same, same, Buffer.alloc(0), (error) => {
        resolve(error?.code ?? 0);
      });
    });
    expect(answer).toBe(code.UNIMPLEMENTED);
  });
});

test("the caller's name and deadline are those of the call", async () => {
  const { path, requestSerialize, responseDeserialize } = methodOf("job", "SubmitJob");
  const metadata = new Metadata();
  metadata.set("quorate-actor", "cli:bob");
  await new Promise<void>((resolve, reject) => {
    const deadline = Date.now() + 5000;
    const request = { name: "named", spec };
    server.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      { deadline },
      (error) => {
        if (error === null) resolve();
        else reject(error);
      },
    );
  });
  const { events } = await server.call("job", "GetJob", { job: "named" });
  expect((events as { actor: string }[])[0]?.actor).toMatch(/^cli:bob@127\.0\.0\.1:/);
  await server.call("job", "DeleteJob", { job: "named" });
});

describe("before it is a member of a cluster", () => {
  test("every call but GetHealth answers with NOT_READY", async () => {
    const early = await new Single().open();
    try {
      for (const { service, method } of allCalls) {
        if (method === "GetHealth") continue;
        const error: unknown = await early.call(service, method).catch((thrown: unknown) => thrown);
        expect(error).toMatchObject({
          status: code.UNAVAILABLE,
          record: { code: "QUORATE_API_NOT_READY" },
        });
      }
    } finally {
      await early.close();
    }
  });
});

test("bytes of an answer are bytes", async () => {
  await server.call("registry", "Put", { key: "text", value: Buffer.from("grüße") });
  const { kv } = await server.call("registry", "Get", { key: "text", stale: true });
  expect(bytesOf((kv as { value: Uint8Array }).value)).toBe("grüße");
});
