// The table of calls. Both doors are made from it; streams (uploads, downloads, watches) are the doors' own.
import { adminCalls } from "./admin.ts";
import type { Call } from "./call.ts";
import { jobCalls } from "./job.ts";
import { registryCalls } from "./registry.ts";
import { resourceCalls } from "./resource.ts";
import { runnerCalls } from "./runner.ts";

export const allCalls: readonly Call[] = [
  ...adminCalls,
  ...registryCalls,
  ...resourceCalls,
  ...jobCalls,
  ...runnerCalls,
];
