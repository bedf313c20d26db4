import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "BAD_ADDRESS"
  | "BAD_ANSWER"
  | "CLOSED"
  | "NO_ANSWER"
  | "NOT_SENT"
  | "OUTCOME_UNKNOWN"
  | "SOURCE_FAILED"
  | "TOO_LARGE"
  | "UNREACHABLE";

/** What can go wrong between a client and the servers; everything else is a server's own error, passed on whole. */
export const clientErrors: ErrorCatalogue<Names> = defineErrors<Names>("CLIENT", {
  BAD_ADDRESS: {
    kind: "invalid",
    help: "Give addresses of gRPC doors as host:port (default port 7471), for IPv6 as [address]:port.",
  },
  BAD_ANSWER: {
    kind: "internal",
    help: "What answers there does not speak this protocol: is it the gRPC port (default 7471), and are client and server of versions that fit?",
  },
  CLOSED: {
    kind: "precondition",
    help: "The client was closed. Open a new one.",
  },
  NO_ANSWER: {
    kind: "unavailable",
    help: "Nothing was changed. Look with `quorate cluster status` whether a majority of the voters is up, or allow more time.",
  },
  NOT_SENT: {
    kind: "unavailable",
    help: "Nothing was done: the call waited behind others of the same client until its deadline. Send fewer at once or allow more time.",
  },
  OUTCOME_UNKNOWN: {
    kind: "unknown",
    help: "It may or may not have been done. Read the state before repeating it.",
  },
  SOURCE_FAILED: {
    kind: "precondition",
    help: "Nothing was stored: the bytes to upload could not be read to their end. Correct what the cause names and upload again.",
  },
  TOO_LARGE: {
    kind: "invalid",
    help: "A request has at most 4 MiB and an answer 64 MiB: ask for less at once; files go to `quorate resource push`.",
  },
  UNREACHABLE: {
    kind: "unavailable",
    help: "Nothing was done. Is a server running there, is it the gRPC port (default 7471), does a firewall drop it? Name more servers to survive the loss of one.",
  },
});
