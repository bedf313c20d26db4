// What owners tell about their jobs. Reports are level-triggered and may be late, doubled or of an older epoch:
// whatever does not match the row exactly is ignored.
import type { Epoch, SessionId } from "../../base/numbers.ts";
import type { Change } from "../change.ts";
import type { Released, ReportRuns } from "../commands.ts";
import { runMessageCharsMax } from "../limits.ts";
import { clip } from "../names.ts";
import type { CommandDetail } from "../result.ts";
import type { AssignmentRow, RunReport } from "../rows.ts";
import { ownerOf } from "../tables/assignments.ts";
import { ownerGone, settle } from "./assignment-rows.ts";

export function released(change: Change, command: Released): CommandDetail {
  for (const { jobId, epoch } of command.items) {
    const row = heldRow(change, jobId, { session: command.session, epoch });
    if (row === undefined) continue;
    const asked = row.assignment.state === "revoking";
    const reason = asked ? "released" : "released without revocation";
    ownerGone(change, row, { kind: "AssignmentReleased", reason });
  }
  return { kind: "none" };
}

export function reportRuns(change: Change, command: ReportRuns): CommandDetail {
  for (const { jobId, run, finished } of command.items) {
    const row = heldRow(change, jobId, { session: command.session, epoch: run.epoch });
    if (row === undefined) continue;
    const report = bounded(run);
    notePhase(change, row, report);
    const updated = change.putAssignment(row, row.assignment, { run: report });
    if (finished) finish(change, updated);
  }
  return { kind: "none" };
}

interface Holder {
  readonly session: SessionId;
  readonly epoch: Epoch;
}

/** The row, if it is held by exactly this session and epoch. */
function heldRow(change: Change, jobId: string, holder: Holder): AssignmentRow | undefined {
  const row = change.store.assignments.get(jobId);
  if (row === undefined || row.epoch !== holder.epoch) return undefined;
  return ownerOf(row)?.session === holder.session ? row : undefined;
}

/** The run is over for good: also while it was being moved, nobody starts it again. */
function finish(change: Change, row: AssignmentRow): void {
  const job = change.store.jobs.get(row.jobId);
  if (job === undefined) return;
  const { exitCode, signal } = row.run;
  const how = signal === "" ? `exit code ${String(exitCode)}` : signal;
  change.note({ subject: `job/${row.jobId}`, kind: "JobFinished", detail: how });
  if (job.desired === "deleted") {
    settle(change, row, undefined);
    return;
  }
  if (job.desired === "running") change.putJob({ ...job, desired: "stopped" });
  settle(change, row, `finished: ${how}`);
}

function bounded(run: RunReport): RunReport {
  return {
    ...run,
    signal: clip(run.signal, runMessageCharsMax),
    message: clip(run.message, runMessageCharsMax),
  };
}

function notePhase(change: Change, row: AssignmentRow, run: RunReport): void {
  const { epoch, phase } = row.run;
  if (epoch === run.epoch && phase === run.phase && row.run.restarts === run.restarts) return;
  const restarts = run.restarts === 0 ? "" : `, restart ${String(run.restarts)}`;
  const message = run.message === "" ? "" : `: ${run.message}`;
  const detail = `${run.phase}, epoch ${String(run.epoch)}${restarts}${message}`;
  change.note({ subject: `job/${row.jobId}`, kind: "RunReported", detail });
}
