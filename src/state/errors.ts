import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "UNKNOWN_COMMAND"
  | "COMMAND_DAMAGED"
  | "RESULT_DAMAGED"
  | "SNAPSHOT_DAMAGED"
  | "UNKNOWN_REQUEST"
  | "VALUE_INVALID"
  | "NAME_INVALID"
  | "LIMIT_REACHED"
  | "KV_CONDITION_FAILED"
  | "SERVER_UNKNOWN"
  | "JOB_UNKNOWN"
  | "JOB_EXISTS"
  | "JOB_DELETED"
  | "RESOURCE_UNKNOWN"
  | "RESOURCE_IN_USE"
  | "UPLOAD_UNKNOWN"
  | "CHUNK_MISSING"
  | "RECEIPTS_MISSING";

/** What the replicated state refuses. Refusals are results in the log: equal on every server. */
export const stateErrors: ErrorCatalogue<Names> = defineErrors<Names>("STATE", {
  UNKNOWN_COMMAND: {
    kind: "internal",
    help: "The log holds a command of a newer version: upgrade this server, its data is unharmed.",
  },
  COMMAND_DAMAGED: {
    kind: "corrupt",
    help: "Check this server's disk (kernel log, SMART). Take the server out with `quorate server remove` and let it join again with an empty data directory.",
  },
  RESULT_DAMAGED: {
    kind: "corrupt",
    help: "The outcome of the command is not known; read the state, or repeat it with the same request id.",
  },
  SNAPSHOT_DAMAGED: {
    kind: "corrupt",
    help: "The snapshot cannot be used. Check the disk of this server and, if it came from another one, that server's too; then take this one out with `quorate server remove` and let it join again with an empty data directory.",
  },
  UNKNOWN_REQUEST: {
    kind: "unknown",
    help: "The outcome of this request is no longer remembered: look at the state, then send it as a new request.",
  },
  VALUE_INVALID: { kind: "invalid", help: "Correct the named field and send the request again." },
  NAME_INVALID: {
    kind: "invalid",
    help: "Use 1 to 128 of the characters a-z, 0-9, '.', '_' and '-', beginning with none of '.' and '-'.",
  },
  LIMIT_REACHED: {
    kind: "exhausted",
    help: "Remove what is no longer needed, then try again; the limits are listed in docs/operating/limits.md.",
  },
  KV_CONDITION_FAILED: {
    kind: "conflict",
    help: "Read the key again and decide with its present value.",
  },
  SERVER_UNKNOWN: {
    kind: "not-found",
    help: "List the members; a server whose data directory is new must join before it can act.",
  },
  JOB_UNKNOWN: {
    kind: "not-found",
    help: "See `quorate job list` for the jobs there are; a job is named by its id or by namespace/name, and it may have been deleted.",
  },
  JOB_EXISTS: {
    kind: "already-exists",
    help: "Update the existing job, delete it first, or choose another name.",
  },
  JOB_DELETED: {
    kind: "precondition",
    help: "The job is being deleted; submit it again under the same name.",
  },
  RESOURCE_UNKNOWN: {
    kind: "not-found",
    help: "List the resource's versions; upload the file first or refer to an existing version.",
  },
  RESOURCE_IN_USE: {
    kind: "precondition",
    help: "Point the named job at another version or delete it first.",
  },
  UPLOAD_UNKNOWN: {
    kind: "not-found",
    help: "The upload was committed, aborted or collected: begin a new one.",
  },
  CHUNK_MISSING: {
    kind: "precondition",
    help: "Reserve every chunk of the manifest in this upload before committing it.",
  },
  RECEIPTS_MISSING: {
    kind: "precondition",
    help: "Wait until a majority of the voters has stored the chunks, then commit again.",
  },
});
