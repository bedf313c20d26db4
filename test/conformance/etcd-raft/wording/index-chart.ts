// How etcd draws the indexes of a configuration's voters: one bar each, the longer the higher.
import { unlimited } from "../../../../src/raft/quorum/majority.ts";

export function indexText(index: number): string {
  return index === unlimited ? "\u221e" : String(index);
}

/** `voters` ascending; a voter that is not `known` has a question mark. */
export function indexChartText(
  voters: readonly number[],
  known: ReadonlyMap<number, number>,
): string {
  if (voters.length === 0) return "<empty majority quorum>";
  const indexOf = (voter: number): number => known.get(voter) ?? 0;
  const ascending = [...voters].sort((a, b) => indexOf(a) - indexOf(b) || a - b);
  const bars = new Map<number, number>();
  for (const [at, voter] of ascending.entries()) {
    const before = ascending[at - 1];
    const equal = before === undefined || indexOf(before) === indexOf(voter);
    bars.set(voter, equal ? (bars.get(before ?? voter) ?? 0) : at);
  }
  const width = voters.length;
  const lines = voters.map((voter) => {
    const bar = bars.get(voter) ?? 0;
    const drawn = known.has(voter)
      ? `${"x".repeat(bar)}>${" ".repeat(width - bar)}`
      : `?${" ".repeat(width)}`;
    return `${drawn} ${String(indexOf(voter)).padStart(5)}    (id=${voter})\n`;
  });
  return `${" ".repeat(width)}    idx\n${lines.join("")}`;
}
