// Fail-stop in one place. After a failed write or fsync the kernel may have thrown the pages away (fsyncgate:
// Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020), so nothing that follows
// can be promised: the first failure is kept and every later call gets it.

import type { QuorateError } from "../base/errors.ts";
import { messageOf } from "../base/errors.ts";
import { storageErrors } from "./errors.ts";

export interface WriteGateOptions {
  readonly store: string;
  /** A more telling error than WRITE_FAILED for what a write failed with. */
  readonly explain?: (cause: unknown) => QuorateError | undefined;
}

/** Runs the writes of one store one after the other, in the order of the calls. */
export class WriteGate {
  readonly #store: string;
  readonly #explain: (cause: unknown) => QuorateError | undefined;
  #failure: QuorateError | undefined;
  #closed = false;
  #tail: Promise<unknown> = Promise.resolve();

  constructor(options: WriteGateOptions) {
    this.#store = options.store;
    this.#explain = options.explain ?? (() => undefined);
  }

  /** Throws WRITE_FAILED after a failure, CLOSED after `close`. */
  check(): void {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#closed) throw storageErrors.CLOSED(`${this.#store} is closed`);
  }

  /** Runs `work` once all earlier work has settled. */
  exclusive<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#tail.then(() => {
      this.check();
      return work();
    });
    this.#tail = mine.catch(() => undefined);
    return mine;
  }

  /** The one place where bytes go to the disk: a rejection of `write` is final for the store. */
  async io<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write();
    } catch (cause) {
      this.#failure ??= this.#explain(cause) ?? this.#failed(cause);
      throw this.#failure;
    }
  }

  #failed(cause: unknown): QuorateError {
    return storageErrors.WRITE_FAILED(`a write to ${this.#store} failed: ${messageOf(cause)}`, {
      fields: { store: this.#store },
      cause,
    });
  }

  /** Refuses new work and waits for what was accepted; the first call returns true. */
  async close(): Promise<boolean> {
    const first = !this.#closed;
    const accepted = this.#tail;
    if (first) {
      this.#tail = accepted.then(() => {
        this.#closed = true;
      });
    }
    await this.#tail;
    return first;
  }
}
