import { describe, expect, test } from "vitest";
import type { JobSpec, ResourceRef } from "../../../src/state/rows.ts";
import { chunk, digestOf, Fixture, specOf } from "./fixture.ts";

const submit = (name: string, spec: Partial<JobSpec> = {}, namespace = "ns") =>
  ({ kind: "submit-job", namespace, name, spec: specOf(spec) }) as const;

/** A file with version 1 in the store. */
function withFile(f: Fixture): ResourceRef {
  const upload = f.done({
    kind: "reserve-upload",
    uploadId: "",
    namespace: "ns",
    name: "app.jar",
    chunks: [chunk(1)],
  });
  if (upload.kind !== "upload") throw new Error(upload.kind);
  const { uploadId } = upload;
  for (const peerId of f.tables.membership.voters) {
    f.done({ kind: "add-receipt", uploadId, peerId, chunkCount: 1 });
  }
  const digest = digestOf(1000);
  const manifest = { kind: "jar", digest, sizeBytes: 100, chunks: [chunk(1)] } as const;
  f.done({ kind: "commit-version", uploadId, manifest, note: "" });
  return { namespace: "ns", name: "app.jar", version: 1, digest };
}

describe("submit", () => {
  test("makes a pending row under an id with the entry's index", () => {
    const f = new Fixture();
    const jobId = f.submit("a");
    expect(jobId).toBe("j1");
    expect(f.assignment(jobId)).toEqual({ state: "pending", reason: "submitted" });
    expect(f.row(jobId)).toMatchObject({ epoch: 0, run: { phase: "none", exitCode: -1 } });
    expect(f.tables.jobByName("ns", "a")).toMatchObject({ jobId, specRevision: 1 });
    expect(f.last?.topics).toEqual(expect.arrayContaining(["jobs", "jobs/j1", "assignments"]));
  });

  test("a taken name is refused until its job is deleted", () => {
    const f = new Fixture().cluster(1);
    const owner = f.register("s1");
    const jobId = f.running("a", owner);
    expect(f.refused(submit("a"))).toMatchObject({
      code: "QUORATE_STATE_JOB_EXISTS",
      kind: "already-exists",
      fields: { jobId },
    });
    f.done(submit("a", {}, "other"));
    f.setDesired(jobId, "deleted");
    const second = f.submit("a");
    expect(second).not.toBe(jobId);
    expect(f.tables.jobByName("ns", "a")?.jobId).toBe(second);
    expect(f.tables.job(jobId)?.desired).toBe("deleted");
  });

  test("names", () => {
    const f = new Fixture();
    for (const name of ["", "A", "a b", "..", ".a", "-a", "a/b", "x".repeat(129), "a\0"]) {
      expect(f.refused(submit(name)).code).toBe("QUORATE_STATE_NAME_INVALID");
      expect(f.refused(submit("a", {}, name)).code).toBe("QUORATE_STATE_NAME_INVALID");
    }
    for (const name of ["x".repeat(128), "a-b_c.9", "_a"]) f.submit(name);
  });

  test("bounds of a spec", () => {
    const f = new Fixture();
    const many = Array.from({ length: 1025 }, () => "x");
    const bad: [string, Partial<JobSpec>][] = [
      ["slots", { slots: 0 }],
      ["slots", { slots: 10_001 }],
      ["priority", { priority: 101 }],
      ["stopGraceMs", { stopGraceMs: 24 * 3_600_000 + 1 }],
      ["command", { run: { kind: "command", command: [], resource: undefined } }],
      ["command", { run: { kind: "command", command: [""], resource: undefined } }],
      ["args", { args: many }],
      ["args", { args: ["a\0b"] }],
      ["args", { args: ["x".repeat(128 * 1024)] }],
      ["env", { env: { "1A": "x" } }],
      ["env", { env: { A: "x\0" } }],
    ];
    for (const [field, spec] of bad) {
      const error = f.refused(submit("a", spec));
      expect([field, error.code, error.fields["field"]]).toEqual([
        field,
        "QUORATE_STATE_VALUE_INVALID",
        field,
      ]);
    }
    f.submit("a", { slots: 10_000, priority: 100, env: { _A1: "x" } });
  });

  test("resources must be live versions with that digest", () => {
    const f = new Fixture().cluster(1);
    const ref = withFile(f);
    const wrong = [
      { ...ref, version: 2 },
      { ...ref, name: "other" },
      { ...ref, digest: digestOf(5) },
    ];
    for (const resource of wrong) {
      const error = f.refused(submit("a", { run: { kind: "node", resource } }));
      expect(error.code).toBe("QUORATE_STATE_RESOURCE_UNKNOWN");
    }
    const jobId = f.submit("a", {
      run: { kind: "java", resource: ref, mainClass: "", jvmOptions: [] },
    });
    expect(f.tables.jobsUsing("ns", "app.jar", 1).map((job) => job.jobId)).toEqual([jobId]);
  });

  test("a version in use is not deleted, and the job is named", () => {
    const f = new Fixture().cluster(1);
    const ref = withFile(f);
    const jobId = f.submit("user", { run: { kind: "node", resource: ref } });
    const remove = {
      kind: "delete-version",
      namespace: "ns",
      name: "app.jar",
      version: 1,
    } as const;
    expect(f.refused(remove)).toMatchObject({
      code: "QUORATE_STATE_RESOURCE_IN_USE",
      fields: { job: "ns/user", jobId },
    });
    f.done({ kind: "update-job", jobId, spec: specOf() });
    f.done(remove);
    expect(f.tables.isNeeded(digestOf(1))).toBe(false);
  });

  test("jobs are bounded", () => {
    const f = new Fixture({ jobsMax: 1 });
    f.submit("a");
    expect(f.refused(submit("b")).fields).toMatchObject({ limit: "jobsMax" });
  });
});

