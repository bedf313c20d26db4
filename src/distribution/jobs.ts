// What people do with jobs. Each action is one command in the log; reads wait for everything that was committed
// before they were asked.
import { assert } from "../base/assert.ts";
import type { Revision } from "../base/numbers.ts";
import type { LeaseTable } from "../registry/contract.ts";
import type { ProposeOptions, Replica } from "../replica/contract.ts";
import { stateErrors } from "../state/errors.ts";
import type { EventRow, JobRow, JobSpec } from "../state/rows.ts";
import type { CallOptions, JobSelector, Jobs, JobView, RingView } from "./contract.ts";
import type { PlannerInput } from "./planner-input.ts";
import { ringView } from "./ring-view.ts";

export interface JobModules {
  readonly replica: Replica;
  readonly input: PlannerInput;
  /** On a follower nobody is suspect: only the leader hears renewals. */
  readonly leases: LeaseTable;
}

function proposeOptions({ actor, deadlineMs, request }: CallOptions): ProposeOptions {
  return request === undefined ? { actor, deadlineMs } : { actor, deadlineMs, request };
}

function unknownJob(selector: JobSelector): never {
  throw stateErrors.JOB_UNKNOWN(`there is no job ${selector}`, { fields: { job: selector } });
}

export class JobService implements Jobs {
  readonly #modules: JobModules;

  constructor(modules: JobModules) {
    this.#modules = modules;
  }

  async submit(
    request: { readonly namespace: string; readonly name: string; readonly spec: JobSpec },
    options: CallOptions,
  ): Promise<{ readonly jobId: string; readonly revision: Revision }> {
    const { revision, detail } = await this.#modules.replica.submit(
      { kind: "submit-job", ...request },
      proposeOptions(options),
    );
    assert(detail.kind === "job", "a submit answers with the job's id");
    return { jobId: detail.jobId, revision };
  }

  async update(
    request: { readonly job: JobSelector; readonly spec: JobSpec },
    options: CallOptions,
  ): Promise<JobView> {
    const jobId = await this.#target(request.job, options);
    await this.#modules.replica.submit(
      { kind: "update-job", jobId, spec: request.spec },
      proposeOptions(options),
    );
    return this.#view(await this.#find(jobId, options));
  }

  async setDesired(
    request: Parameters<Jobs["setDesired"]>[0],
    options: CallOptions,
  ): Promise<{ readonly revision: Revision }> {
    const jobId = await this.#target(request.job, options);
    const { desired, reason } = request;
    const { revision } = await this.#modules.replica.submit(
      { kind: "set-desired", jobId, desired, reason },
      proposeOptions(options),
    );
    return { revision };
  }

  async get(
    selector: JobSelector,
    options: CallOptions,
  ): Promise<JobView & { readonly events: readonly EventRow[] }> {
    const job = await this.#find(selector, options);
    const events = this.#modules.replica.state.events(`job/${job.jobId}`);
    return { ...this.#view(job), events };
  }

  async list(options: CallOptions): Promise<readonly JobView[]> {
    await this.#modules.replica.barrier(options.deadlineMs);
    return this.#modules.replica.state.jobs().map((job) => this.#view(job));
  }

  async ring(options: CallOptions): Promise<RingView> {
    const { replica, input, leases } = this.#modules;
    await replica.barrier(options.deadlineMs);
    const table = input.build({
      expired: new Set(),
      suspect: (serverId) => leases.suspect(serverId),
    });
    assert(table.ring !== undefined, "the planner's input carries its ring");
    return ringView(replica.state, { ...table, ring: table.ring });
  }

  async #find(selector: JobSelector, options: CallOptions): Promise<JobRow> {
    await this.#modules.replica.barrier(options.deadlineMs);
    return this.#selected(selector) ?? unknownJob(selector);
  }

  /**
   * The id of the job to change. A repeated request may be about a job that its first attempt has deleted: then the
   * selector is passed on as it is, and the state machine answers with the remembered result, or that it knows no such job.
   */
  async #target(selector: JobSelector, options: CallOptions): Promise<string> {
    await this.#modules.replica.barrier(options.deadlineMs);
    const job = this.#selected(selector);
    if (job !== undefined) return job.jobId;
    return options.request === undefined ? unknownJob(selector) : selector;
  }

  #selected(selector: JobSelector): JobRow | undefined {
    const { state } = this.#modules.replica;
    const slash = selector.indexOf("/");
    const namespace = slash < 0 ? "default" : selector.slice(0, slash);
    return state.job(selector) ?? state.jobByName(namespace, selector.slice(slash + 1));
  }

  #view(job: JobRow): JobView {
    const row = this.#modules.replica.state.assignment(job.jobId);
    assert(row !== undefined, "every job has a row in the assignment table");
    return { job, row };
  }
}
