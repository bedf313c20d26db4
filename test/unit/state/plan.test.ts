import { describe, expect, test } from "vitest";
import { epoch, sessionId } from "../../../src/base/numbers.ts";
import { Fixture } from "./fixture.ts";

function pair() {
  const f = new Fixture().cluster(2);
  return { f, one: f.register("s1"), two: f.register("s2") };
}

describe("assign", () => {
  test("a pending job gets an owner under the next epoch", () => {
    const { f, one } = pair();
    const jobId = f.submit("a");
    expect(f.plan([f.move("assign", jobId, one)])).toEqual([`${jobId}@1`]);
    expect(f.assignment(jobId)).toEqual({ state: "assigned", owner: one });
    expect(f.last?.topics).toContain("assignments/s1");
    expect(f.tables.assignmentsOf("s1").map((row) => row.jobId)).toEqual([jobId]);
    expect(f.tables.assignmentsOfSession(one.session)).toHaveLength(1);
  });

  test("skipped when the row changed", () => {
    const { f, one, two } = pair();
    const jobId = f.submit("a");
    const move = f.move("assign", jobId, one);
    expect(f.plan([{ ...move, prevEpoch: epoch(1) }])).toEqual([]);
    expect(f.plan([{ ...move, prevSession: two.session }])).toEqual([]);
    expect(f.plan([{ ...move, jobId: "j999" }])).toEqual([]);
    expect(f.plan([{ ...move, to: undefined }])).toEqual([]);
    f.plan([move]);
    expect(f.plan([move])).toEqual([]);
    expect(f.plan([f.move("assign", jobId, two)])).toEqual([]);
    expect(f.row(jobId).epoch).toBe(1);
  });

  test("each job once per entry", () => {
    const { f, one, two } = pair();
    const jobId = f.submit("a");
    const moves = [f.move("assign", jobId, one), f.move("assign", jobId, two)];
    expect(f.plan(moves)).toEqual([`${jobId}@1`]);
    expect(f.assignment(jobId)).toEqual({ state: "assigned", owner: one });
    const opposite = [f.move("revoke", jobId, two), f.move("cancel", jobId)];
    expect(f.plan(opposite)).toEqual([`${jobId}@1`]);
    expect(f.assignment(jobId).state).toBe("revoking");
  });

  test("the new owner must be alive, of that server, its newest session, and a member", () => {
    const { f, one, two } = pair();
    const jobId = f.submit("a");
    const tryIt = (to: { serverId: string; session: typeof one.session }) =>
      f.plan([f.move("assign", jobId, to)]);
    expect(tryIt({ serverId: "s1", session: sessionId(999) })).toEqual([]);
    expect(tryIt({ serverId: "s1", session: two.session })).toEqual([]);
    const newer = f.register("s1");
    expect(tryIt(one)).toEqual([]);
    f.done({ kind: "end-session", session: newer.session, reason: "" });
    expect(tryIt(newer)).toEqual([]);
    f.membership({ voters: [1] });
    expect(tryIt(two)).toEqual([]);
    expect(tryIt(one)).toEqual([`${jobId}@1`]);
  });

  test("stopped jobs are not assigned", () => {
    const { f, one } = pair();
    const jobId = f.submit("a");
    f.setDesired(jobId, "stopped");
    expect(f.plan([f.move("assign", jobId, one)])).toEqual([]);
  });
});

