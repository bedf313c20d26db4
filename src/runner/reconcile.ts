// The pure difference between what the table says and what runs. Level-triggered: the same input gives the same
// actions, whatever came before, so the agent may be restarted at any moment and converges.
import type { JobRow } from "../state/rows.ts";
import type { AssignedJob } from "./cluster/contract.ts";
import type { RunInfo } from "./sentinel/protocol.ts";

/** What the agent is busy with on its own, by job. */
export interface Pending {
  readonly epoch: number;
  /** busy: a start is under way · waiting: backoff · over: its end was reported as final. */
  readonly state: "busy" | "waiting" | "over";
}

export interface Situation {
  readonly serverId: string;
  /** 0 = none yet. */
  readonly session: number;
  /** The sentinel may start jobs. */
  readonly isRenewed: boolean;
  /** The sentinel is giving the session back: nothing begins any more. */
  readonly isSealed: boolean;
  /** Of the table that `jobs` was read from. */
  readonly revision: number;
  readonly jobs: readonly AssignedJob[];
  readonly runs: readonly RunInfo[];
  readonly pending: ReadonlyMap<string, Pending>;
}

export type Action =
  | { readonly kind: "start"; readonly assigned: AssignedJob }
  /** The table took it away: stop and release (H1, H2). */
  | { readonly kind: "release"; readonly jobId: string; readonly epoch: number }
  /** Stop; it is started again under the same or a newer epoch. */
  | { readonly kind: "stop"; readonly jobId: string; readonly epoch: number }
  | { readonly kind: "prefetch"; readonly job: JobRow }
  /** The run ended; the restart policy decides. */
  | { readonly kind: "ended"; readonly assigned: AssignedJob; readonly run: RunInfo }
  /** The table does not know yet that it runs. */
  | { readonly kind: "report-running"; readonly assigned: AssignedJob; readonly run: RunInfo };

function reportsRun(assigned: AssignedJob, run: RunInfo): boolean {
  const report = assigned.row.run;
  return report.epoch === run.epoch && report.phase === "running" && report.pid === run.pid;
}

/** A row that is ours in this session, and a run of exactly its epoch. */
function keep(assigned: AssignedJob, run: RunInfo): Action[] {
  if (run.state === "stopping") return [];
  if (run.state === "exited") {
    if (run.cause === "itself") return [{ kind: "ended", assigned, run }];
    return [{ kind: "start", assigned }];
  }
  return run.pid !== 0 && !reportsRun(assigned, run)
    ? [{ kind: "report-running", assigned, run }]
    : [];
}

function owned(situation: Situation, assigned: AssignedJob, run: RunInfo | undefined): Action[] {
  const { jobId, epoch } = assigned.row;
  const pending = situation.pending.get(jobId);
  if (pending?.epoch === epoch && pending.state !== "over") return [];
  if (run === undefined) {
    return pending?.epoch === epoch ? [] : [{ kind: "start", assigned }];
  }
  if (run.epoch === epoch) {
    // The end was reported; the row follows.
    return pending?.epoch === epoch && run.state === "exited" ? [] : keep(assigned, run);
  }
  if (run.epoch > epoch) return [];
  return run.state === "exited"
    ? [{ kind: "start", assigned }]
    : [{ kind: "stop", jobId, epoch: run.epoch }];
}

function actionsFor(
  situation: Situation,
  assigned: AssignedJob,
  run: RunInfo | undefined,
): Action[] {
  const { assignment, jobId, epoch } = assigned.row;
  const { serverId, session } = situation;
  const isOurs =
    "owner" in assignment &&
    assignment.owner.serverId === serverId &&
    assignment.owner.session === session;
  if (isOurs && assignment.state === "assigned") return owned(situation, assigned, run);
  const actions: Action[] = [];
  if (isOurs) actions.push({ kind: "release", jobId, epoch });
  else if (run !== undefined) actions.push({ kind: "release", jobId, epoch: run.epoch });
  const isNext = assignment.state === "revoking" && assignment.next?.serverId === serverId;
  if (isNext) actions.push({ kind: "prefetch", job: assigned.job });
  return actions;
}

/**
 * What to do now. A run that was ordered from a newer table than this one is left alone: a server that has just come
 * back may still be reading its log, and a healthy job must not die of that.
 */
export function reconcile(situation: Situation): Action[] {
  if (situation.session === 0) return [];
  const runs = new Map(situation.runs.map((run) => [run.jobId, run]));
  const actions: Action[] = [];
  const named = new Set<string>();
  for (const assigned of situation.jobs) {
    const { jobId } = assigned.row;
    const run = runs.get(jobId);
    named.add(jobId);
    if (run !== undefined && run.revision > situation.revision) continue;
    actions.push(...actionsFor(situation, assigned, run));
  }
  for (const { jobId, epoch, revision } of situation.runs) {
    if (!named.has(jobId) && revision <= situation.revision)
      actions.push({ kind: "release", jobId, epoch });
  }
  const { isRenewed, isSealed } = situation;
  return actions.filter(({ kind }) => {
    if (kind === "start") return isRenewed && !isSealed;
    return kind !== "prefetch" || !isSealed;
  });
}
