import { createServer } from "node:net";
import { status } from "@grpc/grpc-js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { QuorateError } from "../../../src/base/errors.ts";
import { QuorateClient, type QuorateClientOptions } from "../../../src/client/quorate-client.ts";
import { FakeServer, refusal, Silence, until } from "./fake-server.ts";

let one: FakeServer;
let two: FakeServer;
const clients: QuorateClient[] = [];

function clientOf(servers: readonly FakeServer[], options: Partial<QuorateClientOptions> = {}) {
  const client = new QuorateClient({
    addresses: servers.map(({ address }) => address),
    deadlineMs: 5000,
    ...options,
  });
  clients.push(client);
  return client;
}

const withSession = (server: FakeServer): FakeServer =>
  server.on("OpenClientSession", (_request, nth) => ({ clientSession: 100 + nth }));

/** An address where nobody listens. */
async function deadAddress(): Promise<string> {
  const server = createServer();
  const port = await new Promise<number>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : 0);
    });
  });
  await new Promise((resolve) => server.close(resolve));
  return `127.0.0.1:${String(port)}`;
}

async function rejected(promise: Promise<unknown>): Promise<QuorateError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof QuorateError)) throw new Error(`not a coded error: ${String(error)}`);
  return error;
}

beforeEach(async () => {
  one = await new FakeServer().start();
  two = await new FakeServer().start();
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await one.stop();
  await two.stop();
});

const kv = {
  key: "k",
  value: Buffer.from("v"),
  createdRevision: 3,
  modifiedRevision: 4,
  version: 2,
};

describe("answers and errors", () => {
  test("a read is answered with the message's fields", async () => {
    one.on("Get", () => ({ kv }));
    expect(await clientOf([one]).kv.get("k", { stale: true })).toEqual(kv);
    expect(one.calls[0]?.request).toEqual({ key: "k", stale: true });
  });

  test("a server's error arrives whole", async () => {
    one.on("Get", () => {
      throw refusal("not-found", "QUORATE_API_UNKNOWN_KEY");
    });
    const error = await rejected(clientOf([one]).kv.get("k"));
    expect(error.toRecord()).toEqual(refusal("not-found", "QUORATE_API_UNKNOWN_KEY").toRecord());
    expect(one.calls).toHaveLength(1);
  });

  test("the actor and the deadline travel; what metadata cannot carry is replaced", async () => {
    await clientOf([one], { actor: "Zoë", deadlineMs: 4000 }).jobs.list();
    expect(one.calls[0]?.actor).toBe("Zo?");
    expect(one.calls[0]?.deadlineMs).toBeLessThanOrEqual(4000);
  });

  test("addresses are checked when the client is made", () => {
    for (const addresses of [[], ["host"], ["host:0"], ["host:70000"], ["a b:1"], [""]]) {
      expect(() => new QuorateClient({ addresses })).toThrow(
        expect.objectContaining({ code: "QUORATE_CLIENT_BAD_ADDRESS" }),
      );
    }
    expect(() => new QuorateClient({ addresses: ["[::1]:7471", "a-b.c:1"] })).not.toThrow();
  });

  test("an address without a name or port is refused for one call, too", async () => {
    const error = await rejected(clientOf([one]).cluster.status(""));
    expect(error.code).toBe("QUORATE_CLIENT_BAD_ADDRESS");
  });

  test("status of one server never asks another", async () => {
    const client = clientOf([one]);
    two.on("GetStatus", () => ({ serverId: "s2" }));
    expect((await client.cluster.status(two.address)).serverId).toBe("s2");
    const dead = await deadAddress();
    const error = await rejected(client.cluster.status(dead, { deadlineMs: 300 }));
    expect(error.code).toBe("QUORATE_CLIENT_UNREACHABLE");
    expect(one.calls).toHaveLength(0);
  });
});

describe("lists of keys", () => {
  const named = (key: string) => ({ ...kv, key });

  test("are read page by page until the last one, each behind the key before it", async () => {
    const pages = [["a", "b"], ["c"], []];
    one.on("List", (_request, nth) => ({
      kvs: pages[nth]?.map(named) ?? [],
      revision: 9,
      more: nth < 2,
    }));
    const keys: string[] = [];
    for await (const { key } of clientOf([one]).kv.listAll("p", { stale: true })) keys.push(key);
    expect(keys).toEqual(["a", "b", "c"]);
    expect(one.of("List").map(({ request }) => request)).toEqual(
      ["", "b", "c"].map((after) => ({ prefix: "p", stale: true, limit: 0, after })),
    );
  });

  test("a single page says whether it was cut", async () => {
    one.on("List", () => ({ kvs: [named("k")], revision: 9, more: true }));
    const { kvs, more } = await clientOf([one]).kv.list("", { limit: 1, after: "j" });
    expect([kvs.length, more]).toEqual([1, true]);
    expect(one.calls[0]?.request).toEqual({ prefix: "", stale: false, limit: 1, after: "j" });
  });
});

