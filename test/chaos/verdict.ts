// Is the history linearizable, and what do its times say about availability?
import { checkHistory } from "../sim/checkers/linearizability/check.ts";
import { explain } from "../sim/checkers/linearizability/explanation.ts";
import { kvCornerModel } from "../sim/checkers/linearizability/models/kv-corner.ts";
import type { Acknowledged, KvOperation } from "./history.ts";

const durationMsMax = 180_000;
const clock = { nowMs: () => performance.now() };

export interface HistoryVerdict {
  readonly verdict: "linearizable" | "not-linearizable" | "unknown";
  /** Why not, for people. */
  readonly failures: readonly string[];
}

export function judgeHistory(operations: readonly KvOperation[]): HistoryVerdict {
  const verdict = checkHistory({ model: kvCornerModel, operations, clock, durationMsMax });
  switch (verdict.kind) {
    case "linearizable":
      return { verdict: verdict.kind, failures: [] };
    case "not-linearizable":
      return { verdict: verdict.kind, failures: [explain(verdict.broken, kvCornerModel)] };
    case "unknown": {
      const { key, bound } = verdict;
      return {
        verdict: verdict.kind,
        failures: [`key ${key} could not be decided: ${bound} bound`],
      };
    }
  }
}

export interface Availability {
  /** Seconds of the faults' time in which a write was acknowledged, percent. */
  readonly secondsWithWritesPercent: number;
  readonly longestGapMs: number;
  /** When it began, from the first fault's clock: shows which faults it met. */
  readonly longestGapAtMs: number;
}

const windowMs = 1000;

export function availabilityOf(writes: readonly Acknowledged[], durationMs: number): Availability {
  const times = writes.map(({ returnedAt }) => returnedAt).filter((ms) => ms <= durationMs);
  times.sort((a, b) => a - b);
  const windows = Math.max(1, Math.floor(durationMs / windowMs));
  const served = new Set(times.map((ms) => Math.floor(ms / windowMs)).filter((at) => at < windows));
  let longest = { ms: 0, atMs: 0 };
  let lastMs = 0;
  for (const ms of [...times, durationMs]) {
    if (ms - lastMs > longest.ms) longest = { ms: ms - lastMs, atMs: lastMs };
    lastMs = ms;
  }
  const percent = Math.round((1000 * served.size) / windows) / 10;
  return {
    secondsWithWritesPercent: percent,
    longestGapMs: Math.round(longest.ms),
    longestGapAtMs: Math.round(longest.atMs),
  };
}

/** For each moment: how long until a write was acknowledged that was asked for after it; undefined if none was. */
export function recoveriesMs(
  moments: readonly number[],
  writes: readonly Acknowledged[],
): (number | undefined)[] {
  return moments.map((momentMs) => {
    const later = writes.filter(({ calledAt }) => calledAt >= momentMs);
    const first = later.reduce((least, { returnedAt }) => Math.min(least, returnedAt), Infinity);
    return first === Infinity ? undefined : Math.round(first - momentMs);
  });
}
