import { createHash } from "node:crypto";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { allCalls } from "../../../src/api/calls/all.ts";
import { newHealth, newTurns, Single } from "./single.ts";

let server: Single;
beforeAll(async () => {
  server = await (await new Single().open()).admit();
});
afterAll(() => server.close());
afterEach(() => {
  // Nothing that a caller says may look like a defect of the server.
  expect(server.complaints).toEqual([]);
});

const json = (...args: Parameters<Single["json"]>): ReturnType<Single["json"]> =>
  server.json(...args);

const command = { command: { command: ["sleep", "1"] } };
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

describe("every route answers", () => {
  test("health, readiness and the description of all routes", async () => {
    expect((await json("GET", "/livez")).body).toEqual({ live: true });
    expect(await json("GET", "/readyz")).toMatchObject({ status: 200, body: { ready: true } });
    const { status, body } = await json("GET", "/openapi.json");
    expect(status).toBe(200);
    expect(body["openapi"]).toBe("3.1.0");
    const paths = body["paths"] as Record<string, Record<string, { operationId: string }>>;
    const listed = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(
        ([method, { operationId }]) => `${method.toUpperCase()} ${path} ${operationId}`,
      ),
    );
    for (const { http, method } of allCalls) {
      if (http === undefined) continue;
      const path = http.path.replace(/:([A-Za-z]+)/g, "{$1}").replace("*", "{key}");
      expect(listed).toContain(`${http.method} ${path} ${method}`);
    }
    expect(listed).toContain("PUT /v1/resources/{namespace}/{name} Upload");
    expect(listed).toContain("GET /v1/resources/{namespace}/{name} Download");
  });

  test("the description says which fields a request has", async () => {
    const { body } = await json("GET", "/openapi.json");
    const text = JSON.stringify(body);
    const paths = body["paths"] as Record<string, Record<string, object>>;
    const list = JSON.stringify(paths["/v1/kv"]);
    for (const name of ["prefix", "stale", "limit"]) expect(list).toContain(`"name":"${name}"`);
    expect(JSON.stringify(paths["/v1/jobs"])).toContain('"spec"');
    expect(text).not.toContain("x-bytes");
  });

  test("the description has the routes beside the table of calls, and what goes into a query", async () => {
    const { body } = await json("GET", "/openapi.json");
    interface Described {
      readonly parameters?: readonly { readonly name: string; readonly in: string }[];
      readonly requestBody?: { readonly content: object };
    }
    const paths = body["paths"] as Record<string, Record<string, Described>>;
    const of = (method: string, path: string) => {
      const { parameters = [], requestBody } = paths[path]![method]!;
      return [
        parameters.map(({ name, in: place }) => `${place} ${name}`).sort(),
        Object.keys(requestBody?.content ?? {}),
      ];
    };
    expect(of("get", "/livez")).toEqual([[], []]);
    expect(of("get", "/readyz")).toEqual([[], []]);
    expect(of("post", "/v1/sentinel/register")).toEqual([[], ["application/json"]]);
    expect(of("post", "/v1/sentinel/renew")).toEqual([
      ["header x-quorate-signature"],
      ["application/json"],
    ]);
    const file = ["path name", "path namespace"];
    const upload = ["digest", "kind", "note", "sizeBytes"].map((name) => `query ${name}`);
    expect(of("put", "/v1/resources/{namespace}/{name}")).toEqual([
      [...file, ...upload].sort(),
      ["application/octet-stream"],
    ]);
    expect(of("get", "/v1/resources/{namespace}/{name}")).toEqual([
      ["header if-none-match", "header range", ...file, "query version"],
      [],
    ]);
    expect(of("put", "/v1/kv/{key}")).toEqual([
      ["path key", "query absent", "query revision"],
      ["application/octet-stream"],
    ]);
    expect(of("delete", "/v1/kv/{key}")[0]).toEqual(["path key", "query absent", "query revision"]);
    expect(of("get", "/v1/kv")[0]).toEqual(
      ["after", "limit", "prefix", "stale"].map((name) => `query ${name}`),
    );
  });

  test("status and members", async () => {
    const { body } = await json("GET", "/v1/status");
    expect(body).toMatchObject({
      clusterId: "c",
      serverId: "s1",
      role: "leader",
      leaderId: "s1",
      voters: 1,
      failuresTolerated: 0,
      fencing: "none",
    });
    const list = await json("GET", "/v1/servers");
    expect(list.body).toMatchObject({
      servers: [{ serverId: "s1", role: "ROLE_VOTER", leader: true, session: 0 }],
    });
    const learners = await json("GET", "/v1/servers?role=ROLE_LEARNER");
    expect(learners.body).toMatchObject({ servers: [] });
  });

  test("membership changes, refused with the reason", async () => {
    const cases = [
      ["POST", "/v1/servers", { peerAddress: "nobody:1" }, 409, "REGISTRY_ADDRESS_SILENT"],
      ["POST", "/v1/servers/s9/promote", {}, 404, "REGISTRY_UNKNOWN_SERVER"],
      ["POST", "/v1/servers/s9/lead", {}, 404, "REGISTRY_UNKNOWN_SERVER"],
      ["DELETE", "/v1/servers/s1", undefined, 409, "REGISTRY_WOULD_LOSE_QUORUM"],
    ] as const;
    for (const [method, path, body, status, code] of cases) {
      expect(await json(method, path, body)).toMatchObject({
        status,
        body: { code: `QUORATE_${code}` },
      });
    }
    expect((await json("POST", "/v1/servers/s1/lead", {})).body).toMatchObject({ text: "leads" });
    expect((await json("POST", "/v1/servers/s1/promote", {})).body).toMatchObject({
      text: "is a voter already",
    });
  });

  test("keys: put, get, list, compare-and-set, delete", async () => {
    const put = (path: string, body: string) => server.request("PUT", path, { body });
    expect((await put("/v1/kv/a/b?absent=true", "one")).status).toBe(200);
    expect((await put("/v1/kv/a/b?absent=true", "two")).status).toBe(412);
    expect((await put("/v1/kv/a/b?absent=false", "two")).status).toBe(200);
    const { body } = await json("GET", "/v1/kv/a/b?stale=true");
    const { kv } = body as { kv: { value: string; modifiedRevision: number; version: number } };
    expect([Buffer.from(kv.value, "base64").toString(), kv.version]).toEqual(["two", 2]);
    const wrong = await put(`/v1/kv/a/b?revision=${String(kv.modifiedRevision - 1)}`, "x");
    expect(wrong.status).toBe(412);
    const right = await put(`/v1/kv/a/b?revision=${String(kv.modifiedRevision)}`, "three");
    expect(right.status).toBe(200);
    const list = await json("GET", "/v1/kv?prefix=a/&limit=10");
    expect(list.body["kvs"]).toMatchObject([{ key: "a/b", value: "dGhyZWU=", version: 3 }]);
    expect((await json("DELETE", "/v1/kv/a/b")).body).toMatchObject({ existed: true });
    expect((await json("DELETE", "/v1/kv/a/b")).body).toMatchObject({ existed: false });
  });

  test("keys: a list that is cut says so, and goes on behind its last key", async () => {
    const keys = Array.from({ length: 1001 }, (_, i) => `page/${String(i).padStart(4, "0")}`);
    const put = (key: string) =>
      server.services!.kv.put(
        { key, value: Buffer.from("x"), condition: { kind: "none" } },
        { actor: "test", deadlineMs: 10_000 },
      );
    await Promise.all(keys.map(put));
    const list = async (query: string) => {
      const { body } = await json("GET", `/v1/kv?prefix=page/${query}`);
      const { kvs, more } = body as { kvs: { key: string }[]; more: boolean };
      return [kvs.map(({ key }) => key), more];
    };
    expect(await list("")).toEqual([keys.slice(0, 1000), true]);
    expect(await list("&after=page/0999")).toEqual([keys.slice(1000), false]);
    expect(await list("&limit=2&after=page/0003")).toEqual([keys.slice(4, 6), true]);
    expect(await list("&limit=2&after=page/0998")).toEqual([keys.slice(999), false]);
    expect(await list("&after=page/0998x")).toEqual([keys.slice(999), false]);
    expect(await list("&after=page/1000")).toEqual([[], false]);
    expect(await list("&after=a")).toEqual([keys.slice(0, 1000), true]);
    expect(await list("&after=z")).toEqual([[], false]);
  });

  test("keys hold any bytes, none at all, and odd names", async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
    await server.request("PUT", "/v1/kv/bytes", { body: bytes });
    const { body } = await json("GET", "/v1/kv/bytes");
    expect(Buffer.from((body["kv"] as { value: string }).value, "base64").equals(bytes)).toBe(true);
    expect((await server.request("PUT", "/v1/kv/none")).status).toBe(200);
    expect((await json("GET", "/v1/kv/none")).body["kv"]).toMatchObject({ value: "" });
    const long = `${"ä".repeat(100)}/${"k".repeat(250)}`;
    const path = `/v1/kv/${encodeURIComponent(long)}`;
    expect((await server.request("PUT", path, { body: "x" })).status).toBe(200);
    expect((await json("GET", path)).body["kv"]).toMatchObject({ key: long });
  });

  test("keys: a condition on the value, as base64 in a JSON body", async () => {
    await server.request("PUT", "/v1/kv/valued", { body: "old" });
    const remove = (value: unknown) => json("DELETE", "/v1/kv/valued", { condition: { value } });
    for (const value of ["o*d=", "b2x", 7, null]) {
      expect(await remove(value)).toMatchObject({
        status: 400,
        body: { fields: { field: "condition.value" } },
      });
    }
    expect((await remove(Buffer.from("new").toString("base64"))).status).toBe(412);
    expect((await remove(Buffer.from("old").toString("base64"))).body).toMatchObject({
      existed: true,
    });
  });

  test("jobs: submit, get, list, update, stop, start, log, delete", async () => {
    const submitted = await json("POST", "/v1/jobs", { name: "etl", spec: command });
    expect(submitted.status).toBe(200);
    const { jobId } = submitted.body as { jobId: string };
    expect((await json("GET", `/v1/jobs/${jobId}`)).body).toMatchObject({
      job: { name: "etl", namespace: "default", spec: { slots: 1, restart: "always" } },
      events: [{ kind: "JobSubmitted" }],
    });
    expect((await json("GET", "/v1/jobs")).body["jobs"]).toHaveLength(1);
    const spec = { ...command, priority: 9 };
    expect((await json("PUT", "/v1/jobs/default%2Fetl", { spec })).body).toMatchObject({
      job: { specRevision: 2, spec: { priority: 9 } },
    });
    expect((await json("POST", "/v1/jobs/etl/stop", { reason: "test" })).status).toBe(200);
    expect((await json("POST", "/v1/jobs/etl/start")).status).toBe(200);
    expect(await json("GET", "/v1/jobs/etl/log")).toMatchObject({
      status: 404,
      body: { code: "QUORATE_API_NO_LOG" },
    });
    expect((await json("GET", "/v1/ring")).body).toMatchObject({ jobs: [{ state: "pending" }] });
    expect((await json("DELETE", "/v1/jobs/etl")).status).toBe(200);
    expect((await json("GET", "/v1/jobs/etl")).status).toBe(404);
  });

  test("an exactly-once identity, and a request that is repeated with it", async () => {
    const opened = await json("POST", "/v1/client-sessions");
    const { clientSession } = opened.body as { clientSession: number };
    const requestId = { clientSession, sequence: 1, acknowledged: 0 };
    const request = { name: "once", spec: command, requestId };
    const first = await json("POST", "/v1/jobs", request);
    const second = await json("POST", "/v1/jobs", request);
    expect(second).toMatchObject({ status: 200, body: { jobId: first.body["jobId"] } });
    await json("DELETE", "/v1/jobs/once");
  });

  test("a server is cordoned, drained and made active again", async () => {
    for (const state of ["cordoned", "draining", "active"]) {
      const request = { state, reason: `now ${state}` };
      expect(await json("PUT", "/v1/servers/s1/state", request)).toMatchObject({
        status: 200,
        body: { serverId: "s1", text: `now ${state}` },
      });
      expect((await json("GET", "/v1/servers")).body).toMatchObject({
        servers: [{ adminState: state, reason: `now ${state}` }],
      });
    }
    expect((await json("PUT", "/v1/servers/s1/state", { state: "leaving" })).status).toBe(400);
    expect((await json("PUT", "/v1/servers/s9/state", { state: "active" })).status).toBe(404);
  });

  test("assignments, also as a long poll", async () => {
    const { body } = await json("GET", "/v1/assignments/s1");
    expect(body).toMatchObject({ jobs: [] });
    const revision = body["revision"] as number;
    const waited = await json(
      "GET",
      `/v1/assignments/s1?sinceRevision=${String(revision)}&waitMs=20`,
    );
    expect(waited.status).toBe(200);
  });
});

