import { defineErrors, type ErrorCatalogue } from "../../src/base/errors.ts";

type Names = "BAD_OPTION" | "CONTROL_FAILED" | "MUTATION_MISFITS";

/** Of the simulator's command line; not part of the product's reference. */
export const simErrors: ErrorCatalogue<Names> = defineErrors<Names>("SIM", {
  BAD_OPTION: { kind: "invalid", help: "See `npm run sim -- --help`." },
  CONTROL_FAILED: {
    kind: "precondition",
    help: "The seed proves nothing about the bug. Mend what it found in the program as it is first.",
  },
  MUTATION_MISFITS: {
    kind: "precondition",
    help: "The source has changed: correct the text to find in test/sim/mutations/table.ts.",
  },
});
