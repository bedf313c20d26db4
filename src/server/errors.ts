import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "ALREADY_STARTED"
  | "BAD_OPTION"
  | "FATAL"
  | "NOT_MEMBER"
  | "OPEN_DOOR"
  | "REMOVED"
  | "START_ABANDONED"
  | "UNKNOWN_OPTION"
  | "UNSAFE_LEASE";

export const serverErrors: ErrorCatalogue<Names> = defineErrors<Names>("SERVER", {
  ALREADY_STARTED: {
    kind: "precondition",
    help: "A server object lives once: make a new one to start again.",
  },
  BAD_OPTION: {
    kind: "invalid",
    help: "Correct the value. `quorate server start --help` lists every option with its form and default.",
  },
  FATAL: {
    kind: "internal",
    help: "The server stops so that nothing false is acknowledged. Look at the log lines before this one (disk full, failing disk), mend the cause and start it again.",
  },
  NOT_MEMBER: {
    kind: "unavailable",
    help: "Nothing was done. The server is starting, or waits to form or join a cluster; its log says what for. Ask again in a moment.",
  },
  OPEN_DOOR: {
    kind: "forbidden",
    help: "Anyone who reaches this address could control the cluster. Listen on loopback, or say --insecure when the network itself is protected.",
  },
  REMOVED: {
    kind: "precondition",
    help: "This server was taken out of the cluster. To let it join again, start it with an empty data directory.",
  },
  START_ABANDONED: {
    kind: "unavailable",
    help: "The server was told to stop before it was ready.",
  },
  UNKNOWN_OPTION: {
    kind: "invalid",
    help: "`quorate server start --help` lists every option.",
  },
  UNSAFE_LEASE: {
    kind: "invalid",
    help: "Choose a longer lease or shorter election timeouts: the profiles fast, default and relaxed fit.",
  },
});
