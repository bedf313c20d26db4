// The offline checker of the promise "never twice": it knows nothing but what the jobs' own ticks say.
import type { JobRun } from "./ticks.ts";

export interface DoubleRun {
  readonly job: string;
  readonly first: JobRun;
  readonly second: JobRun;
  readonly overlapMs: number;
}

export interface Verdict {
  readonly doubleRuns: readonly DoubleRun[];
  /** Runs whose epoch is below that of a run of the same job that began earlier. */
  readonly epochsBackwards: readonly JobRun[];
}

/** Two runs of one job whose lives overlap, or whose epochs go back, in order of time. */
export function checkRuns(runs: readonly JobRun[]): Verdict {
  const doubleRuns: DoubleRun[] = [];
  const epochsBackwards: JobRun[] = [];
  for (const [job, ofJob] of groupByJob(runs)) {
    const sorted = [...ofJob].sort((a, b) => a.firstMs - b.firstMs);
    sorted.forEach((second, i) => {
      for (const first of sorted.slice(0, i)) {
        const overlapMs = Math.min(first.lastMs, second.lastMs) - second.firstMs;
        if (overlapMs >= 0) doubleRuns.push({ job, first, second, overlapMs });
        if (second.epoch < first.epoch) epochsBackwards.push(second);
      }
    });
  }
  return { doubleRuns, epochsBackwards };
}

function groupByJob(runs: readonly JobRun[]): ReadonlyMap<string, readonly JobRun[]> {
  const groups = new Map<string, JobRun[]>();
  for (const run of runs) {
    const group = groups.get(run.job);
    if (group === undefined) groups.set(run.job, [run]);
    else group.push(run);
  }
  return groups;
}
