import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "ADDRESS_IN_USE"
  | "BAD_REQUEST"
  | "BODY_TOO_LARGE"
  | "DEADLINE_EXCEEDED"
  | "INTERNAL"
  | "LOG_UNREACHABLE"
  | "NO_LOG"
  | "NO_SUCH_ROUTE"
  | "LISTEN_FAILED"
  | "NOT_READY"
  | "RANGE_NOT_SATISFIABLE"
  | "UNKNOWN_KEY";

export const apiErrors: ErrorCatalogue<Names> = defineErrors<Names>("API", {
  ADDRESS_IN_USE: {
    kind: "precondition",
    help: "Another process listens there. Stop it, or choose other ports with --http-port, --grpc-port and --peer-port.",
  },
  BAD_REQUEST: {
    kind: "invalid",
    help: "Correct the field that the message names; /openapi.json and proto/ describe every request.",
  },
  BODY_TOO_LARGE: {
    kind: "exhausted",
    help: "Nothing was done. Send less at once; files go to /v1/resources, which streams.",
  },
  DEADLINE_EXCEEDED: {
    kind: "unknown",
    help: "It may or may not have been done. Read the state before repeating it, or repeat it with the same request id.",
  },
  INTERNAL: {
    kind: "internal",
    help: "This is a defect. The server's log has the details under the same code.",
  },
  LISTEN_FAILED: {
    kind: "precondition",
    help: "Check that the address of --host belongs to this machine and that the process may use the port (below 1024 it needs the right to).",
  },
  LOG_UNREACHABLE: {
    kind: "unavailable",
    help: "Output lies on the machine that runs the job. Repeat it when that server is back, or when the job runs elsewhere.",
  },
  NO_LOG: {
    kind: "not-found",
    help: "Output is kept on the machine that ran the job; that machine is not in the cluster any more, or the job never ran.",
  },
  NO_SUCH_ROUTE: { kind: "not-found", help: "Look at /openapi.json, which lists every route." },
  NOT_READY: {
    kind: "unavailable",
    help: "The server is not a member of a cluster yet. Its log says what it is waiting for; /readyz says when it is ready.",
  },
  RANGE_NOT_SATISFIABLE: {
    kind: "invalid",
    help: "The range begins behind the last byte; the content-range of the answer says how long the file is.",
  },
  UNKNOWN_KEY: { kind: "not-found", help: "See `quorate kv list` for the keys there are." },
});