describe("what servers shall do", () => {
  for (const [verb, state] of [
    ["cordon", "cordoned"],
    ["drain", "draining"],
    ["uncordon", "active"],
  ] as const) {
    test(`${verb} asks for the state ${state}`, async () => {
      one.on("SetServerState", () => ({ serverId: "s2", peerId: 2, revision: 7, text: "now" }));
      expect(await clientOf([one]).servers[verb]("s2", { reason: "disk" })).toMatchObject({
        revision: 7,
      });
      expect(one.calls[0]?.request).toEqual({ serverId: "s2", state, reason: "disk" });
    });
  }
});

describe("another address", () => {
  test("is asked when nobody listens at the first", async () => {
    one.on("Get", () => ({ kv }));
    const client = clientOf([], { addresses: [await deadAddress(), one.address] });
    expect((await client.kv.get("k")).version).toBe(2);
  });

  test("is asked when the first says that nothing was done, also for a write without request id", async () => {
    one.on("Put", () => {
      throw refusal("unavailable");
    });
    two.on("Put", () => ({ revision: 9, version: 1 }));
    const client = clientOf([one, two], { exactlyOnce: false });
    expect(await client.kv.put("k", "v")).toEqual({ revision: 9, version: 1 });
    expect(two.calls[0]?.request).toMatchObject({ requestId: null, value: Buffer.from("v") });
  });

  test("is kept for the next call", async () => {
    one.on("ListJobs", () => {
      throw refusal("unavailable");
    });
    const client = clientOf([one, two]);
    await client.jobs.list();
    await client.jobs.list();
    expect([one.calls.length, two.calls.length]).toEqual([1, 2]);
  });

  test("nobody anywhere: unreachable, and nothing was done", async () => {
    const addresses = [await deadAddress(), await deadAddress()];
    const error = await rejected(clientOf([], { addresses }).kv.put("k", "v"));
    expect(error).toMatchObject({ code: "QUORATE_CLIENT_UNREACHABLE", kind: "unavailable" });
  });

  test("at the deadline the last refusal is told, not the deadline", async () => {
    one.on("ListJobs", () => {
      throw refusal("unavailable", "QUORATE_REPLICA_NO_LEADER");
    });
    const error = await rejected(clientOf([one]).jobs.list({ deadlineMs: 300 }));
    expect(error.code).toBe("QUORATE_REPLICA_NO_LEADER");
    expect(one.calls.length).toBeGreaterThan(1);
  });

  test("a server that comes back is found again", async () => {
    const client = clientOf([one]);
    await client.jobs.list();
    one.cut();
    await client.jobs.list();
    expect(one.calls).toHaveLength(2);
  });
});

describe("reads", () => {
  test("are repeated when the connection breaks", async () => {
    one.on("ListJobs", (_request, nth) => {
      if (nth === 0) one.cut();
      return { jobs: [] };
    });
    expect(await clientOf([one]).jobs.list()).toEqual([]);
    expect(one.calls).toHaveLength(2);
  });

  test("a silent server ends at the deadline with kind unavailable", async () => {
    one.on("ListJobs", () => new Promise(() => {}));
    const error = await rejected(clientOf([one]).jobs.list({ deadlineMs: 200 }));
    expect(error).toMatchObject({ code: "QUORATE_CLIENT_NO_ANSWER", kind: "unavailable" });
  });

  test("an answer of another protocol is told at once", async () => {
    one.on("ListJobs", () => {
      throw new Silence(status.UNIMPLEMENTED);
    });
    const error = await rejected(clientOf([one]).jobs.list());
    expect(error.code).toBe("QUORATE_CLIENT_BAD_ANSWER");
    expect(one.calls).toHaveLength(1);
  });
});

describe("writes without a request id", () => {
  for (const code of [status.UNAVAILABLE, status.CANCELLED, status.DEADLINE_EXCEEDED]) {
    test(`are not repeated after ${status[code]}: the outcome is unknown`, async () => {
      one.on("Put", () => {
        throw new Silence(code);
      });
      const client = clientOf([one, two], { exactlyOnce: false });
      const error = await rejected(client.kv.put("k", "v"));
      expect(error).toMatchObject({ code: "QUORATE_CLIENT_OUTCOME_UNKNOWN", kind: "unknown" });
      expect([one.calls.length, two.calls.length]).toEqual([1, 0]);
    });
  }

  test("membership changes have none, also of an exactly-once client", async () => {
    one.on("AddServer", () => {
      one.cut();
    });
    const error = await rejected(clientOf([one, two]).servers.add("h:1"));
    expect(error.kind).toBe("unknown");
    expect(two.calls).toHaveLength(0);
  });

  test("a server's own `unknown` is passed on", async () => {
    one.on("PromoteServer", () => {
      throw refusal("unknown", "QUORATE_REPLICA_OUTCOME_UNKNOWN");
    });
    const error = await rejected(clientOf([one, two]).servers.promote("s1"));
    expect(error.code).toBe("QUORATE_REPLICA_OUTCOME_UNKNOWN");
    expect(two.calls).toHaveLength(0);
  });
});

