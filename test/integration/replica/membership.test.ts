import { afterEach, describe, expect, test } from "vitest";
import type { QuorateError } from "../../../src/base/errors.ts";
import { noPeer, peerId } from "../../../src/base/numbers.ts";
import { addressOf, by, Cluster, put } from "./cluster.ts";

let cluster: Cluster;
afterEach(() => cluster.stop());

const small = { snapshotEntries: 50, trailingEntries: 5 };
const four = peerId(4);

async function write(count: number, prefix = "k"): Promise<void> {
  const leader = await cluster.leader();
  const all = Array.from({ length: count }, (_, i) =>
    leader.replica.propose(put(`${prefix}${String(i)}`, "v".repeat(500)), by),
  );
  await cluster.clock.settled(Promise.all(all));
}

describe("snapshots", () => {
  test("are taken behind the thresholds, and the log is shortened with a trailing window", async () => {
    cluster = await new Cluster({ size: 3, limits: small }).found();
    for (let round = 0; round < 5; round += 1) await write(30, `r${String(round)}-`);
    await cluster.converged();
    await cluster.clock.until("everybody has a snapshot and a short log", () =>
      cluster.running().every(({ data, replica }) => {
        const snapshot = data.log.view.snapshot().index;
        return (
          snapshot > 50 &&
          snapshot <= replica.status().applied &&
          data.snapshots.latest()?.meta.index === snapshot &&
          data.log.view.firstIndex() === snapshot + 1 - small.trailingEntries
        );
      }),
    );
  });

  test("a server restarts from its snapshot and the log behind it", async () => {
    cluster = await new Cluster({ size: 3, limits: small }).found();
    await write(120);
    await cluster.clock.until("a snapshot", () =>
      cluster.running().every(({ data }) => data.log.view.snapshot().index > 0),
    );
    await write(20, "late");
    const [follower] = cluster.followers();
    await cluster.crash(follower!);
    await write(5, "absent");
    await cluster.restart(follower!);
    await cluster.converged();
    expect(follower!.replica.state.kvList("")).toHaveLength(145);
  });

  test("a crash between the snapshot and the compaction is repaired at the start", async () => {
    cluster = await new Cluster({ size: 3, limits: small }).found();
    const [follower] = cluster.followers();
    // Snapshots are stored, and the compaction behind them never happens.
    follower!.data.log.compact = () => new Promise(() => undefined);
    const leader = await cluster.leader();
    for (let i = 0; i < 60; i += 1) await cluster.propose(leader, put(`k${String(i)}`));
    await cluster.clock.until("the snapshot is stored", () => {
      return follower!.data.snapshots.latest() !== undefined;
    });
    expect(follower!.data.log.view.snapshot().index).toBe(0);
    const stored = follower!.data.snapshots.latest()!.meta.index;
    expect(stored).toBeGreaterThanOrEqual(50);
    await cluster.crash(follower!);
    await cluster.restart(follower!);
    expect(follower!.data.log.view.snapshot().index).toBe(stored);
    expect(follower!.replica.revision).toBe(stored);
    await cluster.converged();
  });

  test("a snapshot that is gone is named as such", async () => {
    cluster = await new Cluster({ size: 1, limits: small }).found();
    const member = await cluster.leader();
    await write(120);
    await cluster.clock.until("a snapshot", () => member.data.log.view.snapshot().index > 0);
    await cluster.crash(member);
    member.data = member.data.restart("lost");
    member.data.snapshots.latest = () => undefined;
    const restarted = cluster.restartOver(member);
    await expect(restarted).rejects.toMatchObject({ code: "QUORATE_REPLICA_SNAPSHOT_MISSING" });
  });
});

