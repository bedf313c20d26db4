// What a run of the simulator says: one line per seed, all about a failing one, and the closing line.
import type { SimOptions } from "./options.ts";
import type { SeedResult } from "./run-seed.ts";

export interface SimReport {
  /** Without their transcripts. */
  readonly seeds: readonly (Omit<SeedResult, "transcript"> & { transcript: undefined })[];
  readonly summary: {
    readonly passed: number;
    readonly failed: number;
    readonly seconds: number;
    readonly seedsPerMinute: number;
    readonly virtualMs: number;
    readonly events: number;
    readonly commits: number;
    readonly writes: number;
    readonly reads: number;
    readonly elections: number;
    readonly faults: number;
    readonly faultsByKind: Readonly<Record<string, number>>;
    readonly recoveryMsMax: number;
    readonly undecided: number;
  };
}

/** The one command that plays a seed again. */
export function replayWords(
  run: Pick<SimOptions, "servers" | "seconds"> & { readonly seed: number },
): string {
  const size = run.servers === undefined ? "" : ` --servers ${run.servers}`;
  return `npm run sim -- --seed ${run.seed}${size} --seconds ${run.seconds}`;
}

export function seedLine(result: SeedResult): string {
  const { seed, servers, ok, virtualMs, recoveryMs, events, writes, reads, elections, faults } =
    result;
  const verdict = ok ? "ok  " : "FAIL";
  const recovery = ok ? `, in order after ${recoveryMs} ms` : "";
  return `${verdict} seed ${seed}: ${servers} servers, ${(virtualMs / 1000).toFixed(1)} s, ${events} events, ${faults} faults, ${elections} elections, ${writes} writes, ${reads} reads${recovery}`;
}

export function failureLines(result: SeedResult, options: SimOptions): readonly string[] {
  const { failure, transcript } = result;
  if (failure === undefined) return [];
  return [
    `  ${failure.checker}: ${failure.detail}`,
    `  replay: ${replayWords({ ...options, seed: result.seed })}`,
    ...transcript.map((line) => `    ${line}`),
  ];
}

export function closingLine(results: readonly SeedResult[]): string {
  const passed = results.filter(({ ok }) => ok).length;
  return `${passed} passed, ${results.length - passed} failed`;
}

function total(results: readonly SeedResult[], of: (result: SeedResult) => number): number {
  return results.reduce((sum, result) => sum + of(result), 0);
}

function faultsByKind(results: readonly SeedResult[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const result of results) {
    for (const [kind, count] of Object.entries(result.faultsByKind)) {
      sums[kind] = (sums[kind] ?? 0) + count;
    }
  }
  return sums;
}

export function reportOf(results: readonly SeedResult[], seconds: number): SimReport {
  const passed = results.filter(({ ok }) => ok).length;
  return {
    seeds: results.map((each) => ({ ...each, transcript: undefined })),
    summary: {
      passed,
      failed: results.length - passed,
      seconds: Math.round(seconds * 10) / 10,
      seedsPerMinute: Math.round((results.length / seconds) * 600) / 10,
      virtualMs: total(results, (each) => each.virtualMs),
      events: total(results, (each) => each.events),
      commits: total(results, (each) => each.commits),
      writes: total(results, (each) => each.writes),
      reads: total(results, (each) => each.reads),
      elections: total(results, (each) => each.elections),
      faults: total(results, (each) => each.faults),
      faultsByKind: faultsByKind(results),
      recoveryMsMax: Math.max(0, ...results.map((each) => each.recoveryMs)),
      undecided: results.filter((each) => !each.isDecided).length,
    },
  };
}
