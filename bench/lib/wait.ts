// Waiting on levels: a predicate over the state, polled, with a bound. What is waited for is named, so that a bound
// that is passed says what did not happen.

const pollMs = 10;

/** Resolves with the first value that is not undefined; rejects after `boundMs`. */
export async function until<T>(
  what: string,
  look: () => Promise<T | undefined> | T | undefined,
  boundMs = 20_000,
): Promise<T> {
  const endMs = performance.now() + boundMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await look();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > endMs) {
      throw new Error(`waited ${String(boundMs)} ms in vain for: ${what}`, { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
}