describe("membership", () => {
  test("a learner catches up by a snapshot, is promoted and removed", async () => {
    cluster = await new Cluster({ size: 3, limits: small }).found();
    await write(120);
    await cluster.clock.until("compacted", () =>
      cluster.running().every(({ data }) => data.log.view.firstIndex() > 1),
    );
    const joiner = await cluster.join(4);
    await cluster.change([{ kind: "add-learner", peer: four }], 4);
    await cluster.converged();
    expect(joiner.data.log.view.snapshot().index).toBeGreaterThan(0);
    expect(joiner.replica.state.kvList("")).toHaveLength(120);
    expect(joiner.replica.state.server("s4")?.role).toBe("learner");

    await cluster.change([{ kind: "add-voter", peer: four }], 4);
    await cluster.converged();
    expect(joiner.replica.state.server("s4")?.role).toBe("voter");
    expect(joiner.removed).toBe(0);

    await cluster.change([{ kind: "remove", peer: four }]);
    await cluster.clock.until("the removed server knows it", () => joiner.removed === 1);
    await cluster.crash(joiner);
    await write(10, "after");
    await cluster.converged();
    expect((await cluster.leader()).replica.state.server("s4")?.role).toBe("removed");
  });

  test("a learner without snapshots catches up from the log", async () => {
    cluster = await new Cluster({ size: 1 }).found();
    await write(30);
    const joiner = await cluster.join(4);
    await cluster.change([{ kind: "add-learner", peer: four }], 4);
    await cluster.converged();
    expect(joiner.data.log.view.snapshot().index).toBe(0);
    expect(joiner.replica.state.kvList("")).toHaveLength(30);
  });

  test.each([0, 1])(
    "a learner that was killed after it was added, with %d writes on its disk, catches up all the same",
    async (writesMax) => {
      cluster = await new Cluster({ size: 3 }).found();
      await write(20);
      const learner = await cluster.join(four);
      let writes = 0;
      learner.schedule = (_bytes, finish) => {
        writes += 1;
        if (writes <= writesMax) finish("synced");
      };
      await cluster.change([{ kind: "add-learner", peer: four }], four);
      await cluster.clock.until("a write that does not end", () => writes > writesMax);
      await cluster.crash(learner);
      learner.schedule = (_bytes, finish) => {
        finish("synced");
      };
      await cluster.restart(learner);
      await cluster.converged();
      await cluster.change([{ kind: "add-voter", peer: four }]);
      expect((await cluster.leader()).replica.state.membership.voters).toContain(four);
    },
  );

  test("a follower that was away longer than the trailing window gets a snapshot", async () => {
    cluster = await new Cluster({ size: 3, limits: small }).found();
    await write(10);
    const [follower] = cluster.followers();
    await cluster.crash(follower!);
    for (let i = 0; i < 4; i += 1) await write(60, `away${String(i)}-`);
    await cluster.clock.until("compacted", () =>
      cluster.running().every(({ data }) => data.log.view.firstIndex() > 20),
    );
    const woken: number[] = [];
    await cluster.restart(follower!);
    follower!.replica.watch.subscribe(["nothing/"], (revision) => woken.push(revision));
    await cluster.converged();
    expect(follower!.replica.state.kvList("")).toHaveLength(250);
    // A snapshot may have changed everything: whoever watches anything is told.
    expect(woken).toHaveLength(1);
  });

  test("a snapshot pull that breaks is tried again", async () => {
    cluster = await new Cluster({ size: 3, limits: small }).found();
    await write(120);
    await cluster.clock.until("compacted", () =>
      cluster.running().every(({ data }) => data.log.view.firstIndex() > 1),
    );
    const joiner = await cluster.join(4);
    let broken = 0;
    const pull = joiner.transport.pull.bind(joiner.transport);
    joiner.transport.pull = async function* (from, source) {
      for await (const piece of pull(from, source)) {
        broken += 1;
        if (broken <= 2) {
          // Once cut short, once altered: only the sum can tell.
          if (broken === 1) return;
          yield { ...piece, bytes: piece.bytes.map((byte, at) => (at === 200 ? byte ^ 1 : byte)) };
          continue;
        }
        yield piece;
      }
    };
    await cluster.change([{ kind: "add-learner", peer: four }], 4);
    await cluster.converged();
    expect(broken).toBeGreaterThan(2);
    expect(joiner.fatal).toEqual([]);
  });

  test("a change names the membership it was decided on", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const { membershipRevision } = leader.replica.status();
    expect(membershipRevision).toBe(3);
    const context = { atMs: 1, actor: "test", reason: "", added: [] };
    const request = {
      transition: "auto",
      steps: [{ kind: "remove", peer: cluster.followers()[0]!.id }],
      context,
    } as const;
    const stale = leader.replica.proposeMembership({ ...request, ifRevision: 2 } as never, by);
    await expect(cluster.clock.settled(stale)).rejects.toMatchObject({
      code: "QUORATE_REPLICA_MEMBERSHIP_CHANGED",
    });
    const right = leader.replica.proposeMembership(
      { ...request, ifRevision: membershipRevision } as never,
      by,
    );
    await cluster.clock.settled(right);
    expect(leader.replica.status().membershipRevision).toBe(5);
  });

  test("a server that cannot apply its own removal is told by the leader", async () => {
    cluster = await new Cluster({ size: 4 }).found();
    const leader = await cluster.leader();
    const [removed] = cluster.followers();
    await cluster.converged();
    removed!.schedule = () => undefined;
    await cluster.change([{ kind: "remove", peer: peerId(removed!.id) }]);
    await cluster.clock.until("told", () => removed!.removed === 1);
    const own = removed!.replica.state.server(`s${String(removed!.id)}`);
    expect(own?.role).toBe("voter");
    await cluster.crash(removed!);
    await cluster.propose(leader, put("after"));
  });

  test("a leader that is removed stops leading and the others go on", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    await cluster.change([{ kind: "remove", peer: peerId(leader.id) }]);
    await cluster.clock.until("removed", () => leader.removed === 1);
    expect(leader.duty.at(-1)).toBe("-");
    await cluster.crash(leader);
    await write(5);
  });
});

