// What is known of one revision. The revision of a write is not known when its answer was lost; what is observed
// later narrows it. Spans are values.

export interface RevisionSpan {
  readonly least: number;
  /** Infinity if nothing bounds it. */
  readonly most: number;
  /** Revisions between the two that it is known not to be, in order. */
  readonly except: readonly number[];
}

export const exactly = (revision: number): RevisionSpan => ({
  least: revision,
  most: revision,
  except: [],
});

export const above = (least: number): RevisionSpan => ({
  least: least + 1,
  most: Infinity,
  except: [],
});

/** Undefined if nothing is left. */
function span(least: number, most: number, except: readonly number[]): RevisionSpan | undefined {
  let [low, high] = [least, most];
  while (except.includes(low)) low += 1;
  while (except.includes(high)) high -= 1;
  if (low > high) return undefined;
  return { least: low, most: high, except: except.filter((at) => at > low && at < high) };
}

export function resolve(known: RevisionSpan, revision: number): RevisionSpan | undefined {
  const { least, most, except } = known;
  const isPossible = revision >= least && revision <= most && !except.includes(revision);
  return isPossible ? exactly(revision) : undefined;
}

export function atMost(
  { least, most, except }: RevisionSpan,
  bound: number,
): RevisionSpan | undefined {
  return span(least, Math.min(most, bound), except);
}

export function without(known: RevisionSpan, revision: number): RevisionSpan | undefined {
  const { least, most, except } = known;
  if (revision < least || revision > most || except.includes(revision)) return known;
  return span(
    least,
    most,
    [...except, revision].sort((a, b) => a - b),
  );
}

export function describeSpan({ least, most, except }: RevisionSpan): string {
  if (least === most) return String(least);
  const range = `${least}..${most === Infinity ? "" : String(most)}`;
  return except.length === 0 ? range : `${range} but ${except.join(" ")}`;
}
