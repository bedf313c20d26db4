// Assertions stay on in production: a broken invariant must become a stopped server, never a wrong
// answer. They are for programmer errors only; whatever a user, a disk or a network can cause gets a
// coded error (errors.ts).

/** Thrown when an invariant does not hold. Nobody catches it: the process stops. */
export class AssertionFailed extends Error {
  override readonly name = "AssertionFailed";
}

/** Throws `AssertionFailed` with `message` unless `condition` holds. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionFailed(message);
}

/** For the default branch of a switch over a union: a new kind without a branch does not compile. */
export function unreachable(value: never): never {
  throw new AssertionFailed(`unexpected value: ${JSON.stringify(value)}`);
}

/** `value`, asserted to be neither undefined nor null. */
export function defined<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new AssertionFailed(`${what} is missing`);
  return value;
}
