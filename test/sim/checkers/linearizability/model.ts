// What the checker knows about the object under test. A model describes one key: histories are cut by key
// before they are searched (Herlihy and Wing 1990: a history is linearizable if it is for each object).

/** One call of one client, as the client saw it. Times are of one clock, in any unit. */
export interface Operation<Input, Output> {
  readonly client: string;
  readonly key: string;
  readonly input: Input;
  /** Undefined = the outcome is not known: it may take effect at any time after the call, or never. */
  readonly output: Output | undefined;
  readonly calledAt: number;
  /** Infinity if the outcome is not known. Equal times count as concurrent. */
  readonly returnedAt: number;
}

/** How a model lets values be followed. Values are texts here, equal for equal values. */
export interface Traces<Input, Output> {
  /** What the operation leaves in the object if it takes effect; undefined if that cannot be told apart. */
  written(input: Input, output: Output | undefined): string | undefined;
  /** What it compared with, or gave out. */
  mentioned(input: Input, output: Output | undefined): readonly string[];
  /** Of an operation that found a value: that value, and what its writer must have been answered. */
  seen(input: Input, output: Output | undefined): { value: string; answer: Output } | undefined;
  /** The same operation with `unseenValue` (traces.ts). */
  withUnseen(input: Input): Input;
}

/**
 * A sequential object with one outcome for each step. States are values: a step gives a new one. `undefined`
 * is not a state: it says that the step is impossible.
 */
export interface Model<Input, Output, State> {
  readonly initial: State;
  /**
   * The state after `input` was carried out and answered with `output`; undefined if that cannot be. Without
   * an output: the state after `input` took effect, whatever it answered. What has no effect may give the same
   * state: an operation whose outcome is not known may always have done nothing.
   */
  step(state: State, input: Input, output: Output | undefined): State | undefined;
  /** Equal for equal states and only for them. Also what an explanation shows of a state. */
  identity(state: State): string;
  /**
   * True if the object is the same after the operation whatever its state. The model's state may still become
   * more exact by what was observed.
   */
  observes(input: Input, output: Output | undefined): boolean;
  /** Given if values can be followed from who wrote them to who saw them: much less is left to be guessed. */
  readonly traces?: Traces<Input, Output>;
  /** For people: `cas 1 -> 2 refused`. */
  describe(input: Input, output: Output | undefined): string;
}
