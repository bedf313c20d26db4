import { defineErrors, type ErrorCatalogue } from "../../src/base/errors.ts";

type Names = "BAD_OPTION" | "MUTATION_MISFITS";

/** Of the simulator's command line; not part of the product's reference. */
export const simErrors: ErrorCatalogue<Names> = defineErrors<Names>("SIM", {
  BAD_OPTION: { kind: "invalid", help: "See `npm run sim -- --help`." },
  MUTATION_MISFITS: {
    kind: "precondition",
    help: "The source has changed: correct the text to find in test/sim/mutations/table.ts.",
  },
});
