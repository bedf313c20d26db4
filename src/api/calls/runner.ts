import { Type } from "typebox";
import { index } from "../../base/numbers.ts";
import { Bytes, type Call, callOptions, defineCall, wholeNumber } from "./call.ts";

const keyBytes = 32;
const renewalBytesMax = 8 * 1024 * 1024;
const pollWaitMsMax = 60_000;
const serverId = Type.String({ minLength: 1, maxLength: 63 });

export const runnerCalls: readonly Call[] = [
  defineCall({
    service: "runner",
    method: "Register",
    request: Type.Object({
      serverId,
      incarnation: Type.String({ minLength: 1, maxLength: 64 }),
      leaseMs: Type.Integer({ minimum: 100, maximum: 86_400_000 }),
      key: Bytes(keyBytes),
      capacity: wholeNumber(100_000),
    }),
    handle: (services, request, context) => services.leases.register(request, callOptions(context)),
  }),
  defineCall({
    service: "runner",
    method: "Renew",
    request: Type.Object({
      body: Bytes(renewalBytesMax),
      signature: Type.String({ pattern: "^[0-9a-f]{64}$" }),
    }),
    handle: (services, { body, signature }, context) =>
      services.leases.renew(body, signature, callOptions(context)),
  }),
  defineCall({
    service: "runner",
    method: "PollAssignments",
    http: {
      method: "GET",
      path: "/v1/assignments/:serverId",
      summary:
        "Assignments of one server; waits for a change after ?sinceRevision=N up to ?waitMs=M",
    },
    request: Type.Object({
      serverId,
      sinceRevision: wholeNumber(),
      waitMs: wholeNumber(pollWaitMsMax),
    }),
    handle: async (services, request) => {
      const { replica } = services;
      const topics = [`assignments/${request.serverId}`];
      if (request.waitMs > 0)
        await replica.watch.wait(topics, index(request.sinceRevision), request.waitMs);
      const jobs = replica.state
        .assignmentsOf(request.serverId)
        .map(({ jobId, assignment, epoch }) => {
          const job = replica.state.job(jobId);
          const held = assignment.state === "assigned" || assignment.state === "revoking";
          return {
            jobId,
            name: job === undefined ? "" : `${job.namespace}/${job.name}`,
            state: assignment.state,
            owner: held ? assignment.owner.serverId : "",
            ownerSession: held ? assignment.owner.session : 0,
            epoch,
            nextOwner: assignment.state === "revoking" ? (assignment.next?.serverId ?? "") : "",
          };
        });
      return { revision: replica.revision, jobs };
    },
  }),
];