describe("update", () => {
  test("bumps the revision; a pending job just takes the new spec", () => {
    const f = new Fixture();
    const jobId = f.submit("a");
    f.done({ kind: "update-job", jobId, spec: specOf({ slots: 2 }) });
    expect(f.tables.job(jobId)).toMatchObject({ specRevision: 2, spec: { slots: 2 } });
    expect(f.assignment(jobId).state).toBe("pending");
  });

  test("an assigned job restarts in place under the next epoch", () => {
    const f = new Fixture().cluster(1);
    const owner = f.register("s1");
    const jobId = f.running("a", owner);
    f.done({ kind: "update-job", jobId, spec: specOf({ slots: 2 }) });
    expect(f.assignment(jobId)).toEqual({ state: "revoking", owner, next: owner });
    expect(f.plan([f.move("cancel", jobId)])).toEqual([]);
    f.release(jobId, owner);
    expect(f.row(jobId)).toMatchObject({ assignment: { state: "assigned", owner }, epoch: 2 });
  });

  test("a job on its way loses its destination, so that the move cannot be cancelled", () => {
    const f = new Fixture().cluster(2);
    const [one, two] = [f.register("s1"), f.register("s2")];
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.done({ kind: "update-job", jobId, spec: specOf() });
    expect(f.assignment(jobId)).toEqual({ state: "revoking", owner: one, next: undefined });
    expect(f.plan([f.move("cancel", jobId)])).toEqual([]);
    f.release(jobId, one);
    expect(f.assignment(jobId).state).toBe("pending");
  });

  test("unknown and dying jobs are refused, bad specs too", () => {
    const f = new Fixture().cluster(1);
    const update = { kind: "update-job", jobId: "j9", spec: specOf() } as const;
    expect(f.refused(update).code).toBe("QUORATE_STATE_JOB_UNKNOWN");
    const jobId = f.running("a", f.register("s1"));
    expect(f.refused({ ...update, jobId, spec: specOf({ slots: 0 }) }).kind).toBe("invalid");
    f.setDesired(jobId, "deleted");
    expect(f.refused({ ...update, jobId }).code).toBe("QUORATE_STATE_JOB_DELETED");
  });
});

describe("desired state", () => {
  test("stop and start of a pending job", () => {
    const f = new Fixture();
    const jobId = f.submit("a");
    f.setDesired(jobId, "stopped");
    expect(f.assignment(jobId)).toEqual({ state: "stopped", reason: "asked" });
    f.setDesired(jobId, "stopped");
    expect(f.last?.topics).toEqual([]);
    f.setDesired(jobId, "running");
    expect(f.assignment(jobId)).toEqual({ state: "pending", reason: "asked" });
  });

  test("stop of a running job waits for the release", () => {
    const f = new Fixture().cluster(1);
    const owner = f.register("s1");
    const jobId = f.running("a", owner);
    f.setDesired(jobId, "stopped");
    expect(f.assignment(jobId)).toEqual({ state: "revoking", owner, next: undefined });
    f.release(jobId, owner);
    expect(f.assignment(jobId).state).toBe("stopped");
    expect(f.row(jobId).epoch).toBe(1);
  });

  test("stop takes the destination of a move away; start meanwhile makes it pending", () => {
    const f = new Fixture().cluster(2);
    const [one, two] = [f.register("s1"), f.register("s2")];
    const jobId = f.running("a", one);
    f.plan([f.move("revoke", jobId, two)]);
    f.setDesired(jobId, "stopped");
    expect(f.assignment(jobId)).toEqual({ state: "revoking", owner: one, next: undefined });
    f.setDesired(jobId, "running");
    expect(f.assignment(jobId).state).toBe("revoking");
    f.release(jobId, one);
    expect(f.assignment(jobId).state).toBe("pending");
  });

  test("delete removes both rows, at once or with the release", () => {
    const f = new Fixture().cluster(1);
    const owner = f.register("s1");
    const [free, held] = [f.submit("free"), f.running("held", owner)];
    f.setDesired(free, "deleted");
    expect([f.tables.job(free), f.tables.assignment(free)]).toEqual([undefined, undefined]);
    f.setDesired(held, "deleted");
    f.setDesired(held, "deleted");
    for (const desired of ["running", "stopped"] as const) {
      const command = { kind: "set-desired", jobId: held, desired, reason: "" } as const;
      expect(f.refused(command).code).toBe("QUORATE_STATE_JOB_DELETED");
    }
    f.release(held, owner);
    expect([f.tables.job(held), f.tables.assignment(held)]).toEqual([undefined, undefined]);
    expect(f.kinds(`job/${held}`).at(-1)).toBe("JobDeleted");
    const gone = { kind: "set-desired", jobId: held, desired: "deleted", reason: "" } as const;
    expect(f.refused(gone).code).toBe("QUORATE_STATE_JOB_UNKNOWN");
  });
});
