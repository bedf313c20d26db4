import { defineErrors, type ErrorCatalogue } from "../../src/base/errors.ts";

type Names = "BAD_OPTION" | "NEEDS";

/** Of the command line of the chaos runs; not part of the product's reference. */
export const chaosErrors: ErrorCatalogue<Names> = defineErrors<Names>("CHAOS", {
  BAD_OPTION: {
    kind: "invalid",
    help: "Call it as: npm run chaos -- --minutes M [--seed N] [--servers 3|5] [--loopback] [--keep] [--json FILE].",
  },
  NEEDS: {
    kind: "precondition",
    help: "Run it as root on Linux with iproute2 and iptables, or leave the network faults out with --loopback.",
  },
});
