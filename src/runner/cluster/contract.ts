// The cluster as the agent sees it: rows that concern this machine, resources to fetch, reports to hand in. One
// implementation reads the server's own replica (local.ts); a worker's asks over the network (remote.ts, later).
import type { Epoch, Revision, SessionId } from "../../base/numbers.ts";
import type { AssignmentRow, JobRow, ResourceRef, RunReport } from "../../state/rows.ts";

export interface AssignedJob {
  readonly row: AssignmentRow;
  readonly job: JobRow;
}

export interface ClusterView {
  /** The rows that name this server as owner or next, and their jobs, as of `revision`. */
  poll(): { readonly revision: Revision; readonly jobs: readonly AssignedJob[] };
  /** Resolves when something of `poll()` may have changed after `since`, or after `timeoutMs`. */
  wait(since: Revision, timeoutMs: number): Promise<void>;
  /** Hands in phase changes; resolves when they are committed. */
  report(
    session: SessionId,
    items: readonly {
      readonly jobId: string;
      readonly run: RunReport;
      readonly finished: boolean;
    }[],
  ): Promise<void>;
  /** Writes the verified bytes of a version to `path` (atomically: temporary file, then rename). */
  fetch(resource: ResourceRef, path: string): Promise<void>;
}

/** What the agent tells about itself. */
export interface AgentStatus {
  readonly session: SessionId;
  readonly fencing: "cgroup" | "process-group" | "none";
  readonly runs: readonly {
    readonly jobId: string;
    readonly epoch: Epoch;
    readonly phase: string;
  }[];
}