describe("revoke and cancel", () => {
  test("two phases: the next owner gets the job with the release", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    expect(f.plan([f.move("revoke", jobId, two)])).toEqual([`${jobId}@1`]);
    expect(f.assignment(jobId)).toEqual({ state: "revoking", owner: one, next: two });
    expect(f.last?.topics).toEqual(expect.arrayContaining(["assignments/s1", "assignments/s2"]));
    expect(f.tables.assignmentsOf("s2")).toHaveLength(1);
    expect(f.plan([f.move("assign", jobId, two)])).toEqual([]);
    f.release(jobId, one);
    expect(f.row(jobId)).toMatchObject({ epoch: 2, assignment: { state: "assigned", owner: two } });
    expect(f.tables.assignmentsOf("s1")).toEqual([]);
  });

  test("without a destination the job becomes pending", () => {
    const { f, one } = pair();
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId)]);
    f.release(jobId, one);
    expect(f.assignment(jobId)).toEqual({ state: "pending", reason: "released" });
  });

  test("a dead destination is skipped", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.done({ kind: "end-session", session: two.session, reason: "" });
    expect(f.plan([f.move("revoke", jobId, two)])).toEqual([]);
    expect(f.assignment(jobId).state).toBe("assigned");
  });

  test("cancel keeps owner and epoch, only while something is being moved", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    expect(f.plan([f.move("cancel", jobId)])).toEqual([]);
    f.plan([f.move("revoke", jobId, two)]);
    expect(f.plan([f.move("cancel", jobId)])).toEqual([`${jobId}@1`]);
    expect(f.row(jobId)).toMatchObject({ epoch: 1, assignment: { state: "assigned", owner: one } });
    f.plan([f.move("revoke", jobId)]);
    expect(f.plan([f.move("cancel", jobId)])).toEqual([]);
  });
});

describe("expire", () => {
  test("detection and assignment are one entry", () => {
    const { f, one, two } = pair();
    const [a, b] = [f.running("a", one), f.running("b", one)];
    expect(f.plan([f.move("assign", a, two)], [one.session])).toEqual([`${a}@2`]);
    expect(f.assignment(a)).toEqual({ state: "assigned", owner: two });
    expect(f.assignment(b)).toEqual({ state: "pending", reason: "owner's session expired" });
    expect(f.tables.session(one.session)).toMatchObject({ state: "ended", endReason: "expired" });
    expect(f.kinds("server/s1").at(-1)).toBe("SessionExpired");
  });

  test("is never skipped, also when every move is", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    const stale = { ...f.move("assign", jobId, two), prevEpoch: epoch(9) };
    expect(f.plan([stale], [one.session])).toEqual([]);
    expect(f.assignment(jobId).state).toBe("pending");
    expect(f.plan([], [one.session, sessionId(999)])).toEqual([]);
    expect(f.last?.topics).toEqual([]);
  });

  test("a session that expires in the entry gets nothing and keeps nothing", () => {
    const { f, one, two } = pair();
    const [a, b] = [f.submit("a"), f.running("b", one)];
    const moves = [f.move("assign", a, one), f.move("revoke", b, two)];
    expect(f.plan(moves, [one.session])).toEqual([]);
    expect([f.assignment(a).state, f.assignment(b).state]).toEqual(["pending", "pending"]);
  });

  test("a row on its way goes to its next owner, if that one lives", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.plan([], [one.session]);
    expect(f.row(jobId)).toMatchObject({ epoch: 2, assignment: { state: "assigned", owner: two } });
  });

  test("or becomes pending, when both ended", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.plan([], [one.session, two.session]);
    expect(f.row(jobId)).toMatchObject({ epoch: 1, assignment: { state: "pending" } });
  });

  test("a revoking row may be given to somebody else instead", () => {
    const f = new Fixture().cluster(3);
    const [one, two, three] = [f.register("s1"), f.register("s2"), f.register("s3")];
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    const to = f.move("assign", jobId, three);
    expect(f.plan([to], [one.session, two.session])).toEqual([`${jobId}@2`]);
    expect(f.assignment(jobId)).toEqual({ state: "assigned", owner: three });
  });

  test("without next: what was asked for decides", () => {
    const { f, one } = pair();
    const ids = ["a", "b", "c"].map((name) => f.running(name, one));
    const [stopped = "", deleted = "", wanted = ""] = ids;
    f.setDesired(stopped, "stopped");
    f.setDesired(deleted, "deleted");
    f.plan([f.move("revoke", wanted)]);
    const move = f.move("assign", stopped, f.register("s2"));
    expect(f.plan([move], [one.session])).toEqual([]);
    expect(f.assignment(stopped).state).toBe("stopped");
    expect(f.tables.assignment(deleted)).toBeUndefined();
    expect(f.assignment(wanted).state).toBe("pending");
  });

  test("a row whose next expires keeps its owner and becomes pending with the release", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.plan([], [two.session]);
    expect(f.assignment(jobId).state).toBe("revoking");
    f.release(jobId, one);
    expect(f.assignment(jobId).state).toBe("pending");
  });
});
