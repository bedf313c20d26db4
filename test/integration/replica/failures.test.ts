import { afterEach, describe, expect, test } from "vitest";
import type { QuorateError } from "../../../src/base/errors.ts";
import { peerId } from "../../../src/base/numbers.ts";
import { addressOf, by, Cluster, type Member, put } from "./cluster.ts";

let cluster: Cluster;
afterEach(() => cluster.stop());

interface Outcome {
  readonly ok: boolean;
  readonly code: string;
}

function outcomeOf(promise: Promise<unknown>): Promise<Outcome> {
  return promise.then(
    () => ({ ok: true, code: "" }),
    (thrown: unknown) => ({ ok: false, code: (thrown as QuorateError).code }),
  );
}

function isolate(member: Member): void {
  const others = [...cluster.members.keys()].filter((id) => id !== member.id).map(addressOf);
  cluster.network.partition([addressOf(member.id)], others);
}

describe("outcomes of proposals", () => {
  test("a leader that is cut off cannot know, and says so; a new proposal is definitely refused", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const old = await cluster.leader();
    isolate(old);
    const outcome = await cluster.clock.settled(outcomeOf(old.replica.propose(put("a"), by)));
    expect(outcome.code).toBe("QUORATE_REPLICA_OUTCOME_UNKNOWN");
    await cluster.clock.until("deposed", () => old.replica.status().role !== "leader");
    const refused = await cluster.clock.settled(outcomeOf(old.replica.propose(put("b"), by)));
    expect(refused.code).toBe("QUORATE_REPLICA_NOT_LEADER");
    cluster.network.heal();
    await cluster.leader();
    await cluster.converged();
  });

  test("when another entry is committed in its place, a proposal has definitely failed", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const old = await cluster.leader();
    isolate(old);
    const proposed = outcomeOf(old.replica.propose(put("lost"), { ...by, deadlineMs: 60_000 }));
    await cluster.clock.until("another leader", () => cluster.leaders().length === 2);
    const next = cluster.leaders().find(({ id }) => id !== old.id);
    await cluster.clock.until("established", () => next!.duty.at(-1)?.startsWith("+") === true);
    await cluster.propose(next!, put("kept"));
    // The old leader steps down and learns what became of its entry before it gives up waiting.
    cluster.network.heal();
    const { code } = await cluster.clock.settled(proposed);
    expect(["QUORATE_REPLICA_NOT_LEADER", "QUORATE_REPLICA_OUTCOME_UNKNOWN"]).toContain(code);
    await cluster.leader();
    await cluster.converged();
    expect(old.replica.state.kv("lost")).toBeUndefined();
    expect(old.replica.state.kv("kept")).toBeDefined();
  });

  test("no leader, no submit: definite, at the deadline", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const [one, two] = cluster.followers();
    await cluster.crash(leader);
    await cluster.crash(two!);
    const outcome = outcomeOf(one!.replica.submit(put("a"), { ...by, deadlineMs: 3000 }));
    expect((await cluster.clock.settled(outcome)).code).toBe("QUORATE_REPLICA_NO_LEADER");
  });

  test("submits during a change of leader wait for the new one", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const [one] = cluster.followers();
    await cluster.crash(leader);
    const outcomes = await cluster.clock.settled(
      Promise.all(
        Array.from({ length: 20 }, (_, i) =>
          outcomeOf(one!.replica.submit(put(`k${String(i)}`), by)),
        ),
      ),
    );
    // What had been handed to the dying stream is unknown; here nothing had: all were sent afterwards.
    expect(new Set(outcomes.map(({ code }) => code))).toEqual(new Set([""]));
  });

  test("stopping ends everything that waits", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    isolate(leader);
    const waiting = [
      leader.replica.propose(put("a"), by),
      leader.replica.barrier(60_000),
      leader.replica.watch.wait(["kv/z"], leader.replica.revision, 60_000),
    ].map(outcomeOf);
    await cluster.clock.run(5);
    const queued = outcomeOf(leader.replica.propose(put("b"), by));
    leader.running = false;
    await cluster.clock.settled(leader.replica.stop());
    const codes = (await cluster.clock.settled(Promise.all([...waiting, queued]))).map(
      (o) => o.code,
    );
    expect(codes).toEqual([
      "QUORATE_REPLICA_OUTCOME_UNKNOWN",
      "QUORATE_REPLICA_STOPPED",
      "QUORATE_REPLICA_STOPPED",
      "QUORATE_REPLICA_STOPPED",
    ]);
    await leader.replica.stop();
    await cluster.clock.settled(leader.transport.stop());
    expect(leader.duty.at(-1)).toBe("-");
  });

  test("over the limits proposals are refused at once, with the limit's name", async () => {
    const limits = { proposalsMax: 10, proposalBytesMax: 2000, entryBytesMax: 1500 };
    cluster = await new Cluster({ size: 3, limits }).found();
    const leader = await cluster.leader();
    isolate(leader);
    const settledAtOnce: unknown[] = [];
    for (let i = 0; i < 11; i += 1) {
      leader.replica.propose(put(`k${String(i)}`), by).catch((thrown: unknown) => {
        settledAtOnce.push((thrown as QuorateError).fields);
      });
    }
    await Promise.resolve();
    await Promise.resolve();
    expect(settledAtOnce).toEqual([{ limit: "proposalsMax", max: 10 }]);
    const large = outcomeOf(leader.replica.propose(put("a", "x".repeat(1600)), by));
    expect((await large).code).toBe("QUORATE_REPLICA_TOO_LARGE");
  });
});