describe("resources", () => {
  const bytes = Buffer.alloc(700_000, 3);
  const digest = sha256(bytes);

  test("are pushed, shown, pulled whole and in part, and deleted", async () => {
    const pushed = await server.request("PUT", "/v1/resources/default/app.jar?kind=jar&note=hi", {
      body: bytes,
    });
    expect(pushed.status).toBe(200);
    expect(JSON.parse(pushed.text)).toMatchObject({
      version: { version: 1, kind: "jar", note: "hi", digest, sizeBytes: bytes.length, chunks: 3 },
    });
    expect((await json("GET", "/v1/resources")).body["versions"]).toHaveLength(1);
    const info = await json("GET", "/v1/resources/default/app.jar/info");
    expect(info.body).toMatchObject({ version: { version: 1 } });
    const pulled = await fetch(server.url("/v1/resources/default/app.jar"));
    expect(pulled.headers.get("etag")).toBe(`"sha256:${digest}"`);
    expect(pulled.headers.get("content-length")).toBe("700000");
    expect(sha256(new Uint8Array(await pulled.arrayBuffer()))).toBe(digest);
    const same = await fetch(server.url(`/v1/resources/default/app.jar?version=sha256:${digest}`), {
      headers: { "if-none-match": `"sha256:${digest}"` },
    });
    expect(same.status).toBe(304);
    expect((await json("DELETE", "/v1/resources/default/app.jar/1")).status).toBe(200);
    expect((await json("GET", "/v1/resources/default/app.jar/info")).status).toBe(404);
  });

  test("larger than the limit of other bodies are streamed", async () => {
    const large = Buffer.alloc(9 * 1024 * 1024, 5);
    const pushed = await server.request("PUT", "/v1/resources/default/large", { body: large });
    expect(pushed.status).toBe(200);
    await json("DELETE", "/v1/resources/default/large/1");
  });

  test("with names of the longest kind have a route", async () => {
    const name = "n".repeat(128);
    const path = `/v1/resources/${"s".repeat(128)}/${name}`;
    expect((await server.request("PUT", path, { body: "x" })).status).toBe(200);
    expect((await json("GET", `${path}/info`)).body).toMatchObject({ version: { name } });
    await json("DELETE", `${path}/1`);
  });

  describe("in part", () => {
    beforeAll(async () => {
      await server.request("PUT", "/v1/resources/default/part", { body: "0123456789" });
    });
    const part = async (range: string) => {
      const response = await fetch(server.url("/v1/resources/default/part"), {
        headers: { range },
      });
      return [response.status, response.headers.get("content-range"), await response.text()];
    };

    test.each([
      ["bytes=2-4", "bytes 2-4/10", "234"],
      ["bytes=8-", "bytes 8-9/10", "89"],
      ["bytes=-3", "bytes 7-9/10", "789"],
      ["bytes=-30", "bytes 0-9/10", "0123456789"],
      ["bytes=5-500", "bytes 5-9/10", "56789"],
    ])("%s is %s", async (range, contentRange, text) => {
      expect(await part(range)).toEqual([206, contentRange, text]);
    });

    test.each(["bytes=0-1,4-5", "lines=1-2", "bytes=5-2", "bytes=-"])(
      "%s is not understood, so the whole comes",
      async (range) => {
        expect(await part(range)).toEqual([200, null, "0123456789"]);
      },
    );

    test.each(["bytes=10-", "bytes=99-100", "bytes=-0"])(
      "%s lies behind the end",
      async (range) => {
        const [status, contentRange, text] = await part(range);
        expect([status, contentRange]).toEqual([416, "bytes */10"]);
        expect(JSON.parse(String(text))).toMatchObject({
          code: "QUORATE_API_RANGE_NOT_SATISFIABLE",
        });
      },
    );
  });

  test.each([
    ["an unknown kind", "/v1/resources/default/x?kind=exe", 400, "API_BAD_REQUEST"],
    [
      "a wrong digest",
      `/v1/resources/default/x?digest=${"0".repeat(64)}`,
      400,
      "RESOURCES_DIGEST_MISMATCH",
    ],
    ["a digest of another form", "/v1/resources/default/x?digest=12", 400, "API_BAD_REQUEST"],
    ["a wrong size", "/v1/resources/default/x?sizeBytes=99", 400, "RESOURCES_SIZE_MISMATCH"],
    ["a size that is no number", "/v1/resources/default/x?sizeBytes=1.5", 400, "API_BAD_REQUEST"],
    ["a mistyped name of a field", "/v1/resources/default/x?digset=1", 400, "API_BAD_REQUEST"],
    ["a path trick", "/v1/resources/default/..%2Fx", 400, "STATE_NAME_INVALID"],
    ["capital letters", "/v1/resources/default/X", 400, "STATE_NAME_INVALID"],
  ])("with %s are refused, with nothing left", async (_what, path, status, code) => {
    const { text, ...answer } = await server.request("PUT", path, { body: "hello" });
    expect(answer.status).toBe(status);
    expect(JSON.parse(text)).toMatchObject({ code: `QUORATE_${code}` });
    expect(server.services!.replica.state.uploads()).toEqual([]);
    expect(server.services!.replica.state.resource("default", "x", "latest")).toBeUndefined();
  });

  test("without a byte are refused", async () => {
    const { status, text } = await server.request("PUT", "/v1/resources/default/empty");
    expect([status, (JSON.parse(text) as { code: string }).code]).toEqual([
      400,
      "QUORATE_RESOURCES_EMPTY",
    ]);
  });

  test("whose sender vanishes half-way leave nothing", async () => {
    const { replica } = server.services!;
    const [host, port] = server.http.address.split(":") as [string, string];
    const sending = httpRequest({
      host,
      port,
      method: "PUT",
      path: "/v1/resources/default/half",
      headers: { "transfer-encoding": "chunked" },
    });
    sending.on("error", () => undefined);
    sending.write(Buffer.alloc(5 * 1024 * 1024));
    await until(() => replica.state.uploads().length === 1);
    sending.destroy();
    await until(() => replica.state.uploads().length === 0);
    expect(replica.state.resource("default", "half", "latest")).toBeUndefined();
  });

  test("that are refused while their bytes still come are answered all the same", async () => {
    const [host, port] = server.http.address.split(":") as [string, string];
    const answer = new Promise<{ readonly status: number; readonly text: string }>(
      (resolve, reject) => {
        const sending = httpRequest(
          {
            host,
            port,
            method: "PUT",
            path: "/v1/resources/default/NOT-A-NAME",
            headers: { "transfer-encoding": "chunked" },
          },
          (response) => {
            let text = "";
            response.setEncoding("utf8").on("data", (part: string) => {
              text += part;
            });
            response.on("end", () => {
              resolve({ status: response.statusCode ?? 0, text });
              sending.end();
            });
          },
        );
        sending.on("error", reject);
        sending.write(Buffer.alloc(6 * 1024 * 1024));
      },
    );
    const { status, text } = await answer;
    expect(status).toBe(400);
    expect(JSON.parse(text)).toMatchObject({ code: "QUORATE_STATE_NAME_INVALID" });
  });
});

