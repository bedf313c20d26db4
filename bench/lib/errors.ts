import { defineErrors, type ErrorCatalogue } from "../../src/base/errors.ts";

type Names = "BAD_OPTION";

/** Of the benchmarks' command line; not part of the product's reference. */
export const benchErrors: ErrorCatalogue<Names> = defineErrors<Names>("BENCH", {
  BAD_OPTION: { kind: "invalid", help: "See `npm run bench -- --help` and bench/README.md." },
});
