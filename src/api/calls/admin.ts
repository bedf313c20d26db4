import { Type } from "typebox";
import { assert } from "../../base/assert.ts";
import type { PeerId } from "../../base/numbers.ts";
import type { ApiServices } from "../services.ts";
import { type Call, callOptions, defineCall, defineEarlyCall, emptyRequest } from "./call.ts";

const serverId = Type.String({ minLength: 1, maxLength: 63 });
const byServer = Type.Object({ serverId });
const peerAddress = Type.String({ minLength: 3, maxLength: 260, pattern: "^.+:[0-9]{1,5}$" });

/** How many voters may still fail; −1 without a quorum. On a follower only the membership is known. */
function failuresTolerated(services: ApiServices): number {
  const { replica, members } = services;
  const { role, leader } = replica.status();
  if (leader === 0) return -1;
  const { voters } = replica.state.membership;
  const answering = members.answering();
  const answers = (voter: PeerId): boolean => role !== "leader" || answering.has(voter);
  return Math.max(-1, voters.filter(answers).length - (Math.floor(voters.length / 2) + 1));
}

/** What this server is to the cluster: Raft calls a learner a follower, people want to know that it has no vote. */
function roleShown({ replica, facts }: ApiServices): string {
  const { role } = replica.status();
  const isLearner = replica.state.server(facts.serverId)?.role === "learner";
  return role === "follower" && isLearner ? "learner" : role;
}

function status(services: ApiServices): object {
  const { replica, facts, members } = services;
  const { state } = replica;
  const { leader, term, commit, applied, lastIndex, snapshotIndex, peers } = replica.status();
  const assignments = state.assignments();
  const answering = members.answering();
  return {
    clusterId: facts.clusterId,
    serverId: facts.serverId,
    role: roleShown(services),
    leaderId: leader === 0 ? "" : (state.serverOfPeer(leader)?.profile.serverId ?? ""),
    term,
    commitIndex: commit,
    appliedIndex: applied,
    lastIndex,
    snapshotIndex,
    version: facts.version,
    peers: peers.map(({ peerId, match }) => {
      const row = state.serverOfPeer(peerId);
      return {
        serverId: row?.profile.serverId ?? "",
        peerId,
        role: row?.role ?? "",
        matchIndex: match,
        active: answering.has(peerId),
      };
    }),
    voters: state.membership.voters.length,
    failuresTolerated: failuresTolerated(services),
    jobs: state.stats().jobs,
    jobsAssigned: assignments.filter(({ assignment }) => assignment.state === "assigned").length,
    uptimeMs: Math.round(facts.uptimeMs()),
    rssBytes: facts.rssBytes(),
    fencing: facts.fencing(),
    leaseMs: facts.leaseMs,
  };
}

export const adminCalls: readonly Call[] = [
  defineCall({
    service: "admin",
    method: "GetStatus",
    http: { method: "GET", path: "/v1/status", summary: "This server's view of the cluster" },
    request: emptyRequest,
    handle: (services) => Promise.resolve(status(services)),
  }),
  defineEarlyCall({
    service: "admin",
    method: "GetHealth",
    http: {
      method: "GET",
      path: "/v1/health",
      summary: "What this server thinks of itself, also while it is no member of a cluster",
    },
    request: emptyRequest,
    handle: ({ health }) => Promise.resolve(health.report()),
  }),
  defineCall({
    service: "admin",
    method: "AddServer",
    http: {
      method: "POST",
      path: "/v1/servers",
      summary: "Add the empty server at a peer address as a learner",
    },
    request: Type.Object({ peerAddress }),
    handle: (services, request, context) => services.members.add(request, callOptions(context)),
  }),
  defineCall({
    service: "admin",
    method: "PromoteServer",
    http: {
      method: "POST",
      path: "/v1/servers/:serverId/promote",
      summary: "Make a caught-up learner a voter",
    },
    request: byServer,
    handle: (services, request, context) => services.members.promote(request, callOptions(context)),
  }),
  defineCall({
    service: "admin",
    method: "RemoveServer",
    http: {
      method: "DELETE",
      path: "/v1/servers/:serverId",
      summary: "Take a server out of the membership",
    },
    request: byServer,
    handle: (services, request, context) => services.members.remove(request, callOptions(context)),
  }),
  defineCall({
    service: "admin",
    method: "SetServerState",
    http: {
      method: "PUT",
      path: "/v1/servers/:serverId/state",
      summary: "Cordon a server, drain it, or make it active again",
    },
    request: Type.Object({
      serverId,
      state: Type.Union([
        Type.Literal("active"),
        Type.Literal("cordoned"),
        Type.Literal("draining"),
      ]),
      reason: Type.String({ maxLength: 500, default: "" }),
    }),
    handle: (services, { serverId: id, state, reason }, context) =>
      services.members.setAdminState({ serverId: id, admin: state, reason }, callOptions(context)),
  }),
  defineCall({
    service: "admin",
    method: "TransferLeadership",
    http: {
      method: "POST",
      path: "/v1/servers/:serverId/lead",
      summary: "Hand leadership to a voter",
    },
    request: byServer,
    handle: (services, request, context) =>
      services.members.transferLeadership(request, callOptions(context)),
  }),
  defineCall({
    service: "admin",
    method: "OpenClientSession",
    http: {
      method: "POST",
      path: "/v1/client-sessions",
      summary: "Open an exactly-once identity for one client",
    },
    request: emptyRequest,
    handle: async (services, _request, context) => {
      const { detail } = await services.replica.submit(
        { kind: "open-client-session" },
        callOptions(context),
      );
      assert(detail.kind === "session", "opening answers with the session");
      return { clientSession: detail.session };
    },
  }),
];
