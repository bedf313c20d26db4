// Runs of neighbouring entries are kept by where they begin; this finds the one that an entry is in.

/** Position of the last of `length` ascending numbers that is at most `index`; -1 when there is none. */
export function lastAtOrBelow(
  index: number,
  length: number,
  numberAt: (position: number) => number,
): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (numberAt(middle) <= index) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
