import { describe, expect, test } from "vitest";
import { noSession, type SessionId, sessionId } from "../../../src/base/numbers.ts";
import { type Observed, PlannerInput } from "../../../src/distribution/planner-input.ts";
import { RingHasher } from "../../../src/placement/ring.ts";
import type { PlacementJob } from "../../../src/placement/types.ts";
import { loadHash64 } from "../../../src/server/system/hash.ts";
import type { Owner } from "../../../src/state/rows.ts";
import { Fixture, profileOf } from "../state/fixture.ts";

const hash = await loadHash64();

class Tables extends Fixture {
  readonly input = new PlannerInput({ state: this.tables }, new RingHasher(hash));

  /** Three voters, each with a session. */
  static three(): { readonly tables: Tables; readonly owners: readonly Owner[] } {
    const tables = new Tables();
    tables.cluster(3);
    return { tables, owners: ["s1", "s2", "s3"].map((id) => tables.register(id)) };
  }

  eligible(observed: Partial<Observed> = {}): string[] {
    const { servers } = this.input.build({ ...calm, ...observed });
    return servers.filter((server) => server.eligible).map(({ id }) => id);
  }

  job(jobId: string, observed: Partial<Observed> = {}): PlacementJob | undefined {
    return this.input.build({ ...calm, ...observed }).jobs.find(({ id }) => id === jobId);
  }

  assign(jobId: string, to: Owner): void {
    const row = this.tables.assignment(jobId)!;
    const move = { action: "assign", jobId, prevSession: noSession, prevEpoch: row.epoch, to };
    this.plan([move as never]);
  }

  revoke(jobId: string, to: Owner): void {
    const row = this.tables.assignment(jobId)!;
    const { assignment } = row;
    if (assignment.state !== "assigned") throw new Error(assignment.state);
    const prevSession = assignment.owner.session;
    const move = { action: "revoke", jobId, prevSession, prevEpoch: row.epoch, to };
    this.plan([move as never]);
  }
}

const calm: Observed = { expired: new Set<SessionId>(), suspect: () => false };

describe("who may receive jobs", () => {
  test("servers with a living session, and no others", () => {
    const tables = new Tables();
    tables.cluster(3);
    tables.register("s2");
    expect(tables.eligible()).toEqual(["s2"]);
    expect(tables.input.build(calm).servers.map(({ id }) => id)).toEqual(["s1", "s2", "s3"]);
  });

  test("not one whose session ends with this plan, nor a suspect one", () => {
    const { tables, owners } = Tables.three();
    expect(tables.eligible({ expired: new Set([owners[0]!.session]) })).toEqual(["s2", "s3"]);
    expect(tables.eligible({ suspect: (id) => id === "s3" })).toEqual(["s1", "s2"]);
  });

  test.each(["cordoned", "draining", "leaving"] as const)("not one that is %s", (admin) => {
    const { tables } = Tables.three();
    tables.done({ kind: "set-admin-state", serverId: "s2", admin, reason: "" });
    expect(tables.eligible()).toEqual(["s1", "s3"]);
  });

  test("learners as well as voters", () => {
    const tables = new Tables();
    const peers = [1, 2].map((peer) => ({ peer, profile: profileOf(`s${String(peer)}`) }));
    tables.membership({ voters: [1], learners: [2] }, peers);
    tables.register("s1");
    tables.register("s2");
    expect(tables.eligible()).toEqual(["s1", "s2"]);
  });

  test("not one that was removed: it is no part of the ring any more", () => {
    const { tables } = Tables.three();
    tables.membership({ voters: [1, 2] });
    const { servers, ring } = tables.input.build(calm);
    expect(servers.map(({ id }) => id)).toEqual(["s1", "s2"]);
    expect(ring?.serverIds).toEqual(["s1", "s2"]);
  });

  test("by the capacity of the newest session, not of the record", () => {
    const { tables } = Tables.three();
    const session = {
      kind: "register-session",
      serverId: "s1",
      leaseMs: 3000,
      key: new Uint8Array(32),
      capacity: 9,
    } as const;
    tables.done(session);
    const [first] = tables.input.build(calm).servers;
    expect(first).toMatchObject({ id: "s1", capacity: 9 });
    tables.done({ ...session, capacity: 0 });
    expect(tables.eligible()).toEqual(["s2", "s3"]);
  });
});

