/** What a checker found: its own name, and what is wrong. */
export interface Violation {
  readonly checker: string;
  readonly detail: string;
}

export type Report = (violation: Violation) => void;

/** Position and term of an entry. */
export interface EntryMark {
  readonly index: number;
  readonly term: number;
}

export function markText({ index, term }: EntryMark): string {
  return `${index}/${term}`;
}
