import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "BAD_CONFIG"
  | "NOT_LEADER"
  | "PROPOSAL_LIMIT"
  | "ENTRY_TOO_LARGE"
  | "TRANSFERRING"
  | "TRANSFER_REFUSED"
  | "MEMBERSHIP_PENDING"
  | "MEMBERSHIP_INVALID"
  | "CORRUPT_MEMBERSHIP"
  | "LOG_LOST";

export const raftErrors: ErrorCatalogue<Names> = defineErrors<Names>("RAFT", {
  BAD_CONFIG: {
    kind: "invalid",
    help: "Correct the named setting; nothing was started.",
  },
  NOT_LEADER: {
    kind: "unavailable",
    help: "Nothing was appended. Repeat the request at the leader.",
  },
  PROPOSAL_LIMIT: {
    kind: "exhausted",
    help: "Nothing was appended. Wait until earlier proposals are applied; if it stays, look for a lost quorum.",
  },
  ENTRY_TOO_LARGE: {
    kind: "invalid",
    help: "Nothing was appended. Send less in one command; large data belongs into the resource center.",
  },
  TRANSFERRING: {
    kind: "unavailable",
    help: "Nothing was appended. Leadership is being handed over: repeat the request in a moment.",
  },
  TRANSFER_REFUSED: {
    kind: "precondition",
    help: "Name a voter of the present membership as the new leader.",
  },
  MEMBERSHIP_PENDING: {
    kind: "precondition",
    help: "Nothing was appended. Wait until the membership change before this one is applied.",
  },
  MEMBERSHIP_INVALID: {
    kind: "invalid",
    help: "Nothing was appended. Look at the present membership and correct the change.",
  },
  CORRUPT_MEMBERSHIP: {
    kind: "corrupt",
    help: "The log holds a membership entry that cannot be read. Take this server out of the cluster and add it anew.",
  },
  LOG_LOST: {
    kind: "corrupt",
    help: "Entries that this server acknowledged are gone from its disk. Quarantine it: it must not vote before it is re-admitted.",
  },
});
