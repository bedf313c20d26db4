// The result, for a script and for people.
import type { History } from "./history.ts";
import type { Struck } from "./nemesis.ts";
import type { ChaosOptions } from "./options.ts";
import { type Availability, availabilityOf, type HistoryVerdict, recoveriesMs } from "./verdict.ts";

export interface ChaosReport extends Availability {
  readonly seed: number;
  readonly servers: number;
  readonly minutes: number;
  readonly network: "namespaces" | "loopback";
  readonly faults: readonly Struck[];
  readonly operations: { readonly ok: number; readonly failed: number; readonly unknown: number };
  readonly keys: number;
  readonly verdict: HistoryVerdict["verdict"];
  /** Leaders that won an election, by the servers' logs. */
  readonly elections: number;
  readonly membership: {
    readonly added: number;
    readonly promoted: number;
    readonly removed: number;
  };
  /** From each fault to the first acknowledged write that was asked for after it; null = none before the end. */
  readonly recoveriesMs: readonly (number | null)[];
  /** From the end of all faults to the first acknowledged write. */
  readonly recoveredMs: number;
  /** Everything that must not have happened: empty in a good run. */
  readonly failures: readonly string[];
}

export interface ReportParts
  extends Pick<ChaosReport, "elections" | "membership" | "recoveredMs" | "failures"> {
  readonly options: ChaosOptions;
  readonly judged: HistoryVerdict;
  readonly history: History;
  readonly struck: readonly Struck[];
  readonly faultsMs: number;
}

export function reportOf(parts: ReportParts): ChaosReport {
  const { options, judged, history, faultsMs, elections, membership, recoveredMs } = parts;
  const { seed, servers, minutes, hasNetwork } = options;
  const faults = [...parts.struck].sort((a, b) => a.atMs - b.atMs);
  const writes = history.acknowledged();
  const moments = faults.map(({ atMs }) => atMs);
  return {
    ...{ seed, servers, minutes, network: hasNetwork ? "namespaces" : "loopback", faults },
    operations: history.counts(),
    keys: history.keys().length,
    verdict: judged.verdict,
    ...{ elections, membership },
    ...availabilityOf(writes, faultsMs),
    recoveriesMs: recoveriesMs(moments, writes).map((ms) => ms ?? null),
    recoveredMs,
    failures: grouped([...judged.failures, ...parts.failures]),
  };
}

/** Each sentence once, with the number of times that it was said. */
function grouped(sentences: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const sentence of sentences) counts.set(sentence, (counts.get(sentence) ?? 0) + 1);
  return [...counts].map(([sentence, count]) =>
    count === 1 ? sentence : `${sentence} (${count} times)`,
  );
}

function countsOf(faults: readonly Struck[]): string {
  const counts = new Map<string, number>();
  for (const { kind } of faults) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return [...counts].map(([kind, count]) => `${count} ${kind}`).join(", ");
}

const percentile = (sorted: readonly number[], percent: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * percent) / 100))] ?? 0;

/** A few lines; the last one is the verdict. */
export function closingLines(report: ChaosReport): string[] {
  const { operations, membership, faults, failures } = report;
  const known = report.recoveriesMs
    .flatMap((ms) => (ms === null ? [] : [ms]))
    .sort((a, b) => a - b);
  const [p50, most] = [percentile(known, 50), known.at(-1) ?? 0];
  const { ok, failed, unknown } = operations;
  return [
    `faults: ${faults.length} (${countsOf(faults)})`,
    `membership: ${membership.added} added, ${membership.promoted} promoted, ${membership.removed} removed`,
    `operations on ${report.keys} keys: ${ok} answered, ${failed} without effect, ${unknown} of unknown outcome`,
    `elections won: ${report.elections}; seconds with acknowledged writes: ${report.secondsWithWritesPercent} %; longest gap ${report.longestGapMs} ms, from ${(report.longestGapAtMs / 1000).toFixed(1)} s on`,
    `fault → next acknowledged write: p50 ${p50} ms, worst ${most} ms; after the last fault ${report.recoveredMs} ms`,
    ...failures.map((failure) => `FAILURE ${failure}`),
    failures.length === 0
      ? `chaos: passed (seed ${report.seed}, ${report.servers} servers): the history is linearizable, all copies are equal`
      : `chaos: failed (seed ${report.seed}, ${report.servers} servers): ${failures.length} failures`,
  ];
}
