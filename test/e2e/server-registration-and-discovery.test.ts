// Servers find each other, agree on who is there, and are the same servers again after a crash: of one process, of one
// machine, of all machines at once.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { LocalCluster, type Machine } from "../../bench/lib/local-cluster.ts";
import { until } from "../../bench/lib/wait.ts";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import { watchServers } from "./support/watch.ts";

type Server = Awaited<ReturnType<QuorateClient["servers"]["list"]>>["servers"][number];

const logCharsShown = 3000;

describe("registration and discovery", () => {
  let cluster: LocalCluster;
  let client: QuorateClient;

  beforeAll(async () => {
    cluster = await LocalCluster.prepare({ servers: 3 });
    const addresses = cluster.machines.map(({ grpcAddress }) => grpcAddress);
    client = new QuorateClient({ addresses, actor: "test" });
  });
  afterEach(({ task }) => {
    if (task.result?.state !== "fail") return;
    for (const machine of cluster.machines) {
      process.stderr.write(`\n--- ${machine.id}\n${machine.log().slice(-logCharsShown)}\n`);
    }
  });
  afterAll(async () => {
    client.close();
    await cluster.destroy();
  });

  function machine(number: 1 | 2 | 3 | 4): Machine {
    const found = cluster.machines[number - 1];
    if (found === undefined) throw new Error(`there is no machine ${String(number)}`);
    return found;
  }

  /** What one server says, in an order of its own making. */
  async function listAt({ grpcAddress }: Machine): Promise<readonly Server[]> {
    const one = new QuorateClient({ addresses: [grpcAddress], actor: "test" });
    try {
      const { servers } = await one.servers.list();
      return [...servers].sort((a, b) => (a.serverId < b.serverId ? -1 : 1));
    } finally {
      one.close();
    }
  }

  /** The list that every running server gives, once all give the same and `count` servers are up. */
  function agreed(count: number): Promise<readonly Server[]> {
    return until(`all servers list the same ${String(count)} servers`, async () => {
      const running = cluster.machines.filter((each) => each.isRunning());
      const [first = [], ...rest] = await Promise.all(running.map(listAt));
      const isUp = first.filter(({ liveness }) => liveness === "LIVENESS_UP").length === count;
      const isSame = rest.every((list) => JSON.stringify(list) === JSON.stringify(first));
      return isUp && isSame && first.length === count ? first : undefined;
    });
  }

  async function server(id: string): Promise<Server> {
    const { servers } = await client.servers.list();
    const found = servers.find(({ serverId }) => serverId === id);
    if (found === undefined) throw new Error(`${id} is not listed`);
    return found;
  }

  test("as long as one address is silent nobody forms a cluster, and the log names the address", async () => {
    machine(1).start();
    machine(2).start();
    const silent = machine(3).peerAddress;
    for (const waiting of [machine(1), machine(2)]) {
      await until(`${waiting.id} says what it waits for`, () =>
        waiting
          .log()
          .split("\n")
          .some((line) => line.includes("2 of 3 servers found") && line.includes(silent))
          ? true
          : undefined,
      );
      expect(await waiting.isReady()).toBe(false);
    }
    await expect(client.servers.list({ deadlineMs: 500 })).rejects.toMatchObject({
      code: "QUORATE_API_NOT_READY",
      kind: "unavailable",
    });
  });

  test("three servers with the same command line form one cluster, and each lists the same three", async () => {
    machine(3).start();
    await cluster.ready();
    const servers = await agreed(3);
    expect(servers.map(({ serverId, role }) => [serverId, role])).toEqual([
      ["s1", "ROLE_VOTER"],
      ["s2", "ROLE_VOTER"],
      ["s3", "ROLE_VOTER"],
    ]);
    for (const [i, { grpcAddress, httpAddress, peerAddress, session }] of servers.entries()) {
      const own = cluster.machines[i];
      expect([grpcAddress, httpAddress, peerAddress]).toEqual([
        own?.grpcAddress,
        own?.httpAddress,
        own?.peerAddress,
      ]);
      expect(session).toBeGreaterThan(0);
    }
    const leaders = servers.filter(({ leader }) => leader).map(({ serverId }) => serverId);
    const views = await Promise.all(
      cluster.machines.map(({ grpcAddress }) => client.cluster.status(grpcAddress)),
    );
    expect(leaders).toHaveLength(1);
    expect(new Set(views.map(({ clusterId }) => clusterId)).size).toBe(1);
    expect(new Set(views.map(({ leaderId }) => leaderId))).toEqual(new Set(leaders));
    expect(views.map(({ voters, failuresTolerated }) => [voters, failuresTolerated])).toEqual([
      [3, 1],
      [3, 1],
      [3, 1],
    ]);
  });

  test("a fourth joins by itself as a learner, is promoted to a voter and removed; a watch of the servers sees it", async () => {
    const watch = watchServers(machine(1).grpcAddress);
    const last = (): readonly Server[] => watch.seen.at(-1)?.servers ?? [];
    try {
      await until("the watch begins", () => (last().length === 3 ? true : undefined));

      const added = await cluster.add("s4");
      await cluster.ready([added]);
      expect((await agreed(4)).find(({ serverId }) => serverId === "s4")?.role).toBe(
        "ROLE_LEARNER",
      );
      await until("the watch sees the learner", () =>
        last().some(({ serverId, role }) => serverId === "s4" && role === "ROLE_LEARNER")
          ? true
          : undefined,
      );

      await client.servers.promote("s4");
      await until("a voter", async () =>
        (await server("s4")).role === "ROLE_VOTER" ? true : undefined,
      );
      expect(await client.cluster.status()).toMatchObject({ voters: 4 });

      await client.servers.remove("s4");
      await until("s4 has ended", () => (added.isRunning() ? undefined : true));
      expect(await added.stop()).toBe(0);
      expect((await agreed(3)).map(({ serverId }) => serverId)).toEqual(["s1", "s2", "s3"]);
      await until("the watch sees it leave", () =>
        last().every(({ serverId, role }) => serverId !== "s4" || role === "ROLE_REMOVED")
          ? true
          : undefined,
      );
      expect(watch.error()).toBeUndefined();
    } finally {
      watch.close();
    }
  });

  test("a machine that was lost comes back with its identity, its role and its data", async () => {
    await client.kv.put("before/loss", "kept");
    const before = await server("s2");
    await machine(2).lose();
    await until("s2 is down", async () =>
      (await server("s2")).liveness === "LIVENESS_DOWN" ? true : undefined,
    );
    await client.kv.put("during/loss", "caught up");
    machine(2).start();
    await cluster.ready([machine(2)]);
    const { incarnation, peerId, role } = await until("s2 is up", async () => {
      const found = await server("s2");
      return found.liveness === "LIVENESS_UP" ? found : undefined;
    });
    expect({ incarnation, peerId, role }).toEqual({
      incarnation: before.incarnation,
      peerId: before.peerId,
      role: "ROLE_VOTER",
    });
    // Its own copy, without asking the leader.
    const own = new QuorateClient({ addresses: [machine(2).grpcAddress], actor: "test" });
    const stale = { stale: true };
    await until("its copy has caught up", async () =>
      (await own.kv.get("during/loss", stale)).value.toString() === "caught up" ? true : undefined,
    );
    expect((await own.kv.get("before/loss", stale)).value.toString()).toBe("kept");
    own.close();
  });

  test("all machines lost at once: the cluster comes back by itself with everything that was acknowledged", async () => {
    const before = await client.cluster.status();
    const written = await client.kv.put("before/blackout", "acknowledged");
    const three = cluster.machines.slice(0, 3);
    await Promise.all(three.map((each) => each.lose()));
    for (const each of three) each.start();
    await cluster.ready(three);
    await agreed(3);
    const kv = await client.kv.get("before/blackout");
    expect(kv.value.toString()).toBe("acknowledged");
    expect(kv.modifiedRevision).toBe(written.revision);
    expect((await client.kv.get("during/loss")).value.toString()).toBe("caught up");
    const after = await client.cluster.status();
    expect(after.clusterId).toBe(before.clusterId);
    expect(after.term).toBeGreaterThan(before.term);
  });
});
