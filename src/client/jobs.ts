import type { Event__Output as JobEvent } from "../gen/quorate/job/v1/Event.ts";
import type { GetRingResponse__Output as Ring } from "../gen/quorate/job/v1/GetRingResponse.ts";
import type { Job__Output as Job } from "../gen/quorate/job/v1/Job.ts";
import type { JobSpec } from "../gen/quorate/job/v1/JobSpec.ts";
import type { ReadLogResponse__Output as LogPiece } from "../gen/quorate/job/v1/ReadLogResponse.ts";
import type { SubmitJobResponse__Output as SubmitAnswer } from "../gen/quorate/job/v1/SubmitJobResponse.ts";
import { clientErrors } from "./errors.ts";
import { type FollowOptions, followed, type ReadAt } from "./follow-log.ts";
import type { CallOptions, GroupContext } from "./group.ts";
import { serviceMethods } from "./protocol.ts";

/** A job is named by its id or `namespace/name`; a bare name means namespace `default`. */
export type JobSelector = string;

export interface JobSubmission {
  /** Default: `default`. */
  readonly namespace?: string;
  readonly name: string;
  readonly spec: JobSpec;
}

export interface ReasonOptions extends CallOptions {
  /** Kept in the job's history. */
  readonly reason?: string;
}

export interface ReadLogOptions extends CallOptions {
  /** Byte position to read from, as a former answer's nextOffset. */
  readonly offset?: number;
  /** Above 0: so many bytes before the end instead. At most 256 KiB. */
  readonly tailBytes?: number;
  /** The server whose output is wanted, whoever runs the job now; default: the one that runs it, else any that has some. */
  readonly serverId?: string;
}

function present(job: Job | null): Job {
  if (job === null) throw clientErrors.BAD_ANSWER("the answer has no job");
  return job;
}

export class JobsClient {
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** Resource versions are pinned by the servers. Rejects with kind `already-exists` when the name is taken. */
  submit(job: JobSubmission, options: CallOptions = {}): Promise<SubmitAnswer> {
    return this.#context.writer.write(
      serviceMethods("job").SubmitJob,
      job,
      this.#context.untilMs(options.deadlineMs),
    );
  }

  /** A running job is restarted with the new spec. */
  async update(job: JobSelector, spec: JobSpec, options: CallOptions = {}): Promise<Job> {
    const answer = await this.#context.writer.write(
      serviceMethods("job").UpdateJob,
      { job, spec },
      this.#context.untilMs(options.deadlineMs),
    );
    return present(answer.job);
  }

  /** The job, where it runs and its latest events. Values of its environment are not shown. */
  async get(
    job: JobSelector,
    options: CallOptions = {},
  ): Promise<{ readonly job: Job; readonly events: readonly JobEvent[] }> {
    const answer = await this.#context.caller.unary({
      method: serviceMethods("job").GetJob,
      request: { job },
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
    return { job: present(answer.job), events: answer.events };
  }

  async list(options: CallOptions = {}): Promise<readonly Job[]> {
    const { jobs } = await this.#context.caller.unary({
      method: serviceMethods("job").ListJobs,
      request: {},
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
    return jobs;
  }

  /** Graceful: the stop signal, the grace, then SIGKILL. Resolves when the wish is durable, not when it is fulfilled. */
  stop(job: JobSelector, options: ReasonOptions = {}): Promise<{ readonly revision: number }> {
    const { reason = "", deadlineMs } = options;
    return this.#context.writer.write(
      serviceMethods("job").StopJob,
      { job, reason },
      this.#context.untilMs(deadlineMs),
    );
  }

  start(job: JobSelector, options: ReasonOptions = {}): Promise<{ readonly revision: number }> {
    const { reason = "", deadlineMs } = options;
    return this.#context.writer.write(
      serviceMethods("job").StartJob,
      { job, reason },
      this.#context.untilMs(deadlineMs),
    );
  }

  /** Stops the job, then forgets it. */
  delete(job: JobSelector, options: ReasonOptions = {}): Promise<{ readonly revision: number }> {
    const { reason = "", deadlineMs } = options;
    return this.#context.writer.write(
      serviceMethods("job").DeleteJob,
      { job, reason },
      this.#context.untilMs(deadlineMs),
    );
  }

  /** The ring, the quotas and the assignment table. */
  ring(options: CallOptions = {}): Promise<Ring> {
    return this.#context.caller.unary({
      method: serviceMethods("job").GetRing,
      request: {},
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
  }

  /** At most 256 KiB of a job's output, from whichever server runs it or last ran it. */
  readLog(job: JobSelector, options: ReadLogOptions = {}): Promise<LogPiece> {
    const { offset = 0, tailBytes = 0, serverId = "", deadlineMs } = options;
    return this.#context.caller.unary({
      method: serviceMethods("job").ReadLog,
      request: { job, offset, tailBytes, serverId },
      safety: "read",
      untilMs: this.#context.untilMs(deadlineMs),
    });
  }

  /**
   * A job's output as it is written, until `signal` aborts; pieces are never empty. Goes on across moves and the loss of
   * the machine that runs the job; rejects when nobody could tell the output for ten minutes.
   */
  followLog(job: JobSelector, options: FollowOptions = {}): AsyncGenerator<LogPiece, void, void> {
    const read = (at: ReadAt): Promise<LogPiece> => this.readLog(job, at);
    return followed({ read, nowMs: () => performance.now() }, options);
  }
}
