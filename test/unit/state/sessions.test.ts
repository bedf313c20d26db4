import { describe, expect, test } from "vitest";
import { sessionId } from "../../../src/base/numbers.ts";
import { Fixture } from "./fixture.ts";

const registration = {
  kind: "register-session",
  serverId: "s1",
  leaseMs: 3000,
  key: new Uint8Array(32),
  capacity: 4,
} as const;

describe("sessions", () => {
  test("registering gives the entry's index and ends no older session", () => {
    const f = new Fixture().cluster(1);
    const first = f.register("s1");
    const second = f.register("s1");
    expect(second.session).toBe(3);
    expect(f.tables.session(first.session)?.state).toBe("active");
    expect(f.tables.activeSession("s1")?.session).toBe(second.session);
    f.done({ kind: "end-session", session: second.session, reason: "exit-proof" });
    expect(f.tables.activeSession("s1")?.session).toBe(first.session);
  });

  test("strangers, removed servers and bad values are refused", () => {
    const f = new Fixture().cluster(2);
    f.membership({ voters: [1] });
    for (const serverId of ["s2", "s9"]) {
      expect(f.refused({ ...registration, serverId }).code).toBe("QUORATE_STATE_SERVER_UNKNOWN");
    }
    const bad = [{ leaseMs: 99 }, { leaseMs: 3_600_001 }, { key: new Uint8Array(31) }];
    for (const fields of bad) {
      expect(f.refused({ ...registration, ...fields }).code).toBe("QUORATE_STATE_VALUE_INVALID");
    }
  });

  test("active sessions are bounded, ended ones forgotten oldest first", () => {
    const f = new Fixture({ sessionsActiveMax: 2, sessionsEndedMax: 1 }).cluster(1);
    const [a, b] = [f.register("s1"), f.register("s1")];
    expect(f.refused(registration).fields).toMatchObject({ limit: "sessionsActiveMax" });
    f.done({ kind: "end-session", session: a.session, reason: "x" });
    f.register("s1");
    f.done({ kind: "end-session", session: b.session, reason: "x" });
    expect(f.tables.session(a.session)).toBeUndefined();
    expect(f.tables.session(b.session)).toMatchObject({ state: "ended", endReason: "x" });
  });

  test("ending orphans the rows at once and is idempotent", () => {
    const f = new Fixture().cluster(1);
    const owner = f.register("s1");
    const jobId = f.running("a", owner);
    f.done({ kind: "end-session", session: owner.session, reason: "exit-proof" });
    expect(f.assignment(jobId)).toEqual({ state: "pending", reason: "owner's session ended" });
    expect(f.last?.topics).toEqual(
      expect.arrayContaining(["sessions", "assignments", "assignments/s1"]),
    );
    f.done({ kind: "end-session", session: owner.session, reason: "again" });
    expect(f.last?.topics).toEqual([]);
    f.done({ kind: "end-session", session: sessionId(999), reason: "unknown" });
    expect(f.tables.session(owner.session)?.endReason).toBe("exit-proof");
  });
});
