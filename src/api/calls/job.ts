import { Type } from "typebox";
import type { JobView } from "../../distribution/contract.ts";
import {
  type Call,
  callOptions,
  defineCall,
  emptyRequest,
  requestIdSchema,
  wholeNumber,
} from "./call.ts";
import { jobSpecSchema, specAnswer, toJobSpec } from "./job-spec.ts";

const jobSelector = Type.String({ minLength: 1, maxLength: 300 });
const namespace = Type.String({ maxLength: 128, default: "" });
const reason = Type.String({ maxLength: 500, default: "" });
const tailBytesMax = 256 * 1024;

const orDefault = (name: string): string => (name === "" ? "default" : name);

function jobAnswer({ job, row }: JobView): object {
  const { assignment, epoch, run, modifiedRevision } = row;
  const held = assignment.state === "assigned" || assignment.state === "revoking";
  const over = run.phase === "exited" || run.phase === "failed";
  const current = run.epoch === epoch && (held || over);
  const { jobId, namespace: space, name, specRevision, desired, createdAtMs, submittedBy } = job;
  return {
    jobId,
    namespace: space,
    name,
    specRevision,
    spec: specAnswer(job.spec),
    desired,
    state: assignment.state,
    reason: "reason" in assignment ? assignment.reason : "",
    owner: held ? assignment.owner.serverId : "",
    nextOwner: assignment.state === "revoking" ? (assignment.next?.serverId ?? "") : "",
    epoch,
    // A report of an earlier owner, or from before the job was stopped, says nothing about the present.
    run: current ? run : { ...run, epoch, phase: "none", pid: 0, message: "" },
    createdAtMs,
    submittedBy,
    modifiedRevision,
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Ids are as old as their jobs, and as texts they are in no order at all. */
const byName = ({ job: a }: JobView, { job: b }: JobView): number =>
  compare(a.namespace, b.namespace) || compare(a.name, b.name);

const verbs = [
  {
    method: "StopJob",
    desired: "stopped",
    http: { method: "POST", path: "/v1/jobs/:job/stop", summary: "Stop a job" },
  },
  {
    method: "StartJob",
    desired: "running",
    http: { method: "POST", path: "/v1/jobs/:job/start", summary: "Start a stopped job" },
  },
  {
    method: "DeleteJob",
    desired: "deleted",
    http: { method: "DELETE", path: "/v1/jobs/:job", summary: "Stop a job and forget it" },
  },
] as const;

const desiredCalls: readonly Call[] = verbs.map(({ method, desired, http }) =>
  defineCall({
    service: "job",
    method,
    http,
    request: Type.Object({ job: jobSelector, reason, requestId: requestIdSchema }),
    handle: (services, request, context) =>
      services.jobs.setDesired(
        { job: request.job, desired, reason: request.reason },
        callOptions(context, request.requestId),
      ),
  }),
);

export const jobCalls: readonly Call[] = [
  defineCall({
    service: "job",
    method: "SubmitJob",
    http: {
      method: "POST",
      path: "/v1/jobs",
      summary: "Submit a job; resource versions are pinned",
    },
    request: Type.Object({
      namespace,
      name: Type.String({ minLength: 1, maxLength: 128 }),
      spec: jobSpecSchema,
      requestId: requestIdSchema,
    }),
    handle: async (services, request, context) => {
      const spec = await toJobSpec({ services, context }, request.spec);
      const { name } = request;
      return await services.jobs.submit(
        { namespace: orDefault(request.namespace), name, spec },
        callOptions(context, request.requestId),
      );
    },
  }),
  defineCall({
    service: "job",
    method: "UpdateJob",
    http: {
      method: "PUT",
      path: "/v1/jobs/:job",
      summary: "Give a job a new spec; a running one is restarted",
    },
    request: Type.Object({ job: jobSelector, spec: jobSpecSchema, requestId: requestIdSchema }),
    handle: async (services, request, context) => {
      const spec = await toJobSpec({ services, context }, request.spec);
      const options = callOptions(context, request.requestId);
      return { job: jobAnswer(await services.jobs.update({ job: request.job, spec }, options)) };
    },
  }),
  defineCall({
    service: "job",
    method: "GetJob",
    http: {
      method: "GET",
      path: "/v1/jobs/:job",
      summary: "One job with its history, by id or namespace/name",
    },
    request: Type.Object({ job: jobSelector }),
    handle: async (services, { job }, context) => {
      const view = await services.jobs.get(job, callOptions(context));
      const events = view.events.map(({ revision, atMs, kind, actor, detail }) => ({
        revision,
        atMs,
        kind,
        actor,
        detail,
      }));
      return { job: jobAnswer(view), events };
    },
  }),
  defineCall({
    service: "job",
    method: "ListJobs",
    http: { method: "GET", path: "/v1/jobs", summary: "All jobs, by namespace and name" },
    request: emptyRequest,
    handle: async (services, _request, context) => {
      const jobs = await services.jobs.list(callOptions(context));
      return { jobs: [...jobs].sort(byName).map(jobAnswer) };
    },
  }),
  ...desiredCalls,
  defineCall({
    service: "job",
    method: "GetRing",
    http: {
      method: "GET",
      path: "/v1/ring",
      summary: "The ring, the quotas and the assignment table",
    },
    request: emptyRequest,
    handle: (services, _request, context) => services.jobs.ring(callOptions(context)),
  }),
  defineCall({
    service: "job",
    method: "ReadLog",
    http: {
      method: "GET",
      path: "/v1/jobs/:job/log",
      summary: "A piece of a job's output, from the server that runs it",
    },
    request: Type.Object({
      job: jobSelector,
      offset: wholeNumber(),
      tailBytes: wholeNumber(tailBytesMax),
      serverId: Type.String({ maxLength: 63, default: "" }),
    }),
    handle: async (services, request, context) => {
      const { bytes, nextOffset, serverId, truncated, ownerId } = await services.logs.read(
        request,
        context.deadlineMs,
      );
      return { data: bytes, nextOffset, serverId, truncated, ownerId };
    },
  }),
];
