// Collects a history while it happens. Time is the order of the calls to the recorder: exact within a process.
// Histories of several processes are made by hand, with times of a clock that all of them share.
import { assert } from "../../../../src/base/assert.ts";
import type { Operation } from "./model.ts";

interface Recorded<Input, Output> {
  readonly client: string;
  readonly key: string;
  readonly input: Input;
  readonly calledAt: number;
  returnedAt: number;
  output: Output | undefined;
  state: "open" | "answered" | "without-effect";
}

export interface Call<Output> {
  /** The answer arrived. */
  answered(output: Output): void;
  /** It is certain that nothing was done (error kinds `unavailable`, `exhausted`, ...), or it was a read that failed. */
  hadNoEffect(): void;
}

export class HistoryRecorder<Input, Output> {
  readonly #recorded: Recorded<Input, Output>[] = [];
  #now = 0;

  /** A call that is never ended has an unknown outcome. */
  called(call: {
    readonly client: string;
    readonly key: string;
    readonly input: Input;
  }): Call<Output> {
    const recorded: Recorded<Input, Output> = {
      ...call,
      calledAt: this.#tick(),
      returnedAt: Infinity,
      output: undefined,
      state: "open",
    };
    this.#recorded.push(recorded);
    const end = (state: Recorded<Input, Output>["state"]): void => {
      assert(recorded.state === "open", "a call ends once");
      recorded.state = state;
      recorded.returnedAt = this.#tick();
    };
    return {
      answered: (output) => {
        end("answered");
        recorded.output = output;
      },
      hadNoEffect: () => {
        end("without-effect");
      },
    };
  }

  /** The history so far, in the order of the calls. Open calls are in it with an unknown outcome. */
  operations(): Operation<Input, Output>[] {
    return this.#recorded
      .filter(({ state }) => state !== "without-effect")
      .map(({ client, key, input, output, calledAt, returnedAt }) => ({
        client,
        key,
        input,
        output,
        calledAt,
        returnedAt,
      }));
  }

  #tick(): number {
    this.#now += 1;
    return this.#now;
  }
}
