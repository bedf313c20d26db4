import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "NO_EXECUTOR"
  | "NO_JAVA"
  | "EMPTY_COMMAND"
  | "BAD_RESOURCE_NAME"
  | "NO_LOG"
  | "LINK_LOST"
  | "WRONG_RESOURCE";

export const runnerErrors: ErrorCatalogue<Names> = defineErrors<Names>("RUNNER", {
  NO_EXECUTOR: {
    kind: "invalid",
    help: "This server does not know how to run such a job: are all servers of the same version?",
  },
  NO_JAVA: {
    kind: "precondition",
    help: "Install a Java runtime on this machine, or give the job JAVA_HOME in its environment (JAVA_HOME/bin/java must exist).",
  },
  EMPTY_COMMAND: {
    kind: "invalid",
    help: "Give the job a command with at least a program, then update it.",
  },
  BAD_RESOURCE_NAME: {
    kind: "invalid",
    help: "Upload the file again under a name whose last part is a plain file name.",
  },
  NO_LOG: {
    kind: "not-found",
    help: "The job never ran on this server, or its directory was removed since. `quorate job status` names the server that runs it.",
  },
  LINK_LOST: {
    kind: "internal",
    help: "The sentinel of this machine has ended. Its jobs were killed; the service manager starts the machine's server again.",
  },
  WRONG_RESOURCE: {
    kind: "corrupt",
    help: "The file that arrived is not the one the job was given. The start is tried again; if it lasts, look with `quorate resource list` whether the version is still there.",
  },
});