describe("jobs", () => {
  test("without an owner are orphans", () => {
    const { tables } = Tables.three();
    expect(tables.job(tables.submit("a"))).toMatchObject({ owner: undefined, movable: true });
  });

  test("that are stopped are not there at all", () => {
    const { tables } = Tables.three();
    const jobId = tables.submit("a");
    tables.done({ kind: "set-desired", jobId, desired: "stopped", reason: "" });
    expect(tables.job(jobId)).toBeUndefined();
  });

  test("are their owner's while its session lives, also when nothing new goes there", () => {
    const { tables, owners } = Tables.three();
    const jobId = tables.submit("a");
    tables.assign(jobId, owners[0]!);
    const owned = { owner: "s1", movable: true };
    expect(tables.job(jobId)).toMatchObject(owned);
    expect(tables.job(jobId, { suspect: () => true })).toMatchObject(owned);
    tables.done({ kind: "set-admin-state", serverId: "s1", admin: "draining", reason: "" });
    expect(tables.job(jobId)).toMatchObject(owned);
  });

  test("become orphans in the plan that ends their owner's session", () => {
    const { tables, owners } = Tables.three();
    const jobId = tables.submit("a");
    tables.assign(jobId, owners[0]!);
    const expired = new Set([owners[0]!.session]);
    expect(tables.job(jobId, { expired })).toMatchObject({ owner: undefined, movable: true });
  });

  test("of an older session of the same server stay where they are", () => {
    const { tables, owners } = Tables.three();
    const jobId = tables.submit("a");
    tables.assign(jobId, owners[0]!);
    tables.register("s1");
    expect(tables.job(jobId)).toMatchObject({ owner: "s1", movable: false });
  });

  test("on their way count where they go to, and are not moved again", () => {
    const { tables, owners } = Tables.three();
    const jobId = tables.submit("a");
    tables.assign(jobId, owners[0]!);
    tables.revoke(jobId, owners[1]!);
    expect(tables.job(jobId)).toMatchObject({ owner: "s2", movable: false });
    const lost = new Set([owners[0]!.session]);
    expect(tables.job(jobId, { expired: lost })).toMatchObject({ owner: undefined });
  });

  test("that restart in place stay with their owner", () => {
    const { tables, owners } = Tables.three();
    const jobId = tables.submit("a");
    tables.assign(jobId, owners[0]!);
    const { spec } = tables.tables.job(jobId)!;
    tables.done({ kind: "update-job", jobId, spec: { ...spec, slots: 2 } });
    expect(tables.job(jobId)).toMatchObject({ owner: "s1", movable: false, slots: 2 });
  });

  test("that are being stopped are nobody's to place, even when their owner is lost", () => {
    const { tables, owners } = Tables.three();
    const jobId = tables.submit("a");
    tables.assign(jobId, owners[0]!);
    tables.done({ kind: "set-desired", jobId, desired: "stopped", reason: "" });
    expect(tables.job(jobId)).toBeUndefined();
    expect(tables.job(jobId, { expired: new Set([owners[0]!.session]) })).toBeUndefined();
  });
});

describe("the ring", () => {
  test("is kept as long as the servers are the same, and made anew when they are not", () => {
    const { tables } = Tables.three();
    const { ring } = tables.input.build(calm);
    tables.done({ kind: "set-admin-state", serverId: "s1", admin: "cordoned", reason: "" });
    expect(tables.input.build(calm).ring).toBe(ring);
    tables.membership({ voters: [1, 2, 3], learners: [4] }, [
      { peer: 4, profile: profileOf("s4") },
    ]);
    const { ring: larger } = tables.input.build(calm);
    expect(larger?.serverIds).toEqual(["s1", "s2", "s3", "s4"]);
  });

  test("holds servers that are down, so that they get their old jobs back", () => {
    const { tables, owners } = Tables.three();
    tables.done({ kind: "end-session", session: owners[0]!.session, reason: "" });
    expect(tables.input.build(calm).ring?.serverIds).toEqual(["s1", "s2", "s3"]);
    expect(tables.tables.session(sessionId(owners[0]!.session))?.state).toBe("ended");
  });
});
