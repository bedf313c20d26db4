import { describe, expect, test } from "vitest";
import { index, peerId } from "../../../src/base/numbers.ts";
import { Fixture, profileOf } from "./fixture.ts";

describe("membership", () => {
  test("rows and roles follow the membership in force", () => {
    const f = new Fixture().cluster(2);
    f.membership({ voters: [1, 2], learners: [3] }, [{ peer: 3, profile: profileOf("s3") }]);
    expect(f.tables.servers().map((row) => [row.profile.serverId, row.role])).toEqual([
      ["s1", "voter"],
      ["s2", "voter"],
      ["s3", "learner"],
    ]);
    f.membership({ voters: [1, 2, 3] });
    expect(f.tables.server("s3")?.role).toBe("voter");
    expect(f.tables.serverOfPeer(peerId(3))?.profile.serverId).toBe("s3");
    expect(f.kinds("server/s3")).toEqual(["ServerAdded", "ServerRoleChanged"]);
  });

  test("outgoing voters of a joint membership stay voters until it is left", () => {
    const f = new Fixture().cluster(3);
    f.membership({ voters: [1, 2], outgoing: [1, 2, 3] });
    expect(f.tables.server("s3")?.role).toBe("voter");
    f.membership({ voters: [1, 2], learners: [3] });
    expect(f.tables.server("s3")?.role).toBe("learner");
  });

  test("a member that comes back under another peer id keeps what operators set, and that it was a voter", () => {
    const f = new Fixture().cluster(3);
    f.done({ kind: "set-admin-state", serverId: "s3", admin: "cordoned", reason: "disk" });
    const { createdRevision } = f.tables.server("s3")!;
    const { session } = f.register("s3");
    const back = { peer: 4, profile: profileOf("s3", { incarnation: "new" }) };
    f.membership({ voters: [1, 2], learners: [4], outgoing: [1, 2, 3] }, [back]);
    const row = { role: "learner", wasVoter: true, peerId: 4, admin: "cordoned", createdRevision };
    expect(f.tables.server("s3")).toMatchObject(row);
    f.membership({ voters: [1, 2], learners: [4] });
    expect(f.tables.server("s3")).toMatchObject(row);
    // Its machine runs on: what it holds is not given to others.
    expect(f.tables.activeSession("s3")?.session).toBe(session);
    expect(f.tables.isFormerPeer(peerId(3))).toBe(true);
    // Lost once more before it voted again.
    const again = { peer: 5, profile: profileOf("s3", { incarnation: "newer" }) };
    f.membership({ voters: [1, 2], learners: [5] }, [again]);
    expect(f.tables.server("s3")).toMatchObject({ ...row, peerId: 5 });
    f.membership({ voters: [1, 2, 5] });
    expect(f.tables.server("s3")).toMatchObject({ role: "voter", wasVoter: false });
    expect(f.kinds("server/s3").filter((kind) => kind === "ServerReadmitted")).toHaveLength(2);
  });

  test("a learner that comes back under another peer id is no voter to be", () => {
    const f = new Fixture().cluster(2);
    f.membership({ voters: [1, 2], learners: [3] }, [{ peer: 3, profile: profileOf("s3") }]);
    const back = { peer: 4, profile: profileOf("s3", { incarnation: "new" }) };
    f.membership({ voters: [1, 2], learners: [4] }, [back]);
    expect(f.tables.server("s3")).toMatchObject({ role: "learner", wasVoter: false, peerId: 4 });
  });

  test("a removed server stays as a row until it comes back under another peer id", () => {
    const f = new Fixture().cluster(3);
    f.done({ kind: "set-admin-state", serverId: "s3", admin: "leaving", reason: "old" });
    f.membership({ voters: [1, 2] });
    expect(f.tables.server("s3")).toMatchObject({ role: "removed", peerId: 3, reason: "a test" });
    f.membership({ voters: [1, 2], learners: [9] }, [
      { peer: 9, profile: profileOf("s3", { incarnation: "new" }) },
    ]);
    expect(f.tables.server("s3")).toMatchObject({ role: "learner", peerId: 9, admin: "active" });
    expect(f.tables.serverOfPeer(peerId(3))).toBeUndefined();
    const former = [1, 2, 3, 4, 5, 6, 7, 8, 9].filter((id) => f.tables.isFormerPeer(peerId(id)));
    // Ids are allotted in ascending order: whatever lies below the highest and belongs to nobody was somebody's.
    expect(former).toEqual([3, 4, 5, 6, 7, 8]);
  });

  test("a record of a peer that is not in the membership is dropped", () => {
    const f = new Fixture().cluster(1);
    f.membership({ voters: [1] }, [{ peer: 5, profile: profileOf("s5") }]);
    expect(f.tables.server("s5")).toBeUndefined();
  });

  test("an empty context is allowed: leaving a joint membership", () => {
    const f = new Fixture().cluster(1);
    const voters = [peerId(1)];
    const none = { learners: [], votersOutgoing: [] };
    f.machine.applyMembership(index(f.next), { voters, ...none }, new Uint8Array(0));
    expect(f.tables.membership).toEqual({ voters, ...none });
  });

  test("indices follow each other", () => {
    const f = new Fixture().cluster(1);
    f.machine.applyEmpty(index(2));
    expect(() => f.machine.applyEmpty(index(2))).toThrow(/does not follow/);
    expect(() => f.machine.applyEmpty(index(4))).toThrow(/does not follow/);
    expect(f.machine.revision).toBe(2);
  });
});

describe("records", () => {
  test("only the same data directory may update its record", () => {
    const f = new Fixture().cluster(1);
    f.done({ kind: "update-server", profile: profileOf("s1", { zone: "y" }) });
    expect(f.tables.server("s1")?.profile.zone).toBe("y");
    expect(f.last?.topics).toContain("servers/s1");
    const other = profileOf("s1", { incarnation: "other" });
    expect(f.refused({ kind: "update-server", profile: other }).code).toBe(
      "QUORATE_STATE_SERVER_UNKNOWN",
    );
    expect(f.refused({ kind: "update-server", profile: profileOf("s9") }).kind).toBe("not-found");
  });

  test("an unchanged record changes nothing", () => {
    const f = new Fixture().cluster(1);
    f.done({ kind: "update-server", profile: profileOf("s1") });
    expect(f.last?.topics).toEqual([]);
  });

  test("out of bounds", () => {
    const f = new Fixture().cluster(1);
    const many = Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${String(i)}`, "v"]));
    const bad = [
      { zone: "a\nb" },
      { version: "x".repeat(257) },
      { capacity: 1_000_001 },
      { labels: many },
      { labels: { a: "\0" } },
    ];
    for (const fields of bad) {
      const { code } = f.refused({ kind: "update-server", profile: profileOf("s1", fields) });
      expect(code).toBe("QUORATE_STATE_VALUE_INVALID");
    }
  });

  test("admin state of members only", () => {
    const f = new Fixture().cluster(2);
    f.done({ kind: "set-admin-state", serverId: "s1", admin: "draining", reason: "disk" });
    expect(f.tables.server("s1")).toMatchObject({ admin: "draining", reason: "disk" });
    f.done({ kind: "set-admin-state", serverId: "s1", admin: "draining", reason: "disk" });
    expect(f.last?.topics).toEqual([]);
    f.membership({ voters: [1] });
    const gone = { kind: "set-admin-state", serverId: "s2", admin: "active", reason: "" } as const;
    expect(f.refused(gone).code).toBe("QUORATE_STATE_SERVER_UNKNOWN");
  });
});
