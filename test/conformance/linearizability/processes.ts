import { type Call, HistoryRecorder } from "../../sim/checkers/linearizability/history.ts";
import type { Operation } from "../../sim/checkers/linearizability/model.ts";
import { badLine, type Line } from "./errors.ts";

interface Pending<Input, Output> {
  readonly key: string;
  readonly input: Input;
  readonly call: Call<Output>;
}

/** Puts the events of a file together: each process has at most one operation under way. */
export class Processes<Input, Output> {
  readonly #recorder = new HistoryRecorder<Input, Output>();
  readonly #pending = new Map<string, Pending<Input, Output>>();

  invoke(line: Line, process: string, call: { readonly key: string; readonly input: Input }): void {
    if (this.#pending.has(process)) {
      throw badLine(line, `process ${process} calls while its operation is under way`);
    }
    this.#pending.set(process, {
      ...call,
      call: this.#recorder.called({ client: process, ...call }),
    });
  }

  /** The operation that ends here; from now on the process may call again. */
  end(line: Line, process: string): Pending<Input, Output> {
    const pending = this.#pending.get(process);
    if (pending === undefined) throw badLine(line, `process ${process} has no operation under way`);
    this.#pending.delete(process);
    return pending;
  }

  /** The outcome stays unknown. */
  abandon(process: string): void {
    this.#pending.delete(process);
  }

  operations(): Operation<Input, Output>[] {
    return this.#recorder.operations();
  }
}
