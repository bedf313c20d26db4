import { afterEach, describe, expect, test } from "vitest";
import { addressOf, by, Cluster, put } from "./cluster.ts";

let cluster: Cluster;
afterEach(() => cluster.stop());

describe("three replicas", () => {
  test("elect one leader, which commits its founding and its own entry", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    expect(cluster.leaders()).toHaveLength(1);
    expect(leader.replica.status().term).toBe(2);
    expect(leader.replica.state.servers().map(({ role }) => role)).toEqual([
      "voter",
      "voter",
      "voter",
    ]);
    await cluster.converged();
  });

  test("a proposal on the leader is applied everywhere", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const committed = await cluster.propose(leader, put("a", "1"));
    expect(committed).toEqual({
      revision: 5,
      detail: { kind: "kv", version: 1, existed: false },
    });
    await cluster.converged();
    for (const { replica } of cluster.running()) {
      expect(Buffer.from(replica.state.kv("a")!.value).toString()).toBe("1");
    }
  });

  test("a follower refuses to propose and submits to the leader", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    await cluster.leader();
    const [follower] = cluster.followers();
    const refused = follower!.replica.propose(put("a"), by);
    await expect(refused).rejects.toMatchObject({ code: "QUORATE_REPLICA_NOT_LEADER" });
    const committed = await cluster.clock.settled(follower!.replica.submit(put("a"), by));
    expect(committed.detail).toEqual({ kind: "kv", version: 1, existed: false });
  });

  test("a refusal of the state machine reaches a forwarding server as it is", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    await cluster.leader();
    const [follower] = cluster.followers();
    const command = { ...put("a"), condition: { kind: "value", value: Buffer.from("?") } } as const;
    const submitted = cluster.clock.settled(follower!.replica.submit(command as never, by));
    await expect(submitted).rejects.toMatchObject({ code: "QUORATE_STATE_KV_CONDITION_FAILED" });
  });

  test("a barrier on a follower sees what was committed before it", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const [follower] = cluster.followers();
    // It applies late: only what is on its disk.
    follower!.schedule = (_bytes, finish) => void cluster.clock.after(40, () => finish("synced"));
    for (let i = 1; i <= 20; i += 1) {
      const { revision } = await cluster.propose(leader, put("a", String(i)));
      const seen = await cluster.clock.settled(follower!.replica.barrier(2000));
      expect(seen).toBeGreaterThanOrEqual(revision);
      expect(Buffer.from(follower!.replica.state.kv("a")!.value).toString()).toBe(String(i));
    }
  });

  test("a barrier that is called without a leader waits for the next one", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const [follower] = cluster.followers();
    await cluster.crash(leader);
    await cluster.clock.until("the leader is missed", () => {
      return follower!.replica.status().leader === 0;
    });
    await cluster.clock.settled(follower!.replica.barrier(5000));
  });

  test("without a majority a barrier ends as NO_LEADER and leadership is not confirmed", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    await cluster.clock.settled(leader.replica.confirmLeadership(1000));
    const others = cluster.followers().map(({ id }) => addressOf(id));
    cluster.network.partition([addressOf(leader.id)], others);
    const barrier = cluster.clock.settled(leader.replica.barrier(1000));
    const confirmed = leader.replica.confirmLeadership(1000);
    confirmed.catch(() => undefined);
    await expect(barrier).rejects.toMatchObject({ kind: "unavailable" });
    await expect(cluster.clock.settled(confirmed)).rejects.toMatchObject({ kind: "unavailable" });
  });

  test("when the leader dies, the others go on within the hint's time", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const first = await cluster.leader();
    await cluster.propose(first, put("a", "1"));
    const diedAtMs = cluster.clock.nowMs();
    await cluster.crash(first);
    const second = await cluster.leader();
    // Virtual time: far below the smallest election timeout of 300 ms.
    expect(cluster.clock.nowMs() - diedAtMs).toBeLessThan(200);
    expect(second.id).not.toBe(first.id);
    await cluster.propose(second, put("a", "2"));
    await cluster.restart(first);
    await cluster.leader();
    await cluster.converged();
    expect(Buffer.from(first.replica.state.kv("a")!.value).toString()).toBe("2");
  });

  test("everybody restarts and nothing is lost", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    for (let i = 0; i < 50; i += 1) await cluster.propose(leader, put(`k${String(i)}`));
    const before = await cluster.converged();
    expect(before).not.toBe("");
    for (const member of [...cluster.members.values()]) await cluster.crash(member);
    for (const member of [...cluster.members.values()]) await cluster.restart(member);
    const next = await cluster.leader();
    await cluster.converged();
    expect(next.replica.state.kvList("k")).toHaveLength(50);
  });

  test("one server alone elects itself, commits and restarts", async () => {
    cluster = await new Cluster({ size: 1 }).found();
    const member = await cluster.leader();
    await cluster.propose(member, put("a"));
    await cluster.crash(member);
    await cluster.restart(member);
    await cluster.leader();
    expect(member.replica.state.kv("a")).toBeDefined();
    await cluster.clock.settled(member.replica.barrier(1000));
  });
});

describe("group commit", () => {
  test("proposals that arrive while a write is under way share the next one", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    await cluster.converged();
    let inFlight = 0;
    let most = 0;
    leader.schedule = (_bytes, finish) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      cluster.clock.after(5, () => {
        inFlight -= 1;
        finish("synced");
      });
    };
    const before = leader.replica.stats();
    const all: Promise<unknown>[] = [];
    for (let turn = 0; turn < 10; turn += 1) {
      for (let i = 0; i < 50; i += 1) {
        all.push(leader.replica.propose(put(`k${String(turn)}-${String(i)}`), by));
      }
      await cluster.clock.run(1);
    }
    await cluster.clock.settled(Promise.all(all));
    const after = leader.replica.stats();
    expect(most).toBe(1);
    expect(after.appendedEntries - before.appendedEntries).toBe(500);
    expect(after.appends - before.appends).toBeLessThanOrEqual(4);
    await cluster.converged();
  });
});
