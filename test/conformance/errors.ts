import { defineErrors, type ErrorCatalogue } from "../../src/base/errors.ts";

type Names = "USAGE" | "NOTHING_KNOWN" | "BAD_FILE" | "UNKNOWN_DIRECTIVE" | "BAD_ARGUMENT";

export const conformanceErrors: ErrorCatalogue<Names> = defineErrors<Names>("CONFORMANCE", {
  USAGE: {
    kind: "invalid",
    help: "Call it as: npm run conformance -- SUBCOMMAND DIR.",
  },
  NOTHING_KNOWN: {
    kind: "not-found",
    help: "Name a folder that holds files of this kind, such as a checkout of the project they come from.",
  },
  BAD_FILE: {
    kind: "invalid",
    help: "Compare the file with its original: it does not follow the format.",
  },
  UNKNOWN_DIRECTIVE: {
    kind: "invalid",
    help: "Correct the directive, or add it to the language here if the original has it.",
  },
  BAD_ARGUMENT: {
    kind: "invalid",
    help: "Correct the argument of the directive.",
  },
});
