/** A known bug, put back into the shipped source: `find` stands exactly once in `file`. */
export interface Mutation {
  readonly name: string;
  /** Where the bug was seen in the wild, or the rule that it breaks. */
  readonly source: string;
  /** From the repository's root. */
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

/** The text with the bug in it; undefined when `find` does not stand there exactly once. */
export function mutated(text: string, { find, replace }: Mutation): string | undefined {
  const at = text.indexOf(find);
  if (at < 0 || text.includes(find, at + 1)) return undefined;
  return text.slice(0, at) + replace + text.slice(at + find.length);
}
