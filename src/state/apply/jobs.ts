import { defined } from "../../base/assert.ts";
import { noEpoch } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import type { SetDesired, SubmitJob, UpdateJob } from "../commands.ts";
import { stateErrors } from "../errors.ts";
import { reasonCharsMax } from "../limits.ts";
import { checkName, clip } from "../names.ts";
import type { CommandDetail } from "../result.ts";
import type { AssignmentRow, JobRow, RunReport } from "../rows.ts";
import { ownerOf } from "../tables/assignments.ts";
import { revoke, settle } from "./assignment-rows.ts";
import { checkSpec } from "./job-spec.ts";

const neverRan: RunReport = {
  epoch: noEpoch,
  phase: "none",
  pid: 0,
  exitCode: -1,
  signal: "",
  restarts: 0,
  message: "",
  atMs: 0,
};

export function submitJob(change: Change, command: SubmitJob): CommandDetail {
  const { namespace, name, spec } = command;
  const { store, limits, index, atMs } = change;
  checkName("namespace", namespace);
  checkName("name", name);
  const existing = store.jobs.named(namespace, name);
  if (existing !== undefined) {
    throw stateErrors.JOB_EXISTS(`${namespace}/${name} exists`, {
      fields: { namespace, name, jobId: existing.jobId },
    });
  }
  checkSpec(store, spec);
  if (store.jobs.size >= limits.jobsMax) {
    throw stateErrors.LIMIT_REACHED(`${String(limits.jobsMax)} jobs exist`, {
      fields: { limit: "jobsMax", jobsMax: limits.jobsMax },
    });
  }
  const jobId = `j${String(index)}`;
  change.putJob({
    jobId,
    namespace,
    name,
    specRevision: 1,
    spec,
    desired: "running",
    createdRevision: index,
    createdAtMs: atMs,
    submittedBy: change.actor,
  });
  const pending = { state: "pending", reason: "submitted" } as const;
  const empty = {
    jobId,
    epoch: noEpoch,
    run: neverRan,
    modifiedRevision: index,
    modifiedAtMs: atMs,
  };
  change.putAssignment({ ...empty, assignment: pending }, pending);
  change.note({ subject: `job/${jobId}`, kind: "JobSubmitted", detail: `${namespace}/${name}` });
  return { kind: "job", jobId };
}

export function updateJob(change: Change, command: UpdateJob): CommandDetail {
  const { jobId, spec } = command;
  const { job, row } = liveJob(change, jobId);
  checkSpec(change.store, spec);
  const specRevision = job.specRevision + 1;
  change.putJob({ ...job, spec, specRevision });
  change.note({
    subject: `job/${jobId}`,
    kind: "JobUpdated",
    detail: `spec ${String(specRevision)}`,
  });
  const { assignment } = row;
  if (assignment.state === "assigned") revoke(change, row, assignment.owner);
  else if (assignment.state === "revoking" && movesAway(row)) revoke(change, row, undefined);
  return { kind: "job", jobId };
}

/** A cancelled move would leave the old spec running: the row forgets where it was to go. */
function movesAway({ assignment }: AssignmentRow): boolean {
  if (assignment.state !== "revoking" || assignment.next === undefined) return false;
  return assignment.next.session !== assignment.owner.session;
}

export function setDesired(change: Change, command: SetDesired): CommandDetail {
  const { jobId, desired } = command;
  if (change.store.jobs.get(jobId)?.desired === "deleted" && desired === "deleted") {
    return { kind: "job", jobId };
  }
  const { job, row } = liveJob(change, jobId);
  const reason = clip(command.reason, reasonCharsMax);
  if (desired !== job.desired) {
    change.putJob({ ...job, desired });
    change.note({
      subject: `job/${jobId}`,
      kind: "JobDesiredChanged",
      detail: `${desired}: ${reason}`,
    });
  }
  if (desired === "running") resume(change, row, reason);
  else halt(change, row, desired === "deleted" ? undefined : reason);
  return { kind: "job", jobId };
}

/** A revocation under way is not taken back: its release makes the row pending. */
function resume(change: Change, row: AssignmentRow, reason: string): void {
  const { state } = row.assignment;
  if (state === "stopped" || state === "quarantined") {
    change.putAssignment(row, { state: "pending", reason });
  }
}

/** Stops, or without a reason deletes. */
function halt(change: Change, row: AssignmentRow, stopReason: string | undefined): void {
  const { assignment } = row;
  if (ownerOf(row) === undefined) {
    if (stopReason === undefined || assignment.state !== "stopped") settle(change, row, stopReason);
    return;
  }
  if (assignment.state === "revoking" && assignment.next === undefined) return;
  revoke(change, row, undefined);
}

function liveJob(
  change: Change,
  jobId: string,
): { readonly job: JobRow; readonly row: AssignmentRow } {
  const job = change.store.jobs.get(jobId);
  if (job === undefined) {
    throw stateErrors.JOB_UNKNOWN(`job ${JSON.stringify(jobId)} does not exist`, {
      fields: { jobId },
    });
  }
  if (job.desired === "deleted") {
    throw stateErrors.JOB_DELETED(`${job.namespace}/${job.name} is being deleted`, {
      fields: { jobId },
    });
  }
  return { job, row: defined(change.store.assignments.get(jobId), "assignment of a job") };
}
