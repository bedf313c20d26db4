import { defineErrors, type ErrorCatalogue } from "../../base/errors.ts";

type Names =
  | "SEALED"
  | "OTHER_SESSION"
  | "NOT_RENEWED"
  | "LEASE_OVER"
  | "RELEASED"
  | "OLD_EPOCH"
  | "ALREADY_RUNS"
  | "SPAWN_FAILED"
  | "REQUEST_FAILED"
  | "BAD_ANSWER"
  | "BUSY"
  | "LEFTOVERS"
  | "NO_PROC";

export const sentinelErrors: ErrorCatalogue<Names> = defineErrors<Names>("SENTINEL", {
  SEALED: {
    kind: "precondition",
    help: "This machine is ending its session: the job starts on another one, or here again after the restart.",
  },
  OTHER_SESSION: {
    kind: "conflict",
    help: "Nothing to do: the assignment belongs to another life of this machine, and the table will assign the job anew.",
  },
  NOT_RENEWED: {
    kind: "unavailable",
    help: "Nothing to do if it passes within seconds. If it lasts, look with `quorate cluster status` whether a majority of the voters is up and reachable from this machine.",
  },
  LEASE_OVER: {
    kind: "unavailable",
    help: "The machine has lost contact with the majority. Look at the network and at `quorate cluster status`; jobs start again when the lease is renewed.",
  },
  RELEASED: {
    kind: "conflict",
    help: "Nothing to do: this machine has already given the job back under that epoch, so its table is behind.",
  },
  OLD_EPOCH: {
    kind: "conflict",
    help: "Nothing to do: a newer epoch of the job was started here, so the order came from a table that is behind.",
  },
  ALREADY_RUNS: {
    kind: "conflict",
    help: "An earlier run of the job has not ended yet. If it lasts, look with `ps` for processes of the job that SIGKILL cannot end (state D: a hanging disk or network mount).",
  },
  SPAWN_FAILED: {
    kind: "invalid",
    help: "Check the command, its path and its rights on this machine, then update the job.",
  },
  REQUEST_FAILED: {
    kind: "unavailable",
    help: "Nothing to do: another server is asked. If all of them fail, look at the network and at `quorate cluster status`.",
  },
  BAD_ANSWER: {
    kind: "internal",
    help: "What answered is not a Quorate server of a fitting version: check the HTTP addresses of the servers.",
  },
  BUSY: {
    kind: "precondition",
    help: "Another sentinel works with this data directory. Stop it first, or use another --data.",
  },
  LEFTOVERS: {
    kind: "precondition",
    help: "Processes of an earlier life do not end although they were killed. End them (or restart the machine), then start again: until then their jobs could run twice.",
  },
  NO_PROC: {
    kind: "precondition",
    help: "Quorate runs jobs on Linux with /proc mounted; start the server with --no-runner elsewhere.",
  },
});
