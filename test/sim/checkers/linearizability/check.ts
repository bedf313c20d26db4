// Is a history linearizable? The front door of the checker: simulator, tests on real processes, benchmarks and the
// published histories all come in here.
import type { Clock } from "../../../../src/base/clock.ts";
import { type Broken, brokenAt } from "./explanation.ts";
import type { Model, Operation } from "./model.ts";
import { byKey, partition } from "./partition.ts";
import { Search } from "./search.ts";

const durationMsMax = 60_000;
const memoryBytesMax: number = 512 * 1024 * 1024;

export interface CheckOptions<Input, Output, State> {
  readonly model: Model<Input, Output, State>;
  /** In any order; any number of keys. */
  readonly operations: readonly Operation<Input, Output>[];
  readonly clock: Pick<Clock, "nowMs">;
  /** For all keys together; default a minute. */
  readonly durationMsMax?: number;
  /** For one key at a time: what its search keeps; default 512 MiB. */
  readonly memoryBytesMax?: number;
}

interface Effort {
  readonly operations: number;
  readonly keys: number;
  /** Distinct configurations that were visited. */
  readonly configurations: number;
  /** Of the key that needed most. */
  readonly memoryBytesPeak: number;
}

export type Verdict<Input, Output, State> = (
  | { readonly kind: "linearizable" }
  | { readonly kind: "not-linearizable"; readonly broken: Broken<Input, Output, State> }
  /** A bound was hit before a violation was found; `key` is the first that could not be decided. */
  | { readonly kind: "unknown"; readonly bound: "time" | "memory"; readonly key: string }
) & { readonly effort: Effort };

/**
 * Decides key by key, those with few operations first. One broken key decides, also when others could not be
 * searched to the end; `linearizable` is said only if all were.
 */
export function checkHistory<Input, Output, State>(
  options: CheckOptions<Input, Output, State>,
): Verdict<Input, Output, State> {
  const { model, operations, clock } = options;
  const bounds = {
    clock,
    deadlineMs: clock.nowMs() + (options.durationMsMax ?? durationMsMax),
    memoryBytesMax: options.memoryBytesMax ?? memoryBytesMax,
  };
  const parts = [...byKey(operations)].sort(([, a], [, b]) => a.length - b.length);
  let configurations = 0;
  let memoryBytesPeak = 0;
  let undecided: { readonly bound: "time" | "memory"; readonly key: string } | undefined;
  const effort = (): Effort => ({
    operations: operations.length,
    keys: parts.length,
    configurations,
    memoryBytesPeak,
  });
  for (const [key, part] of parts) {
    if (clock.nowMs() > bounds.deadlineMs) undecided ??= { bound: "time", key };
    if (undecided?.bound === "time") break;
    const ready = partition(part, model);
    const search = new Search(model, ready, bounds);
    const end = search.run();
    configurations += search.configurations;
    memoryBytesPeak = Math.max(memoryBytesPeak, search.memoryBytesPeak);
    if (end.kind === "impossible") {
      const broken = brokenAt(ready, end.furthest);
      return { kind: "not-linearizable", broken, effort: effort() };
    }
    if (end.kind === "bound") undecided = { bound: end.bound, key: undecided?.key ?? key };
  }
  if (undecided === undefined) return { kind: "linearizable", effort: effort() };
  return { kind: "unknown", ...undecided, effort: effort() };
}
