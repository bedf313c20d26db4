// Job distribution as the doors see it: jobs and the table that says who runs them.
import type { Revision } from "../base/numbers.ts";
import type { ClientRequest } from "../state/commands.ts";
import type { AssignmentRow, EventRow, JobRow, JobSpec } from "../state/rows.ts";

export interface CallOptions {
  readonly actor: string;
  readonly deadlineMs: number;
  readonly request?: ClientRequest;
}

export interface JobView {
  readonly job: JobRow;
  readonly row: AssignmentRow;
}

/** A job by id, or by `namespace/name`. */
export type JobSelector = string;

export interface RingServer {
  readonly serverId: string;
  readonly capacity: number;
  readonly eligible: boolean;
  readonly load: number;
  readonly quota: number;
  /** Share of the ring that is nearest to this server's points, in parts per million. */
  readonly ringSharePpm: number;
}

export interface RingView {
  readonly revision: Revision;
  readonly algorithmVersion: number;
  readonly servers: readonly RingServer[];
  readonly jobs: readonly {
    readonly jobId: string;
    readonly name: string;
    readonly state: string;
    readonly owner: string;
    readonly epoch: number;
    /** First eligible server clockwise from the job's position. */
    readonly home: string;
  }[];
  readonly maxMinusMin: number;
}

/** Reads are linearizable. */
export interface Jobs {
  submit(
    request: { readonly namespace: string; readonly name: string; readonly spec: JobSpec },
    options: CallOptions,
  ): Promise<{ readonly jobId: string; readonly revision: Revision }>;
  update(
    request: { readonly job: JobSelector; readonly spec: JobSpec },
    options: CallOptions,
  ): Promise<JobView>;
  setDesired(
    request: {
      readonly job: JobSelector;
      readonly desired: "running" | "stopped" | "deleted";
      readonly reason: string;
    },
    options: CallOptions,
  ): Promise<{ readonly revision: Revision }>;
  get(
    job: JobSelector,
    options: CallOptions,
  ): Promise<JobView & { readonly events: readonly EventRow[] }>;
  list(options: CallOptions): Promise<readonly JobView[]>;
  ring(options: CallOptions): Promise<RingView>;
}
