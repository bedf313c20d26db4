import { defineErrors, type ErrorCatalogue, type QuorateError } from "../base/errors.ts";

type Names =
  | "ADDRESS_SILENT"
  | "BAD_HELLO"
  | "BAD_SIGNATURE"
  | "CHANGE_UNDER_WAY"
  | "CLUSTERS_DIFFER"
  | "FORMATION_CONFLICT"
  | "NOT_ADMITTED"
  | "NOT_CAUGHT_UP"
  | "NOT_EMPTY"
  | "NOT_READMITTED_YET"
  | "NOT_SEEN_THERE"
  | "OLD_COUNTER"
  | "SERVER_ID_TAKEN"
  | "SERVER_REMOVED"
  | "SUPERSEDED"
  | "SESSION_ENDING"
  | "UNKNOWN_SERVER"
  | "UNSAFE_LEASE"
  | "WOULD_LOSE_BYTES"
  | "WOULD_LOSE_QUORUM"
  | "WRONG_ROLE";

export const registryErrors: ErrorCatalogue<Names> = defineErrors<Names>("REGISTRY", {
  ADDRESS_SILENT: {
    kind: "precondition",
    help: "Nothing was changed. Start the empty server there first and give its peer address (default port 7472); if it runs, look whether the leader's machine can reach that port. Then repeat.",
  },
  BAD_HELLO: {
    kind: "invalid",
    help: "The question was not understood: are both servers of the same version, and is the address a peer address of Quorate?",
  },
  BAD_SIGNATURE: {
    kind: "forbidden",
    help: "The message is not signed with the key of its session. The sentinel must register anew.",
  },
  CHANGE_UNDER_WAY: {
    kind: "conflict",
    help: "Another membership change has not finished. Look at `quorate server list` and repeat in a few seconds.",
  },
  CLUSTERS_DIFFER: {
    kind: "precondition",
    help: "The addresses of --join belong to different clusters. List addresses of one cluster only.",
  },
  FORMATION_CONFLICT: {
    kind: "precondition",
    help: "Give every server the same --join list and --expect, all of them new and empty; a server that accepted another proposal needs an empty data directory.",
  },
  NOT_ADMITTED: {
    kind: "precondition",
    help: "The server was not admitted. Follow the reason in the message, then start it again.",
  },
  NOT_CAUGHT_UP: {
    kind: "precondition",
    help: "The learner has not received the whole log yet. Wait until `quorate server list` shows it up, then repeat.",
  },
  NOT_EMPTY: {
    kind: "precondition",
    help: "The server at this address already belongs to a cluster. Start it with an empty data directory to add it here.",
  },
  NOT_READMITTED_YET: {
    kind: "unavailable",
    help: "Nothing was changed, and it is asked again until the reason in the message is gone. A server that lost its data is only admitted anew while a majority of the other voters answers.",
  },
  NOT_SEEN_THERE: {
    kind: "unavailable",
    help: "Nothing was changed, and it is asked again. When that goes on, look whether the address that the server gives to the others (--advertise, --peer-port) can be reached from their machines.",
  },
  OLD_COUNTER: {
    kind: "conflict",
    help: "A newer message of this session was seen already; nothing is to be done.",
  },
  SERVER_ID_TAKEN: {
    kind: "already-exists",
    help: "A member with this id runs with another data directory and answers. Give this server an --id of its own. A member that has lost its data directory is admitted anew as soon as its old process is gone.",
  },
  SESSION_ENDING: {
    kind: "unavailable",
    help: "The lease of this session has run out, or its sentinel said goodbye. The sentinel fences itself and registers anew.",
  },
  SERVER_REMOVED: {
    kind: "precondition",
    help: "The server was taken out of the cluster and its jobs run elsewhere. To let the machine join again, start it with an empty data directory.",
  },
  SUPERSEDED: {
    kind: "precondition",
    help: "This is an old copy of a data directory: what it holds cannot be believed any more. Nothing is to be done: it is put aside, and the server is admitted anew, as soon as no process runs with the other one.",
  },
  UNKNOWN_SERVER: {
    kind: "not-found",
    help: "See `quorate server list` for the servers there are.",
  },
  UNSAFE_LEASE: {
    kind: "invalid",
    help: "The lease is too short for the election timeouts: choose a longer lease or the fast profile on every server.",
  },
  WOULD_LOSE_BYTES: {
    kind: "precondition",
    help: "The other voters are still fetching files. Wait a little, or bring the silent ones back, then repeat.",
  },
  WOULD_LOSE_QUORUM: {
    kind: "precondition",
    help: "Too few of the remaining voters answer. Bring one of them back or add a server first, then repeat.",
  },
  WRONG_ROLE: {
    kind: "precondition",
    help: "Look at `quorate server list`: the server does not have the role that this needs.",
  },
});

/** The server is a member, but not with this data directory. */
export function superseded(serverId: string): QuorateError {
  return registryErrors.SUPERSEDED(
    `${serverId} was admitted with another data directory since this one was in use`,
  );
}
