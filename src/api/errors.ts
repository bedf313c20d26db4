import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "ADDRESS_IN_USE"
  | "ANSWERS_UNREAD"
  | "ANSWER_TOO_LARGE"
  | "BAD_HTTP"
  | "BAD_REQUEST"
  | "BODY_TOO_LARGE"
  | "DEADLINE_EXCEEDED"
  | "HEADERS_TOO_LARGE"
  | "INTERNAL"
  | "LOG_UNREACHABLE"
  | "NO_LOG"
  | "NO_SUCH_ROUTE"
  | "LISTEN_FAILED"
  | "NOT_READY"
  | "RANGE_NOT_SATISFIABLE"
  | "REQUEST_TOO_SLOW"
  | "UNKNOWN_KEY"
  | "UNSUPPORTED_MEDIA_TYPE";

export const apiErrors: ErrorCatalogue<Names> = defineErrors<Names>("API", {
  ADDRESS_IN_USE: {
    kind: "precondition",
    help: "Another process listens there. Stop it, or choose other ports with --http-port, --grpc-port and --peer-port.",
  },
  ANSWERS_UNREAD: {
    kind: "exhausted",
    help: "Nothing was done. Read the answers that wait, ask for less at once, and look for clients that call and do not read.",
  },
  ANSWER_TOO_LARGE: {
    kind: "exhausted",
    help: "Nothing was done. Ask for less at once, with a prefix or a page size.",
  },
  BAD_HTTP: {
    kind: "invalid",
    help: "This port speaks HTTP/1.1 without TLS. gRPC has a port of its own (--grpc-port), and so have the servers among themselves.",
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
  HEADERS_TOO_LARGE: {
    kind: "exhausted",
    help: "Nothing was done. Send a shorter URL, fewer headers or shorter ones; values and specs belong in the body.",
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
  REQUEST_TOO_SLOW: {
    kind: "exhausted",
    help: "Nothing was done. Send the request in one go; if it was, look for what holds it up on the way to the server.",
  },
  UNKNOWN_KEY: { kind: "not-found", help: "See `quorate kv list` for the keys there are." },
  UNSUPPORTED_MEDIA_TYPE: {
    kind: "invalid",
    help: "Send `content-type: application/json` and a JSON object as the body.",
  },
});
