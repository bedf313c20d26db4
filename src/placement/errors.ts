import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

/** What a what-if question can get wrong; everything else the planner is told comes from our own state. */
export const placementErrors: ErrorCatalogue<"SERVER_EXISTS" | "SERVER_UNKNOWN"> = defineErrors(
  "PLACEMENT",
  {
    SERVER_EXISTS: {
      kind: "already-exists",
      help: "Add the server under a name that is not taken, or remove the old one in the same change.",
    },
    SERVER_UNKNOWN: {
      kind: "not-found",
      help: "List the servers and name one of them.",
    },
  },
);
