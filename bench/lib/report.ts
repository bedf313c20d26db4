// How a workload tells its result: a few lines for a person, the same as JSON for a script.

import { cpus, totalmem } from "node:os";
import { build, type Histogram } from "hdr-histogram-js";
import { tenth } from "./stats.ts";

export interface Percentiles {
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly max: number;
}

/** Samples in milliseconds, kept to a microsecond with three digits. */
export class Latencies {
  readonly #histogram: Histogram = build({
    highestTrackableValue: 600_000_000,
    numberOfSignificantValueDigits: 3,
  });

  add(ms: number): void {
    this.#histogram.recordValue(Math.max(1, Math.round(ms * 1000)));
  }

  get count(): number {
    return this.#histogram.totalCount;
  }

  percentiles(): Percentiles {
    const { maxValue } = this.#histogram;
    // A percentile is the upper end of its bucket, which may lie above the largest sample.
    const at = (percent: number): number =>
      tenth(Math.min(this.#histogram.getValueAtPercentile(percent), maxValue) / 1000);
    return { p50: at(50), p90: at(90), p99: at(99), max: tenth(maxValue / 1000) };
  }
}

/** What a figure means nothing without. */
export interface Environment {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryBytes: number;
  readonly node: string;
  readonly platform: string;
}

export function environment(): Environment {
  const [first] = cpus();
  return {
    cpu: first?.model ?? "unknown",
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
  };
}

export interface WorkloadReport {
  readonly workload: string;
  /** One line for people. */
  readonly headline: string;
  readonly data: object;
  /** False when something happened that must never happen. */
  readonly holds: boolean;
}
