/** A fault that is under way. */
export interface Fault {
  readonly what: string;
  /** Undefined = there is nothing to undo. */
  readonly end?: () => void;
}
