// Whatever is typed, sent or configured wrongly is refused with a code, says what to do, and ends with the right exit
// code or status. No server is any the worse for it.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type IncomingMessage, request } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { json as readJson } from "node:stream/consumers";
import { Client, credentials, type ServiceError, status } from "@grpc/grpc-js";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { serviceMethods } from "../../src/client/protocol.ts";
import { quorate } from "./support/cli.ts";
import { useStage } from "./support/stage.ts";

const stage = useStage({ servers: 3, jobs: 3 });
const learner = "s4";
const messageBytesMax = 4 * 1024 * 1024;
const tooLong = "x".repeat(64 * 1024 + 1);
let directory: string;
let serverPids: readonly (number | undefined)[];

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "quorate-bad-"));
  writeFileSync(join(directory, "notes.txt"), "nothing of Quorate's\n");
  const { cluster } = stage();
  await cluster.ready([await cluster.add(learner)]);
  serverPids = cluster.machines.map((machine) => machine.serverPid());
});

afterEach(async () => {
  const { cluster } = stage();
  expect(cluster.machines.map((machine) => machine.serverPid())).toEqual(serverPids);
  expect(await Promise.all(cluster.machines.map((machine) => machine.isReady()))).toEqual(
    cluster.machines.map(() => true),
  );
  expect(await stage().broken()).toEqual({ doubleRuns: 0, epochsBackwards: 0, lost: 0 });
});

afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function first(): Machine {
  const [machine] = stage().cluster.machines;
  if (machine === undefined) throw new Error("there is no machine");
  return machine;
}

interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

