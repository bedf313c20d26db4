// Chance is handed in so that a run can be repeated from its seed.

/** Source of chance. */
export interface Random {
  /** The next unsigned 32-bit integer. */
  next(): number;
}

/** A whole number in [min, max), uniform enough for timeouts and choices (bias < 2^-20 for small ranges). */
export function between(random: Random, min: number, max: number): number {
  return min + (random.next() % (max - min));
}

/** sfc32 (Chris Doty-Humphrey, PractRand): small, fast, and the same on every machine. Not for secrets. */
export function seededRandom(seed: number): Random {
  let a = seed >>> 0;
  let b = 0x9e3779b9;
  let c = 0x243f6a88;
  let counter = 1;
  const next = (): number => {
    const sum = (((a + b) >>> 0) + counter) >>> 0;
    counter = (counter + 1) >>> 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) >>> 0;
    c = (((c << 21) | (c >>> 11)) + sum) >>> 0;
    return sum;
  };
  for (let round = 0; round < 12; round += 1) next();
  return { next };
}