describe("leader's duties", () => {
  test("run exactly while their server leads, and only once the term's first entry is applied", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const first = await cluster.leader();
    expect(first.duty).toEqual(["+2"]);
    isolate(first);
    await cluster.clock.until("the old leader notices", () => first.duty.at(-1) === "-");
    await cluster.clock.until("a new one", () => cluster.leaders().length === 1);
    cluster.network.heal();
    const second = await cluster.leader();
    expect(first.duty).toEqual(["+2", "-"]);
    expect(second.duty).toEqual([`+${String(second.replica.status().term)}`]);
  });

  test("a stopped duty cannot propose in a later term of the same server", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const first = await cluster.leader();
    const term = first.replica.status().term;
    const [other] = cluster.followers();
    await cluster.clock.settled(first.replica.transferLeadership(peerId(other!.id), 2000));
    await cluster.leader();
    await cluster.clock.settled(other!.replica.transferLeadership(peerId(first.id), 2000));
    expect((await cluster.leader()).id).toBe(first.id);
    const stale = await cluster.clock.settled(
      outcomeOf(first.replica.propose(put("a"), { ...by, term })),
    );
    expect(stale.code).toBe("QUORATE_REPLICA_NOT_LEADER");
    const present = first.replica.status().term;
    await cluster.clock.settled(first.replica.propose(put("a"), { ...by, term: present }));
  });

  test("leader calls run on the leader, wherever they were made", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    for (const { id, replica } of cluster.running()) {
      replica.leaderLink.register("test.who", (request, { from }) =>
        Promise.resolve(Uint8Array.of(id, from, ...request)),
      );
      replica.leaderLink.registerPeerCall("test.id", () => Promise.resolve(Uint8Array.of(id)));
    }
    const leader = await cluster.leader();
    for (const { id, replica } of cluster.running()) {
      const call = replica.leaderLink.call("test.who", Uint8Array.of(7), 1000);
      const from = id === leader.id ? 0 : id;
      expect([...(await cluster.clock.settled(call))]).toEqual([leader.id, from, 7]);
      for (const to of [1, 2, 3]) {
        const peer = replica.leaderLink.callPeer(peerId(to), "test.id", new Uint8Array(0), 1000);
        expect([...(await cluster.clock.settled(peer))]).toEqual([to]);
      }
      const unknown = outcomeOf(replica.leaderLink.call("test.none", new Uint8Array(0), 1000));
      expect((await cluster.clock.settled(unknown)).code).toBe("QUORATE_REPLICA_UNKNOWN_CALL");
    }
  });
});

