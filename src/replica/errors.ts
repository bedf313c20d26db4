import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "NOT_LEADER"
  | "NO_LEADER"
  | "EXHAUSTED"
  | "OUTCOME_UNKNOWN"
  | "STOPPED"
  | "MEMBERSHIP_CHANGED"
  | "UNKNOWN_CALL"
  | "TOO_LARGE"
  | "TRANSFER_FAILED"
  | "SNAPSHOT_MISSING";

export const replicaErrors: ErrorCatalogue<Names> = defineErrors<Names>("REPLICA", {
  NOT_LEADER: {
    kind: "unavailable",
    help: "Nothing was done. Repeat the request; any server forwards it to the leader.",
  },
  NO_LEADER: {
    kind: "unavailable",
    help: "Nothing was done. Repeat it in a second; if it lasts, look with `quorate cluster status` at how many voters are up: a majority is needed.",
  },
  EXHAUSTED: {
    kind: "exhausted",
    help: "Nothing was done. The server has too much under way; repeat after a pause with fewer requests at once.",
  },
  OUTCOME_UNKNOWN: {
    kind: "unknown",
    help: "It may or may not have been done. Read the state before repeating it, or repeat it with the same request id.",
  },
  STOPPED: { kind: "unavailable", help: "This server is stopping; use another one." },
  MEMBERSHIP_CHANGED: {
    kind: "conflict",
    help: "The membership is not at the revision that you named. Look at it again and repeat with the new revision.",
  },
  UNKNOWN_CALL: {
    kind: "internal",
    help: "The leader does not know this call: are all servers of the same version?",
  },
  TOO_LARGE: {
    kind: "invalid",
    help: "Nothing was done. Send less in one command; files belong into the resource center.",
  },
  TRANSFER_FAILED: {
    kind: "unavailable",
    help: "This server still leads. Check that the other server is a voter, is up and has caught up, then repeat.",
  },
  SNAPSHOT_MISSING: {
    kind: "corrupt",
    help: "The log begins after a snapshot whose file is gone. Take this server out of the cluster and add it anew with an empty data directory.",
  },
});
