// Rows as the table would hold them, for tests of the agent.
import { epoch, index, sessionId } from "../../../src/base/numbers.ts";
import type { AssignedJob } from "../../../src/runner/cluster/contract.ts";
import type { RunInfo } from "../../../src/runner/sentinel/protocol.ts";
import type { Assignment, AssignmentRow, JobRow, JobSpec } from "../../../src/state/rows.ts";

const spec: JobSpec = {
  run: { kind: "command", command: ["true"], resource: undefined },
  ...{ args: [], env: {}, slots: 1, priority: 50, restart: "always" },
  ...{ stopSignal: "SIGTERM", stopGraceMs: 1000, onServerDeath: "continue", onLeaseLoss: "stop" },
};

export function job(jobId: string, more: Partial<JobSpec> = {}): JobRow {
  return {
    ...{ jobId, namespace: "default", name: jobId, specRevision: 1, desired: "running" },
    ...{ createdRevision: index(1), createdAtMs: 0, submittedBy: "test" },
    spec: { ...spec, ...more },
  };
}

export const owner = (serverId: string, session: number) => ({
  serverId,
  session: sessionId(session),
});

export function assigned(
  jobId: string,
  options: {
    readonly epoch?: number;
    readonly assignment?: Assignment;
    readonly spec?: Partial<JobSpec>;
    readonly run?: Partial<AssignmentRow["run"]>;
  } = {},
): AssignedJob {
  const row: AssignmentRow = {
    jobId,
    assignment: options.assignment ?? { state: "assigned", owner: owner("s1", 7) },
    epoch: epoch(options.epoch ?? 1),
    run: {
      ...{ epoch: epoch(0), phase: "none", pid: 0, exitCode: -1, signal: "" },
      ...{ restarts: 0, message: "", atMs: 0 },
      ...options.run,
    },
    modifiedRevision: index(1),
    modifiedAtMs: 0,
  };
  return { row, job: job(jobId, options.spec) };
}

export function run(jobId: string, more: Partial<RunInfo> = {}): RunInfo {
  return {
    ...{ jobId, epoch: 1, revision: 10, state: "running", pid: 4242, exitCode: -1, signal: "" },
    ...{ cause: "itself", startedAtMs: 0 },
    ...more,
  };
}