/** Waits for a level, a bounded number of turns of real time. */
async function until(reached: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2000; turn += 1) {
    if (reached()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error("not reached");
}

describe("the side door of sentinels", () => {
  const registration = {
    serverId: "s1",
    incarnation: "0000000000000001",
    leaseMs: 1000,
    key: "07".repeat(32),
    capacity: 0,
  };
  const post = (path: string, body: string, headers = {}) =>
    server.request("POST", `/v1/sentinel/${path}`, { body, headers });

  test("registers and answers renewals", async () => {
    const { status, text } = await post("register", JSON.stringify(registration));
    expect(status).toBe(200);
    const { session } = JSON.parse(text) as { session: number };
    const renewal = { session, counter: 1, running: [], released: [], sealed: true };
    const body = JSON.stringify(renewal);
    const { createHmac } = await import("node:crypto");
    const signature = createHmac("sha256", Buffer.from(registration.key, "hex"))
      .update(body)
      .digest("hex");
    const wrong = await post("renew", body, { "x-quorate-signature": "0".repeat(64) });
    expect(wrong.status).toBe(403);
    const renewed = await post("renew", body, { "x-quorate-signature": signature });
    expect(renewed.status).toBe(200);
    expect(JSON.parse(renewed.text)).toMatchObject({ alive: false, confirmed: [] });
  });

  test.each([
    ["register", "{", "no JSON"],
    ["register", "null", "no object"],
    ["register", "[]", "a list"],
    ["register", "", "nothing"],
    ["register", "\u0000", "a control character"],
    ["register", JSON.stringify({ ...registration, key: "xyz" }), "a key that is no hexadecimal"],
    ["register", JSON.stringify({ ...registration, key: "07" }), "a short key"],
    ["register", JSON.stringify({ ...registration, key: "07".repeat(33) }), "a long key"],
    ["register", JSON.stringify({ ...registration, leaseMs: "1000" }), "a lease in words"],
    ["register", JSON.stringify({ ...registration, capacity: 1.5 }), "half a slot"],
    ["renew", "", "nothing"],
    ["renew", "{}", "no signature"],
  ])("%s of %j (%s) is refused", async (path, body) => {
    const { status, text } = await post(path, body);
    expect(status).toBe(400);
    expect((JSON.parse(text) as { help: string }).help).not.toBe("");
  });

  test("a renewal of bytes that are no renewal is refused", async () => {
    for (const body of ["{", "null", '{"session":-1}']) {
      const headers = { "x-quorate-signature": "0".repeat(64) };
      expect((await post("renew", body, headers)).status).toBe(400);
    }
  });
});

describe("bad input", () => {
  const badRequest = { status: 400, body: { code: "QUORATE_API_BAD_REQUEST", kind: "invalid" } };

  test("is a problem document that says what to do", async () => {
    const { status, headers, body } = await json("GET", "/v1/kv/none-such");
    expect(status).toBe(404);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(body).toEqual({
      type: "urn:quorate:error:QUORATE_API_UNKNOWN_KEY",
      title: "not-found",
      status: 404,
      detail: 'there is no key "none-such"',
      code: "QUORATE_API_UNKNOWN_KEY",
      kind: "not-found",
      help: expect.stringContaining("quorate kv list") as string,
      fields: { key: "none-such" },
    });
  });

  test.each([
    ["a name that is a number", { name: 7, spec: command }, "name"],
    ["no name", { spec: command }, "the request"],
    ["no spec", { name: "x" }, "the request"],
    ["slots in words", { name: "x", spec: { ...command, slots: "2" } }, "spec.slots"],
    ["half a slot", { name: "x", spec: { ...command, slots: 1.5 } }, "spec.slots"],
    ["no slots", { name: "x", spec: { ...command, slots: 0 } }, "spec.slots must be >= 1"],
    [
      "less than no slots",
      { name: "x", spec: { ...command, slots: -1 } },
      "spec.slots must be >= 1",
    ],
    ["too many slots", { name: "x", spec: { ...command, slots: 10_001 } }, "spec.slots"],
    [
      "a part of another kind",
      { name: "x", spec: { command: { command: ["a"], resource: 7 } } },
      "spec.command.resource must be object",
    ],
    [
      "a policy that is none of those there are",
      { name: "x", spec: { ...command, restart: "sometimes" } },
      "spec.restart must be one of always, on-failure, never",
    ],
    ["a mistyped field", { name: "x", spec: { ...command, slotz: 2 } }, "spec.slotz"],
    ["two ways to run", { name: "x", spec: { ...command, node: {} } }, "exactly one"],
    ["no way to run", { name: "x", spec: {} }, "exactly one"],
    ["no program", { name: "x", spec: { command: { command: [] } } }, "spec.command"],
    ["no resource", { name: "x", spec: { java: {} } }, "spec.resource"],
    ["a masked value", { name: "x", spec: { ...command, env: { PW: "•••" } } }, "spec.env.PW"],
    ["sequence 0", { name: "x", spec: command, requestId: { clientSession: 1 } }, "sequence"],
    ["env of numbers", { name: "x", spec: { ...command, env: { A: 1 } } }, "spec.env"],
  ])("in a job: %s", async (_what, body, said) => {
    const answer = await json("POST", "/v1/jobs", body);
    expect(answer).toMatchObject(badRequest);
    expect(String(answer.body["detail"])).toContain(said);
  });

  test.each([
    ["a bad name", { name: "A b", spec: command }, 400, "STATE_NAME_INVALID"],
    ["a bad namespace", { namespace: "..", name: "x", spec: command }, 400, "STATE_NAME_INVALID"],
    [
      "an unknown resource",
      { name: "x", spec: { node: { resource: { name: "none" } } } },
      404,
      "RESOURCES_UNKNOWN_RESOURCE",
    ],
    [
      "a bad version",
      { name: "x", spec: { node: { resource: { name: "n", version: "new" } } } },
      400,
      "RESOURCES_BAD_SELECTOR",
    ],
    [
      "too long a command",
      { name: "x", spec: { command: { command: ["x".repeat(200_000)] } } },
      400,
      "STATE_VALUE_INVALID",
    ],
  ])("in a job, as the rooms see it: %s", async (_what, body, status, code) => {
    expect(await json("POST", "/v1/jobs", body)).toMatchObject({
      status,
      body: { code: `QUORATE_${code}` },
    });
  });

  test.each([
    ["PUT", "/v1/kv/k?absent=yes"],
    ["PUT", "/v1/kv/k?absent=1"],
    ["PUT", "/v1/kv/k?absnt=true"],
    ["PUT", "/v1/kv/k?revision=1.5"],
    ["PUT", "/v1/kv/k?revision=-1"],
    ["PUT", "/v1/kv/k?revision=x"],
    ["PUT", "/v1/kv/k?absent=true&revision=3"],
    ["PUT", "/v1/kv/k?absent=true&absent=true"],
    ["PUT", "/v1/kv/"],
    ["GET", "/v1/kv?limit=1001"],
    ["GET", "/v1/kv?limit=ten"],
    ["GET", "/v1/kv/k?stale=maybe"],
    ["GET", "/v1/servers?role=boss"],
    ["GET", "/v1/servers?labels=a"],
    ["GET", "/v1/assignments/s1?waitMs=60001"],
    ["GET", "/v1/jobs/x/log?tailBytes=999999999"],
    ["DELETE", "/v1/resources/default/x/1.9"],
    ["DELETE", "/v1/resources/default/x/0"],
    ["DELETE", "/v1/resources/default/x/latest"],
    ["POST", "/v1/servers/%00/promote"],
  ])("%s %s is refused", async (method, path) => {
    const { status, text } = await server.request(
      method,
      path,
      method === "PUT" ? { body: "v" } : {},
    );
    const { code, help } = JSON.parse(text) as { code: string; help: string };
    expect([400, 404]).toContain(status);
    expect(code).toMatch(/^QUORATE_/);
    expect(help.length).toBeGreaterThan(10);
    expect(server.services!.replica.state.kv("k")).toBeUndefined();
  });

  test.each([
    ["/v1/jobs/none", "QUORATE_STATE_JOB_UNKNOWN"],
    ["/v1/kv/nothing", "QUORATE_API_UNKNOWN_KEY"],
    ["/v1/resources/default/none", "QUORATE_RESOURCES_UNKNOWN_RESOURCE"],
    ["/v1/resources/default/none/info", "QUORATE_RESOURCES_UNKNOWN_RESOURCE"],
    ["/v1/none", "QUORATE_API_NO_SUCH_ROUTE"],
  ])("%s is not there", async (path, code) => {
    expect(await json("GET", path)).toMatchObject({ status: 404, body: { code } });
  });

  test.each([
    ["malformed JSON", "{", "application/json"],
    ["an empty body that says it is JSON", "", "application/json"],
    ["a list", "[]", "application/json"],
    ["text", '"x"', "application/json"],
    ["a prototype", '{"__proto__":{"name":"x"}}', "application/json"],
    ["no UTF-8", "\ud800", "application/json"],
  ])("%s is refused", async (_what, body, type) => {
    const headers = { "content-type": type };
    const { status, text } = await server.request("POST", "/v1/jobs", { body, headers });
    expect(status).toBe(400);
    expect((JSON.parse(text) as { code: string }).code).toBe("QUORATE_API_BAD_REQUEST");
  });

  test.each([
    ["a form", "application/x-www-form-urlencoded"],
    ["nothing said", ""],
  ])("a body of another type is refused: %s", async (_what, type) => {
    const headers = { "content-type": type };
    const { status, text } = await server.request("POST", "/v1/jobs", { body: "{}", headers });
    expect(status).toBe(415);
    expect(JSON.parse(text)).toMatchObject({
      code: "QUORATE_API_UNSUPPORTED_MEDIA_TYPE",
      help: expect.stringContaining("content-type: application/json") as string,
    });
  });

  /** What comes back on a connection for bytes that need not be HTTP, until the server closes it. */
  async function raw(bytes: string): Promise<string> {
    const [host = "", port] = server.http.address.split(":");
    const socket = connect({ host, port: Number(port) });
    socket.write(bytes);
    let text = "";
    for await (const part of socket) text += String(part);
    return text;
  }

  test.each([
    ["no HTTP", "garbage\r\n\r\n", 400, "API_BAD_HTTP"],
    [
      "headers without end",
      `GET /livez HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(20_000)}\r\n\r\n`,
      431,
      "API_HEADERS_TOO_LARGE",
    ],
  ])("before there is a request: %s", async (_what, bytes, status, code) => {
    const [head = "", body = ""] = (await raw(bytes)).split("\r\n\r\n");
    expect(head).toContain(`HTTP/1.1 ${String(status)} `);
    expect(head).toContain("application/problem+json");
    const problem = JSON.parse(body) as { code: string; help: string };
    expect(problem).toMatchObject({ status, code: `QUORATE_${code}` });
    expect(problem.help).not.toBe("");
  });

  test("a key is counted in bytes, with one code, whatever its characters", async () => {
    for (const key of ["k".repeat(513), "\u00e9".repeat(300)]) {
      const path = `/v1/kv/${encodeURIComponent(key)}`;
      const { status, text } = await server.request("PUT", path, { body: "v" });
      expect(status).toBe(400);
      expect(JSON.parse(text)).toMatchObject({
        code: "QUORATE_API_BAD_REQUEST",
        detail: "key must be at most 512 bytes of UTF-8",
      });
    }
    const longest = `/v1/kv/${encodeURIComponent("\u00e9".repeat(256))}`;
    expect((await server.request("PUT", longest, { body: "v" })).status).toBe(200);
    expect((await server.request("DELETE", longest)).status).toBe(200);
  });

  test("a number below 0 and a file that is not there are told as they are", async () => {
    const log = await json("GET", "/v1/jobs/x/log?offset=-1");
    expect(log.body["detail"]).toBe("offset must be >= 0");
    for (const path of ["/v1/resources/default/nope.jar", "/v1/resources/default/nope.jar/info"]) {
      expect((await json("GET", path)).body["detail"]).toBe("there is no default/nope.jar@latest");
    }
  });

  test("a value above its bound, and a body above the bound of all", async () => {
    const value = await server.request("PUT", "/v1/kv/k", { body: "x".repeat(64 * 1024 + 1) });
    expect(value.status).toBe(400);
    expect(value.text).toContain("65536");
    const body = JSON.stringify({ name: "x".repeat(9 * 1024 * 1024) });
    const large = await server.request("POST", "/v1/jobs", {
      body,
      headers: { "content-type": "application/json" },
    });
    expect(large.status).toBe(413);
    expect(large.text).toContain("QUORATE_API_BODY_TOO_LARGE");
  });

  describe("a body above the bound of all, from a sender that reads only when it has written everything", () => {
    const megabyte = Buffer.alloc(1024 * 1024, 120);
    const length = `content-length: ${String(32 * megabyte.length)}`;

    /** The answer's text; rejects with the connection's error, e.g. EPIPE. */
    async function writeAll(head: readonly string[], chunkHead: string): Promise<string> {
      const [host, port] = server.http.address.split(":") as [string, string];
      const socket = connect(Number(port), host).pause();
      const failed = new Promise<never>((_resolve, reject) => socket.on("error", reject));
      const write = (bytes: string | Buffer): Promise<void> =>
        new Promise((resolve, reject) => {
          socket.write(bytes, (error) => (error ? reject(error) : resolve()));
        });
      const send = async (): Promise<string> => {
        await write([...head, "host: x", "", ""].join("\r\n"));
        for (let i = 0; i < 32; i += 1) {
          await write(chunkHead);
          await write(megabyte);
          if (chunkHead !== "") await write("\r\n");
        }
        if (chunkHead !== "") await write("0\r\n\r\n");
        await write("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        let text = "";
        for await (const piece of socket) text += String(piece);
        return text;
      };
      try {
        return await Promise.race([send(), failed]);
      } finally {
        socket.destroy();
      }
    }

    test.each([
      ["a raw body", ["PUT /v1/kv/k HTTP/1.1", length], ""],
      ["JSON", ["POST /v1/jobs HTTP/1.1", "content-type: application/json", length], ""],
      [
        "JSON of unknown length",
        ["POST /v1/jobs HTTP/1.1", "content-type: application/json", "transfer-encoding: chunked"],
        "100000\r\n",
      ],
    ])("%s: gets the coded answer, and the connection goes on", async (_what, head, chunkHead) => {
      const text = await writeAll(head, chunkHead);
      expect(text).toMatch(/^HTTP\/1\.1 413 /);
      expect(text).toContain("QUORATE_API_BODY_TOO_LARGE");
      expect(text).toMatch(/HTTP\/1\.1 200 OK[^]*\{"live":true\}/);
    });
  });

  test("a path that cannot be decoded", async () => {
    const { status, headers, text } = await server.request("GET", "/v1/kv/%zz");
    expect(status).toBe(400);
    expect(headers.get("content-type")).toContain("application/problem+json");
    expect(text).toContain("QUORATE_API_BAD_REQUEST");
  });

  test("a deadline that is none", async () => {
    for (const deadline of ["soon", "0", "-1", "1.5"]) {
      const headers = { "x-quorate-deadline-ms": deadline };
      expect((await server.request("GET", "/v1/kv/k", { headers })).status).toBe(400);
    }
  });

  test("bytes that are no HTTP", async () => {
    const [host, port] = server.http.address.split(":") as [string, string];
    const socket = connect(Number(port), host);
    const closed = new Promise((resolve) => socket.on("close", resolve));
    socket.on("error", () => undefined);
    socket.resume();
    socket.end(Buffer.from([0, 1, 2, 3, 255, 10, 10, 10]));
    await closed;
    expect((await json("GET", "/livez")).status).toBe(200);
  });

  test("the caller's name reaches the history", async () => {
    const headers = { "x-quorate-actor": "cli:ann", "content-type": "application/json" };
    await server.request("POST", "/v1/jobs", {
      body: JSON.stringify({ name: "named", spec: command }),
      headers,
    });
    const { body } = await json("GET", "/v1/jobs/named");
    expect(body["events"]).toMatchObject([{ actor: "cli:ann@127.0.0.1" }]);
    await json("DELETE", "/v1/jobs/named");
  });
});

describe("before it is a member of a cluster", () => {
  let early: Single;
  beforeAll(async () => {
    early = await new Single().open();
  });
  afterAll(() => early.close());

  test("a server lives, is not ready, and describes itself", async () => {
    expect((await early.json("GET", "/livez")).status).toBe(200);
    expect(await early.json("GET", "/readyz")).toMatchObject({
      status: 503,
      body: { ready: false, text: "not a member of a cluster yet" },
    });
    expect((await early.json("GET", "/openapi.json")).status).toBe(200);
  });

  test("every route but the one of health answers with NOT_READY and when to come again", async () => {
    for (const { http } of allCalls) {
      if (http === undefined || http.path === "/v1/health") continue;
      const path = http.path.replace(/:[A-Za-z]+|\*/g, "1");
      const init = http.rawBody === undefined ? {} : { body: "x" };
      const { status, headers, text } = await early.request(http.method, path, init);
      expect([path, status]).toEqual([path, 503]);
      expect(headers.get("retry-after")).toBe("1");
      expect(text).toContain("QUORATE_API_NOT_READY");
    }
    for (const method of ["PUT", "GET"]) {
      const init = method === "PUT" ? { body: "x" } : {};
      const { status } = await early.request(method, "/v1/resources/default/x", init);
      expect(status).toBe(503);
    }
    for (const path of ["register", "renew"]) {
      const { status } = await early.request("POST", `/v1/sentinel/${path}`, { body: "{}" });
      expect([400, 503]).toContain(status);
    }
  });
});

test("a port that is taken is said so, before anything else happens", async () => {
  const { HttpDoor } = await import("../../../src/api/http/http-door.ts");
  const { GrpcDoor } = await import("../../../src/api/grpc/grpc-door.ts");
  const { silentLogger } = await import("../../../src/base/logger.ts");
  const modules = {
    services: () => undefined,
    health: newHealth(),
    turns: newTurns(),
    logger: silentLogger,
  };
  for (const [Door, taken] of [
    [HttpDoor, server.http.address],
    [GrpcDoor, server.grpc.address],
  ] as const) {
    const port = Number(taken.split(":")[1]);
    const second = new Door({ host: "127.0.0.1", port }, modules);
    await expect(second.start()).rejects.toMatchObject({
      code: "QUORATE_API_ADDRESS_IN_USE",
      fields: { host: "127.0.0.1", port },
    });
    await second.stop();
    const nowhere = new Door({ host: "192.0.2.1", port: 0 }, modules);
    await expect(nowhere.start()).rejects.toMatchObject({ code: "QUORATE_API_LISTEN_FAILED" });
    await nowhere.stop();
  }
});
