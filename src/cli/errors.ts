import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names =
  | "ATTENTION_NEEDED"
  | "BAD_DOWNLOAD"
  | "BAD_FILE"
  | "DATA_DAMAGED"
  | "DEFECT"
  | "FILE_EXISTS"
  | "NO_QUORUM"
  | "USAGE";

export const cliErrors: ErrorCatalogue<Names> = defineErrors<Names>("CLI", {
  ATTENTION_NEEDED: {
    kind: "precondition",
    help: "Each line says what to do about it; the first one is the worst.",
  },
  BAD_DOWNLOAD: {
    kind: "corrupt",
    help: "What arrived is not what the version's digest says. Nothing was written; pull it again.",
  },
  BAD_FILE: {
    kind: "invalid",
    help: "Check that the file exists, can be read and has the form that `--help` shows.",
  },
  DATA_DAMAGED: {
    kind: "corrupt",
    help: "Nothing was changed. Each finding says what becomes of it. To look for the cause later, copy the directory before its server is started.",
  },
  DEFECT: {
    kind: "internal",
    help: "This is a defect of the command line. Please report it with the command that you typed.",
  },
  FILE_EXISTS: {
    kind: "already-exists",
    help: "Name another file with -f, or remove the one that is there.",
  },
  NO_QUORUM: {
    kind: "unavailable",
    help: "Bring servers back until a majority of the voters is up. Running jobs go on until their machine's lease ends.",
  },
  USAGE: {
    kind: "invalid",
    help: "`--help` after any command shows what it takes, with examples.",
  },
});
