/** The value below which `share` (0–1) of the sorted samples lie (nearest rank); 0 without samples. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const rank = Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1));
  return sorted[rank] ?? 0;
}

/** Rounded to a tenth of a millisecond. */
export const tenth = (ms: number): number => Math.round(ms * 10) / 10;

export interface Spread {
  readonly p50: number;
  readonly max: number;
}

export function spread(samples: readonly number[]): Spread {
  return { p50: tenth(percentile(samples, 0.5)), max: tenth(Math.max(0, ...samples)) };
}