/** A refusal that a person can act on: a code of ours, what is wrong, what to do. */
function expectRefusal(said: Refusal, code: string): void {
  expect(said).toMatchObject({ code });
  expect(said.message.length).toBeGreaterThan(10);
  expect(said.help.length).toBeGreaterThan(10);
  expect(said.message).not.toMatch(/undefined|\[object|TypeError/);
}

describe("the command line", () => {
  async function expectRefused(
    args: readonly string[],
    want: { readonly exit: number; readonly code: string; readonly stdin?: string },
  ): Promise<void> {
    const addresses = stage().cluster.machines.map(({ grpcAddress }) => grpcAddress);
    const { stdin } = want;
    const inputs = stdin === undefined ? { addresses } : { addresses, stdin };
    const { code, stdout, stderr } = await quorate(["-o", "json", ...args], inputs);
    expect(stdout).toBe("");
    const { error } = JSON.parse(stderr.trimEnd().split("\n").at(-1) ?? "") as { error: Refusal };
    expectRefusal(error, want.code);
    expect(code).toBe(want.exit);
  }

  test.each([
    ["an unknown command", ["jbo", "list"]],
    ["an unknown verb", ["job", "lsit"]],
    ["an unknown option", ["job", "list", "--frobnicate"]],
    ["a missing argument", ["kv", "put", "key"]],
    ["a number that is none", ["job", "run", "n", "--slots", "many", "--command", "--", "true"]],
    [
      "a value that is no choice",
      ["job", "run", "n", "--restart", "maybe", "--command", "--", "true"],
    ],
    ["an output format that there is not", ["-o", "xml", "job", "list"]],
    [
      "an environment without a value",
      ["job", "run", "n", "--env", "A", "--command", "--", "true"],
    ],
  ])("%s: exit 2", async (_, args) => {
    const { code, stdout, stderr } = await quorate(args);
    expect(stdout).toBe("");
    expect(stderr).toContain("(QUORATE_CLI_USAGE)");
    expect(stderr).toContain("help:");
    expect(code).toBe(2);
  });

  test("names, values and files that are refused: exit 2", async () => {
    const run = (name: string) => ["job", "run", name, "--command", "--", "true"];
    await expectRefused(run("Bad Name!"), { exit: 2, code: "QUORATE_STATE_NAME_INVALID" });
    await expectRefused(["resource", "pull", "ticker.mjs@newest", "-f", "-"], {
      exit: 2,
      code: "QUORATE_RESOURCES_BAD_SELECTOR",
    });
    await expectRefused(["resource", "push", join(directory, "missing.jar")], {
      exit: 2,
      code: "QUORATE_CLI_BAD_FILE",
    });
    await expectRefused(["kv", "put", "large", "-"], {
      exit: 2,
      code: "QUORATE_API_BAD_REQUEST",
      stdin: tooLong,
    });
  });

  test("what there is not: exit 5", async () => {
    await expectRefused(["kv", "get", "nobody/wrote/this"], {
      exit: 5,
      code: "QUORATE_API_UNKNOWN_KEY",
    });
    await expectRefused(["job", "status", "nobody"], {
      exit: 5,
      code: "QUORATE_STATE_JOB_UNKNOWN",
    });
    await expectRefused(["job", "run", "n", "--jar", "missing.jar"], {
      exit: 5,
      code: "QUORATE_RESOURCES_UNKNOWN_RESOURCE",
    });
    await expectRefused(["resource", "pull", "missing.jar", "-f", "-"], {
      exit: 5,
      code: "QUORATE_RESOURCES_UNKNOWN_RESOURCE",
    });
    await expectRefused(["server", "remove", "s9"], {
      exit: 5,
      code: "QUORATE_REGISTRY_UNKNOWN_SERVER",
    });
  });

  test("what is against the present state: exit 6, or 1 when something else comes first", async () => {
    await stage().client.kv.put("taken", "1");
    await expectRefused(["kv", "put", "taken", "2", "--if-absent"], {
      exit: 6,
      code: "QUORATE_STATE_KV_CONDITION_FAILED",
    });
    await expectRefused(["job", "run", "ticker-1", "--command", "--", "true"], {
      exit: 6,
      code: "QUORATE_STATE_JOB_EXISTS",
    });
    await expectRefused(["resource", "delete", "ticker.mjs@1"], {
      exit: 1,
      code: "QUORATE_STATE_RESOURCE_IN_USE",
    });
    await expectRefused(["server", "lead", learner], {
      exit: 1,
      code: "QUORATE_REGISTRY_WRONG_ROLE",
    });
  });

  test("nobody listens: exit 3", async () => {
    const { code, stderr } = await quorate(["job", "list", "--addr", "127.0.0.1:1"]);
    expect(stderr).toContain("(QUORATE_CLIENT_UNREACHABLE)");
    expect(code).toBe(3);
  });
});

describe("server start", () => {
  async function expectRefused(
    flags: readonly string[],
    want: { readonly exit: number; readonly code: string },
  ): Promise<void> {
    const ports = ["--http-port", "0", "--grpc-port", "0", "--peer-port", "0"];
    const data = ["--data", join(directory, "fresh")];
    const { code, stderr } = await quorate(["server", "start", ...data, ...ports, ...flags]);
    const refusals = stderr
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Partial<Refusal>)
      .filter((line): line is Refusal => line.code?.startsWith("QUORATE_") === true);
    expect(refusals.map((refusal) => refusal.code)).toContain(want.code);
    for (const refusal of refusals) {
      if (refusal.code === want.code) expectRefusal(refusal, want.code);
    }
    expect(code).toBe(want.exit);
  }

  test("options that are wrong: exit 2, before anything was opened", async () => {
    await expectRefused(["--frobnicate"], { exit: 2, code: "QUORATE_SERVER_UNKNOWN_OPTION" });
    const bad = { exit: 2, code: "QUORATE_SERVER_BAD_OPTION" };
    await expectRefused(["--id", "Not A Name"], bad);
    await expectRefused(["--http-port", "70000"], bad);
    await expectRefused(["--lease", "forever"], bad);
  });

  test("doors that are open to everyone, without --insecure: exit 4", async () => {
    await expectRefused(["--host", "0.0.0.0"], { exit: 4, code: "QUORATE_SERVER_OPEN_DOOR" });
  });

  test("a port that is taken: exit 1, whichever it is", async () => {
    const { http, grpc, peer } = first().ports;
    const taken = { exit: 1, code: "QUORATE_API_ADDRESS_IN_USE" };
    await expectRefused(["--http-port", String(http)], taken);
    await expectRefused(["--grpc-port", String(grpc)], taken);
    await expectRefused(["--peer-port", String(peer)], {
      exit: 1,
      code: "QUORATE_TRANSPORT_ADDRESS_IN_USE",
    });
  });

  test("a data directory that is in use, or is none: exit 1", async () => {
    await expectRefused(["--data", first().dataDirectory], {
      exit: 1,
      code: "QUORATE_STORAGE_DATA_DIRECTORY_IN_USE",
    });
    await expectRefused(["--data", directory], {
      exit: 1,
      code: "QUORATE_STORAGE_NOT_A_DATA_DIRECTORY",
    });
  });
});

