// How one kind of job becomes a start order. The sentinel starts, observes and stops whatever was ordered, and a new
// agent adopts it from the sentinel's list, so an executor only has to say what to execute. It is told the job and the
// assignment and must not remember anything between calls.
import type { JobRow, RunSpec } from "../../state/rows.ts";
import type { StartOrder } from "../sentinel/protocol.ts";

export interface Assignment {
  readonly job: JobRow;
  readonly epoch: number;
  readonly session: number;
  /** Revision of the table that says so. */
  readonly revision: number;
}

export interface Executor {
  readonly kinds: readonly RunSpec["kind"][];
  /** Brings what the job needs to this machine. Idempotent; a job that is prepared starts without the network. */
  prefetch(job: JobRow): Promise<void>;
  /**
   * Fetches what is missing and resolves the order: absolute paths, full environment, the job's directory (made, but
   * not emptied: it is the same for every run of the job here). Throws coded errors whose message a user understands.
   */
  prepare(assignment: Assignment): Promise<StartOrder>;
  /** Digests that must stay in the cache while the job is assigned here. */
  digestsOf(job: JobRow): readonly string[];
}

/** What must not be removed from this machine. */
export interface InUse {
  readonly jobs: ReadonlySet<string>;
  readonly digests: ReadonlySet<string>;
}