describe("a failing machine", () => {
  test("the first failed write stops the server: nothing is sent afterwards, others take over", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    leader.schedule = (_bytes, finish) => finish("failed");
    const outcome = await cluster.clock.settled(outcomeOf(leader.replica.propose(put("a"), by)));
    expect(outcome.code).toBe("QUORATE_REPLICA_OUTCOME_UNKNOWN");
    expect(leader.fatal).toHaveLength(1);
    expect(leader.fatal[0]).toMatchObject({ code: "QUORATE_STORAGE_WRITE_FAILED" });
    expect(leader.duty.at(-1)).toBe("-");
    const { sent } = leader.transport.stats();
    leader.running = false;
    // Its process is still there: only its silence gives it away.
    const next = await cluster.leader();
    await cluster.propose(next, put("b"));
    expect(leader.transport.stats().sent).toBe(sent);
    await cluster.clock.settled(leader.transport.stop());
  });

  test("a leader whose disk hangs stops its heartbeats and hands over, and comes back as follower", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    await cluster.converged();
    const held: (() => void)[] = [];
    leader.schedule = (_bytes, finish) => held.push(() => finish("synced"));
    const proposed = outcomeOf(leader.replica.propose(put("a"), by));
    const startedAtMs = cluster.clock.nowMs();
    await cluster.clock.until("duties stopped", () => leader.duty.at(-1) === "-");
    expect(cluster.clock.nowMs() - startedAtMs).toBeLessThan(400);
    const refused = await cluster.clock.settled(outcomeOf(leader.replica.propose(put("b"), by)));
    expect(refused.code).toBe("QUORATE_REPLICA_NOT_LEADER");
    const stalledAtMs = cluster.clock.nowMs();
    await cluster.clock.until("another leader", () =>
      cluster.running().some(({ id, duty }) => id !== leader.id && duty.at(-1)?.startsWith("+")),
    );
    // Handed over, not waited for: no election timeout has passed.
    expect(cluster.clock.nowMs() - stalledAtMs).toBeLessThan(100);
    leader.schedule = (_bytes, finish) => finish("synced");
    for (const release of held.splice(0)) release();
    const next = await cluster.leader();
    expect(next.id).not.toBe(leader.id);
    await cluster.converged();
    // The entry had reached the others before the disk hung: the log says what became of it.
    expect((await cluster.clock.settled(proposed)).ok).toBe(true);
    expect(leader.fatal).toEqual([]);
  });

  test("when the hand-over does not succeed, the silence of a hanging leader deposes it", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    await cluster.converged();
    const send = leader.transport.send.bind(leader.transport);
    leader.transport.send = (lane, messages) =>
      send(
        lane,
        messages.filter(({ kind }) => kind !== "timeout-now"),
      );
    leader.schedule = () => undefined;
    leader.replica.propose(put("a"), by).catch(() => undefined);
    await cluster.clock.until("duties stopped", () => leader.duty.at(-1) === "-");
    expect(leader.replica.status().role).toBe("leader");
    const refused = await cluster.clock.settled(outcomeOf(leader.replica.propose(put("b"), by)));
    expect(refused.code).toBe("QUORATE_REPLICA_NOT_LEADER");
    await cluster.clock.until("deposed", () => leader.replica.status().role !== "leader");
    leader.running = false;
    await cluster.leader();
    void leader.replica.stop();
    await cluster.clock.settled(leader.transport.stop());
  });

  test("a leader whose disk hangs for less than an election timeout goes on", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    leader.schedule = (_bytes, finish) => void cluster.clock.after(200, () => finish("synced"));
    await cluster.propose(leader, put("a"));
    expect(leader.duty).toEqual(["+2"]);
  });

  test("a process that stood still says so once and does not call an election by itself", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    await cluster.clock.run(100);
    const { term } = leader.replica.status();
    // Everything stands still: when it goes on, the messages that wait are read before time passes.
    cluster.clock.stall(5000);
    await cluster.clock.run(2000);
    for (const { paused } of cluster.running()) {
      expect(paused).toHaveLength(1);
      expect(paused[0]).toBeGreaterThan(4900);
    }
    expect((await cluster.leader()).replica.status().term).toBe(term);
  });
});

describe("chaos", () => {
  test.each([1, 2, 3, 4, 5])(
    "seed %i: with loss, partitions and crashes nothing acknowledged is lost",
    async (seed) => {
      const limits = { snapshotEntries: 60, trailingEntries: 10 };
      cluster = await new Cluster({ size: 5, seed, limits }).found();
      cluster.network.set({ lossPerMillion: 20_000 });
      // A crash loses what is still being written.
      for (const member of cluster.members.values()) {
        member.schedule = (_bytes, finish) => void cluster.clock.after(4, () => finish("synced"));
      }
      const acknowledged: string[] = [];
      const definite: string[] = [];
      for (let round = 0; round < 12; round += 1) {
        const running = cluster.running();
        const victim = running[(round * 7 + seed) % running.length]!;
        if (round % 3 === 0) isolate(victim);
        if (round % 3 === 1) await cluster.crash(victim);
        for (let i = 0; i < 25; i += 1) {
          const key = `k${String(round)}-${String(i)}`;
          const via = cluster.running()[i % cluster.running().length]!;
          void outcomeOf(via.replica.submit(put(key), { ...by, deadlineMs: 3000 })).then(
            (outcome) => {
              if (outcome.ok) acknowledged.push(key);
              else if (!outcome.code.endsWith("OUTCOME_UNKNOWN")) definite.push(key);
            },
          );
        }
        await cluster.clock.run(1500);
        cluster.network.heal();
        for (const member of cluster.members.values()) {
          if (!member.running) await cluster.restart(member);
        }
        await cluster.clock.run(700);
      }
      cluster.network.set({ lossPerMillion: 0 });
      await cluster.clock.run(5000);
      const leader = await cluster.leader();
      await cluster.converged();
      expect(acknowledged.length).toBeGreaterThan(100);
      const { state } = leader.replica;
      expect(acknowledged.filter((key) => state.kv(key) === undefined)).toEqual([]);
      expect(definite.filter((key) => state.kv(key) !== undefined)).toEqual([]);
      for (const { fatal } of cluster.members.values()) expect(fatal).toEqual([]);
    },
  );
});
