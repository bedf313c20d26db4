import { describe, expect, test } from "vitest";
import { epoch } from "../../../src/base/numbers.ts";
import { Fixture } from "./fixture.ts";

function pair() {
  const f = new Fixture().cluster(2);
  return { f, one: f.register("s1"), two: f.register("s2") };
}

describe("released", () => {
  test("only session and epoch of the row count; repeats are ignored", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.release(jobId, two);
    const items = [
      { jobId, epoch: epoch(2) },
      { jobId: "j999", epoch: epoch(1) },
    ];
    f.done({ kind: "released", session: one.session, items });
    expect(f.last?.topics).toEqual([]);
    expect(f.assignment(jobId).state).toBe("revoking");
    f.done({ kind: "released", session: one.session, items: [{ jobId, epoch: epoch(1) }] });
    f.done({ kind: "released", session: one.session, items: [{ jobId, epoch: epoch(1) }] });
    expect(f.row(jobId)).toMatchObject({ epoch: 2, assignment: { owner: two } });
    expect(f.last?.topics).toEqual([]);
  });

  test("without revocation (exit proof) the job becomes pending", () => {
    const { f, one } = pair();
    const jobId = f.running("a", one);
    f.release(jobId, one);
    expect(f.assignment(jobId)).toEqual({
      state: "pending",
      reason: "released without revocation",
    });
  });

  test("a next whose server was removed does not get the job", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.membership({ voters: [1] });
    f.release(jobId, one);
    expect(f.assignment(jobId).state).toBe("pending");
  });
});

describe("reports", () => {
  test("from the owner under the row's epoch only", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.report(jobId, two, { pid: 1 });
    f.report(jobId, one, { pid: 2, epoch: epoch(2) });
    expect(f.last?.topics).toEqual([]);
    expect(f.row(jobId).run.phase).toBe("none");
    f.report(jobId, one, { pid: 3 });
    expect(f.row(jobId).run).toMatchObject({ phase: "running", pid: 3, epoch: 1 });
    f.setDesired(jobId, "stopped");
    f.report(jobId, one, { phase: "exited", exitCode: 0 });
    expect(f.row(jobId)).toMatchObject({ run: { phase: "exited" }, assignment: { owner: one } });
    f.release(jobId, one);
    f.report(jobId, one, { pid: 9 });
    expect(f.row(jobId).run.phase).toBe("exited");
  });

  test("finished stops the job for good", () => {
    const { f, one, two } = pair();
    const jobId = f.running("a", one);
    f.report(jobId, one, { phase: "exited", exitCode: 3 }, true);
    expect(f.assignment(jobId)).toEqual({ state: "stopped", reason: "finished: exit code 3" });
    expect(f.tables.job(jobId)?.desired).toBe("stopped");
    expect(f.plan([f.move("assign", jobId, two)])).toEqual([]);
    f.setDesired(jobId, "running");
    expect(f.plan([f.move("assign", jobId, two)])).toEqual([`${jobId}@2`]);
  });

  test("finished while being moved or deleted", () => {
    const { f, one, two } = pair();
    const [moved, deleted] = [f.running("a", one), f.running("b", one)];
    f.plan([f.move("revoke", moved, two)]);
    f.report(moved, one, { phase: "failed", signal: "SIGSEGV" }, true);
    expect(f.assignment(moved)).toEqual({ state: "stopped", reason: "finished: SIGSEGV" });
    f.setDesired(deleted, "deleted");
    f.report(deleted, one, { phase: "exited" }, true);
    expect(f.tables.job(deleted)).toBeUndefined();
  });

  test("history tells changes of phase and restarts, not every report", () => {
    const { f, one } = pair();
    const jobId = f.running("a", one);
    const before = f.kinds(`job/${jobId}`).length;
    f.report(jobId, one, {});
    f.report(jobId, one, { atMs: 9 });
    f.report(jobId, one, { restarts: 1, message: "x".repeat(5000) });
    expect(f.kinds(`job/${jobId}`).slice(before)).toEqual(["RunReported", "RunReported"]);
    expect(f.row(jobId).run.message).toHaveLength(2048);
  });
});
