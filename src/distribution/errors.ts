import { defineErrors, type ErrorCatalogue } from "../base/errors.ts";

type Names = "UNKNOWN_JOB";

export const distributionErrors: ErrorCatalogue<Names> = defineErrors<Names>("DISTRIBUTION", {
  UNKNOWN_JOB: {
    kind: "not-found",
    help: "See `quorate job list` for the jobs there are; a job is named by its id or by namespace/name.",
  },
});