describe("the doors", () => {
  async function ask(
    path: string,
    given: {
      readonly method?: string;
      readonly body?: string;
      readonly headers?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<Refusal & { readonly status: number }> {
    const { method = "GET", body, headers = {} } = given;
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const answer = await fetch(`http://${first().httpAddress}${path}`, init);
    expect(answer.headers.get("content-type")).toContain("application/problem+json");
    const said = (await answer.json()) as { code: string; detail: string; help: string };
    return { status: answer.status, code: said.code, message: said.detail, help: said.help };
  }

  const json = { "content-type": "application/json" };

  async function expectProblem(
    asked: ReturnType<typeof ask>,
    want: { readonly status: number; readonly code: string },
  ): Promise<void> {
    const said = await asked;
    expectRefusal(said, want.code);
    expect(said.status).toBe(want.status);
  }

  test("HTTP: routes, bodies, values and digests that are wrong", async () => {
    const bad = { status: 400, code: "QUORATE_API_BAD_REQUEST" };
    await expectProblem(ask("/v1/nothing"), { status: 404, code: "QUORATE_API_NO_SUCH_ROUTE" });
    await expectProblem(ask("/v1/jobs", { method: "POST", body: "{", headers: json }), bad);
    await expectProblem(ask("/v1/jobs", { method: "POST", body: "[]", headers: json }), bad);
    await expectProblem(ask("/v1/jobs", { method: "POST", body: "{}", headers: json }), bad);
    await expectProblem(ask(`/v1/kv/large`, { method: "PUT", body: tooLong }), bad);
    await expectProblem(ask(`/v1/kv/${"k".repeat(600)}`, { method: "PUT", body: "x" }), bad);
    const file = (query: string) =>
      ask(`/v1/resources/default/file.bin?${query}`, { method: "PUT", body: "bytes" });
    await expectProblem(file(`digest=${"0".repeat(64)}`), {
      status: 400,
      code: "QUORATE_RESOURCES_DIGEST_MISMATCH",
    });
    await expectProblem(file("sizeBytes=4"), {
      status: 400,
      code: "QUORATE_RESOURCES_SIZE_MISMATCH",
    });
    const names = (await stage().client.resources.list()).map(({ name }) => name);
    expect(names).toEqual(["ticker.mjs"]);
  });

  test("HTTP: a body above the limit is refused by its announced length, before it is sent", async () => {
    const headers = { "content-length": String(9 * 1024 * 1024) };
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const sending = request(`http://${first().httpAddress}/v1/kv/huge`, {
        method: "PUT",
        headers,
      });
      sending.once("response", resolve).once("error", reject);
      sending.write("the beginning");
    });
    const said = (await readJson(answer)) as { readonly code: string };
    expect([answer.statusCode, said.code]).toEqual([413, "QUORATE_API_BODY_TOO_LARGE"]);
  });

  test("HTTP: what only a sentinel may say", async () => {
    for (const path of ["/v1/sentinel/register", "/v1/sentinel/renew"]) {
      for (const body of ["", "no JSON", "null", "{}"]) {
        const said = await ask(path, { method: "POST", body, headers: json });
        expect({ path, body, status: said.status }).toEqual({ path, body, status: 400 });
        expect(said.code).toMatch(/^QUORATE_/);
      }
    }
    const { servers } = await stage().client.servers.list();
    const session = servers[0]?.session ?? 0;
    const forged = { session, counter: 2 ** 50, running: [], released: [], sealed: true };
    const headers = { ...json, "x-quorate-signature": "00".repeat(32) };
    await expectProblem(
      ask("/v1/sentinel/renew", { method: "POST", body: JSON.stringify(forged), headers }),
      { status: 403, code: "QUORATE_REGISTRY_BAD_SIGNATURE" },
    );
  });

  test("gRPC: messages and values above their limits", async () => {
    const client = new Client(first().grpcAddress, credentials.createInsecure());
    const method = serviceMethods("resource").Upload;
    const refused = await new Promise<ServiceError | null>((resolve) => {
      const stream = client.makeClientStreamRequest(
        method.path,
        (upload: Parameters<typeof method.requestSerialize>[0]) => method.requestSerialize(upload),
        (bytes) => method.responseDeserialize(bytes),
        resolve,
      );
      stream.write({ header: { namespace: "default", name: "oversized.bin" } });
      stream.write({ data: Buffer.alloc(messageBytesMax + 1) });
      stream.end();
    });
    client.close();
    expect(refused?.code).toBe(status.RESOURCE_EXHAUSTED);
    await expect(stage().client.kv.put("large", tooLong)).rejects.toMatchObject({
      code: "QUORATE_API_BAD_REQUEST",
    });
    await expect(stage().client.kv.put("", "x")).rejects.toMatchObject({ kind: "invalid" });
  });

  test("a follower is not the leader, and a write sent to it is done all the same", async () => {
    const follower = await stage().follower();
    await stage().at(follower).kv.put("sent/to", follower.id);
    expect((await stage().client.kv.get("sent/to")).value.toString()).toBe(follower.id);
  });

  test("noise on every port", async () => {
    const { http, grpc, peer } = first().ports;
    for (const port of [http, grpc, peer]) {
      const socket = connect(port, "127.0.0.1");
      const closed = new Promise((resolve) => socket.once("close", resolve));
      socket.on("error", () => socket.destroy());
      socket.end(Buffer.from("\x00\xffGET\r\n\r\nnoise".repeat(100), "latin1"));
      socket.resume();
      await closed;
    }
    await until("still a leader for everyone", async () => {
      const views = await Promise.all(
        stage().cluster.machines.map(({ grpcAddress }) =>
          stage().client.cluster.status(grpcAddress),
        ),
      );
      return new Set(views.map(({ leaderId }) => leaderId)).size === 1 ? true : undefined;
    });
  });
});
