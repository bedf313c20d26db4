// What every client asked and was answered, with times: the checker's input, and the source of all figures. Times are
// milliseconds of the monotonic clock since the run began, so that a person can lay them beside the faults.
import type { Operation } from "../sim/checkers/linearizability/model.ts";
import type { KvInput, KvOutput } from "../sim/checkers/linearizability/models/kv-corner.ts";

export type KvOperation = Operation<KvInput, KvOutput>;

type Outcome = "open" | "answered" | "without-effect";

interface Recorded {
  readonly client: string;
  readonly key: string;
  readonly input: KvInput;
  readonly calledAt: number;
  returnedAt: number;
  output: KvOutput | undefined;
  outcome: Outcome;
}

/** A call that is never ended has an unknown outcome: it may be done, or be done later. */
export interface Call {
  answered(output: KvOutput): void;
  /** Certainly nothing was done. */
  hadNoEffect(): void;
}

/** An acknowledged write. */
export interface Acknowledged {
  readonly calledAt: number;
  readonly returnedAt: number;
}

export class History {
  readonly #now: () => number;
  readonly #recorded: Recorded[] = [];

  constructor(now: () => number) {
    this.#now = now;
  }

  called(client: string, key: string, input: KvInput): Call {
    const recorded: Recorded = {
      ...{ client, key, input, calledAt: this.#now(), returnedAt: Infinity },
      ...{ output: undefined, outcome: "open" },
    };
    this.#recorded.push(recorded);
    return {
      answered: (output) => {
        recorded.returnedAt = this.#now();
        recorded.output = output;
        recorded.outcome = "answered";
      },
      hadNoEffect: () => {
        recorded.outcome = "without-effect";
      },
    };
  }

  /** For the checker: open calls have an unknown outcome, those without effect are left out. */
  operations(): KvOperation[] {
    return this.#recorded
      .filter(({ outcome }) => outcome !== "without-effect")
      .map(({ client, key, input, output, calledAt, returnedAt }) => ({
        ...{ client, key, input, output, calledAt, returnedAt },
      }));
  }

  acknowledged(): Acknowledged[] {
    return this.#recorded.filter(
      ({ input, output }) =>
        input.kind !== "get" && output !== undefined && output.kind !== "refused",
    );
  }

  keys(): string[] {
    return [...new Set(this.#recorded.map(({ key }) => key))].sort();
  }

  counts(): { readonly ok: number; readonly failed: number; readonly unknown: number } {
    const of = (outcome: Outcome): number =>
      this.#recorded.filter((recorded) => recorded.outcome === outcome).length;
    return { ok: of("answered"), failed: of("without-effect"), unknown: of("open") };
  }
}