describe("writes with a request id", () => {
  test("the first opens a session; sequence numbers grow, acknowledged follows", async () => {
    withSession(one).on("Put", (_request, nth) => ({ revision: nth, version: 1 }));
    const client = clientOf([one]);
    for (let i = 0; i < 3; i += 1) await client.kv.put("k", String(i));
    expect(one.of("OpenClientSession")).toHaveLength(1);
    expect(one.of("Put").map(({ request }) => request["requestId"])).toEqual([
      { clientSession: 100, sequence: 1, acknowledged: 0 },
      { clientSession: 100, sequence: 2, acknowledged: 1 },
      { clientSession: 100, sequence: 3, acknowledged: 2 },
    ]);
  });

  test("a read opens none", async () => {
    one.on("Get", () => ({ kv }));
    await clientOf([one]).kv.get("k");
    expect(one.of("OpenClientSession")).toHaveLength(0);
  });

  test("are repeated with the same id when the answer is lost", async () => {
    for (const server of [one, two]) withSession(server);
    one.on("SubmitJob", () => {
      one.cut();
    });
    two.on("SubmitJob", () => ({ jobId: "j1", revision: 7 }));
    const answer = await clientOf([one, two]).jobs.submit({
      name: "n",
      spec: { command: { command: ["x"] } },
    });
    expect(answer).toEqual({ jobId: "j1", revision: 7 });
    const ids = [...one.of("SubmitJob"), ...two.of("SubmitJob")].map((c) => c.request["requestId"]);
    expect(ids).toEqual([ids[0], ids[0]]);
  });

  test("a server's `unknown` is repeated, too", async () => {
    withSession(one).on("Delete", (_request, nth) => {
      if (nth === 0) throw refusal("unknown");
      return { revision: 5, existed: true };
    });
    expect(await clientOf([one]).kv.delete("k")).toEqual({ revision: 5, existed: true });
  });

  test("lost once and then never told: unknown, not unavailable", async () => {
    withSession(one).on("Put", (_request, nth) => {
      throw nth === 0 ? new Silence() : refusal("unavailable");
    });
    const error = await rejected(clientOf([one]).kv.put("k", "v", { deadlineMs: 400 }));
    expect(error).toMatchObject({ code: "QUORATE_CLIENT_OUTCOME_UNKNOWN", kind: "unknown" });
  });

  test("refused before it was ever done: unavailable", async () => {
    withSession(one).on("Put", () => {
      throw refusal("unavailable");
    });
    const error = await rejected(clientOf([one]).kv.put("k", "v", { deadlineMs: 300 }));
    expect(error.kind).toBe("unavailable");
  });

  test("a forgotten request is unknown, and later writes have a new session", async () => {
    withSession(one).on("Put", (_request, nth) => {
      if (nth === 0) throw refusal("unknown", "QUORATE_STATE_UNKNOWN_REQUEST");
      return { revision: 1, version: 1 };
    });
    const client = clientOf([one]);
    const error = await rejected(client.kv.put("k", "v"));
    expect(error).toMatchObject({ code: "QUORATE_STATE_UNKNOWN_REQUEST", kind: "unknown" });
    await client.kv.put("k", "v");
    expect(one.of("Put").map(({ request }) => request["requestId"])).toEqual([
      { clientSession: 100, sequence: 1, acknowledged: 0 },
      { clientSession: 101, sequence: 1, acknowledged: 0 },
    ]);
  });

  test("no session, no write", async () => {
    one.on("OpenClientSession", () => {
      throw refusal("unavailable", "QUORATE_REPLICA_NO_LEADER");
    });
    const error = await rejected(clientOf([one]).kv.put("k", "v", { deadlineMs: 200 }));
    expect(error.kind).toBe("unavailable");
    expect(one.of("Put")).toHaveLength(0);
  });

  test("at most 64 are under way; the others wait in order", async () => {
    const answers: ((value: object) => void)[] = [];
    withSession(one).on("Put", () => new Promise((resolve) => answers.push(resolve)));
    const client = clientOf([one]);
    const done = Promise.all(Array.from({ length: 70 }, (_, i) => client.kv.put("k", String(i))));
    await until(() => answers.length === 64);
    answers[0]?.({ revision: 1, version: 1 });
    await until(() => answers.length === 65);
    expect(one.of("Put").at(-1)?.request).toMatchObject({
      value: Buffer.from("64"),
      requestId: { sequence: 65, acknowledged: 1 },
    });
    for (let at = 1; at < 70; at += 1) {
      await until(() => answers.length > at);
      answers[at]?.({ revision: 1, version: 1 });
    }
    await done;
    expect(one.of("Put")).toHaveLength(70);
  });
});

/** Below the keepalive time, after which a closed connection is given up anyway. */
const closeBoundMs = 5000;

describe("close", () => {
  test(
    "ends what is under way and refuses what comes later",
    async () => {
      one.on("ListJobs", () => new Promise(() => {}));
      // Far beyond the bound of a test: only closing can end it.
      const client = clientOf([one], { deadlineMs: 600_000 });
      const listing = rejected(client.jobs.list());
      await until(() => one.calls.length === 1);
      client.close();
      expect((await listing).kind).toBe("unavailable");
      expect((await rejected(client.jobs.list())).code).toBe("QUORATE_CLIENT_CLOSED");
    },
    closeBoundMs,
  );
});
