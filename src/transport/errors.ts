import { defineErrors, type ErrorCatalogue, messageOf, QuorateError } from "../base/errors.ts";
import type { RefusalReason } from "./contract.ts";

type TransportErrorName =
  | "ADDRESS_IN_USE"
  | "BIND_FAILED"
  | "FOREIGN_PEER"
  | "REMOVED_PEER"
  | "STALE_DATA"
  | "START_NOT_KEPT"
  | "NOT_ADMITTED"
  | "UNREACHABLE"
  | "OUTCOME_UNKNOWN"
  | "LIMIT_REACHED"
  | "MESSAGE_TOO_LARGE"
  | "MESSAGE_DAMAGED"
  | "MESSAGE_UNKNOWN"
  | "NO_CALL"
  | "CALLER_SILENT"
  | "HANDLER_FAILED";

export const transportErrors: ErrorCatalogue<TransportErrorName> = defineErrors("TRANSPORT", {
  ADDRESS_IN_USE: {
    kind: "precondition",
    help: "Stop the process that holds the peer port, or give this server another one.",
  },
  BIND_FAILED: {
    kind: "precondition",
    help: "Check that the peer address belongs to this machine and that the process may bind its port.",
  },
  FOREIGN_PEER: {
    kind: "forbidden",
    help: "Two clusters, or two lives of one server, share an address: correct the peer addresses, or wipe the stale data directory and join again.",
  },
  REMOVED_PEER: {
    kind: "forbidden",
    help: "The server was removed and runs on: stop it. To use the machine again, start it with an empty data directory and add it anew.",
  },
  STALE_DATA: {
    kind: "corrupt",
    help: "Its votes and acknowledgements cannot be believed any more. It puts its data aside by itself and is admitted anew; nothing is to be done. Never start a server from an old copy of its data directory.",
  },
  START_NOT_KEPT: {
    kind: "unavailable",
    help: "The server that refuses could not write down this start of its peer: make room on its disk, or replace it. The peer tries again by itself.",
  },
  NOT_ADMITTED: {
    kind: "unavailable",
    help: "The server has not joined the cluster yet; it answers peers once it has.",
  },
  UNREACHABLE: {
    kind: "unavailable",
    help: "Nothing was done. Try again, perhaps at another server; check the network and that the peer runs.",
  },
  OUTCOME_UNKNOWN: {
    kind: "unknown",
    help: "The peer may have carried out the call. Repeat it only with the same request id, or read the state first.",
  },
  LIMIT_REACHED: {
    kind: "exhausted",
    help: "Nothing was done. Slow down and try again; the field `limit` names the bound.",
  },
  MESSAGE_TOO_LARGE: {
    kind: "invalid",
    help: "Send less at once: a message between servers is bounded by `messageBytesMax`.",
  },
  MESSAGE_DAMAGED: {
    kind: "corrupt",
    help: "Check the network path and the memory of both machines; the message was dropped.",
  },
  MESSAGE_UNKNOWN: {
    kind: "invalid",
    help: "The sender runs a newer release: finish the rolling upgrade.",
  },
  NO_CALL: {
    kind: "invalid",
    help: "Something that is no server of this release speaks to the peer port: a port scan, a health check, a client with the wrong port, or a server with other TLS settings.",
  },
  CALLER_SILENT: {
    kind: "unavailable",
    help: "Nothing to do when servers are restarted or cut off: they connect again by themselves. Otherwise look what connects to the peer port and says nothing.",
  },
  HANDLER_FAILED: {
    kind: "internal",
    help: "The peer failed in a way it has no code for; its log has the details.",
  },
});

const reasons: Readonly<Record<string, RefusalReason>> = {
  QUORATE_TRANSPORT_FOREIGN_PEER: "foreign-peer",
  QUORATE_TRANSPORT_REMOVED_PEER: "removed-peer",
  QUORATE_TRANSPORT_STALE_DATA: "stale-data",
  QUORATE_TRANSPORT_MESSAGE_UNKNOWN: "newer-version",
  QUORATE_TRANSPORT_MESSAGE_DAMAGED: "garbage",
  QUORATE_TRANSPORT_NO_CALL: "garbage",
  QUORATE_TRANSPORT_MESSAGE_TOO_LARGE: "too-large",
  QUORATE_TRANSPORT_LIMIT_REACHED: "limit",
  QUORATE_TRANSPORT_CALLER_SILENT: "silent",
};

/** The reason under which a refusal with `error` is counted; undefined = it is none that is counted. */
export function reasonOf(error: QuorateError): RefusalReason | undefined {
  return reasons[error.code];
}

/** What a handler threw, as a coded error that can travel. */
export function codedError(thrown: unknown): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  return transportErrors.HANDLER_FAILED(messageOf(thrown), { cause: thrown });
}
