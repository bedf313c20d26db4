// What clients saw of the key-value corner is linearizable. Searched without a clock, so that the verdict of a seed
// never depends on the machine; a search that needs too much memory is reported as undecided.

import { checkHistory } from "./linearizability/check.ts";
import { explain } from "./linearizability/explanation.ts";
import type { Operation } from "./linearizability/model.ts";
import { type KvInput, type KvOutput, kvCornerModel } from "./linearizability/models/kv-corner.ts";
import type { Report } from "./report.ts";

const memoryBytesMax: number = 32 * 1024 * 1024;
const noClock = { nowMs: () => 0 };

/** False when the search was given up. */
export function checkLinearizable(
  operations: readonly Operation<KvInput, KvOutput>[],
  report: Report,
): boolean {
  const verdict = checkHistory({
    model: kvCornerModel,
    operations,
    clock: noClock,
    memoryBytesMax,
  });
  if (verdict.kind === "not-linearizable") {
    const detail = explain(verdict.broken, kvCornerModel);
    report({ checker: "linearizability", detail });
  }
  return verdict.kind !== "unknown";
}