describe("transfer of leadership", () => {
  test("to a named voter, and to the best one", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const first = await cluster.leader();
    const [target] = cluster.followers();
    await cluster.clock.settled(first.replica.transferLeadership(peerId(target!.id), 2000));
    expect((await cluster.leader()).id).toBe(target!.id);
    await cluster.clock.settled(target!.replica.transferLeadership(noPeer, 2000));
    expect((await cluster.leader()).id).not.toBe(target!.id);
  });

  test("to a learner is refused, to a dead voter fails, and the leader goes on", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const strange = leader.replica.transferLeadership(four, 1000);
    await expect(cluster.clock.settled(strange)).rejects.toMatchObject({
      code: "QUORATE_RAFT_TRANSFER_REFUSED",
    });
    const [dead] = cluster.followers();
    await cluster.crash(dead!);
    const failed = leader.replica.transferLeadership(peerId(dead!.id), 1000);
    await expect(cluster.clock.settled(failed)).rejects.toMatchObject({
      code: "QUORATE_REPLICA_TRANSFER_FAILED",
    });
    expect(leader.fatal).toEqual([]);
    await cluster.clock.run(1000);
    await write(1);
  });

  test("proposals under way during a transfer are answered, not left unknown", async () => {
    cluster = await new Cluster({ size: 3 }).found();
    const leader = await cluster.leader();
    const [target] = cluster.followers();
    const all = Array.from({ length: 50 }, (_, i) =>
      leader.replica.propose(put(`k${String(i)}`), by).then(
        () => "done",
        (thrown: unknown) => (thrown as QuorateError).code,
      ),
    );
    await cluster.clock.run(1);
    await cluster.clock.settled(leader.replica.transferLeadership(peerId(target!.id), 2000));
    const outcomes = new Set(await cluster.clock.settled(Promise.all(all)));
    expect(outcomes).toEqual(new Set(["done"]));
    expect(addressOf(target!.id)).toBe(target!.transport.address);
  });
});
