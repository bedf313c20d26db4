// Two ways to write. The closed loop pushes as many writes as the cluster takes. The steady load writes at a fixed rate,
// whether or not the writes before were answered, and measures from the moment at which a write was due: a stall of
// the server is then a stall of all the writes that fell into it (no coordinated omission).
import type { QuorateClient } from "../../src/client/quorate-client.ts";
import { percentile, tenth } from "./stats.ts";

/** A write fails when leadership changes, say; the cluster is given time before the caller goes on. */
const pauseAfterFailureMs = 100;
/** More failures than these mean that the cluster does not work. */
const failuresMax = 10_000;
const steadyTickMs = 1;
/** A write that failed counts as if it had taken this long: as long as the client's deadline. */
export const failedMs = 10_000;

export interface PushOptions {
  /** Writes to be acknowledged. */
  readonly count: number;
  /** Writes in flight at any time. */
  readonly callers: number;
  readonly value: Uint8Array;
  /** Keys are a bounded set, so that the state stays small however long the log gets. */
  readonly keys: number;
  /** After each acknowledged write. */
  readonly onWritten?: (written: number) => void;
}

export interface Pushed {
  readonly seconds: number;
  readonly failed: number;
}

/** Closed loop: resolves when `count` writes were acknowledged. */
export async function push(client: QuorateClient, options: PushOptions): Promise<Pushed> {
  const { count, callers, value, keys, onWritten } = options;
  const beganMs = performance.now();
  let begun = 0;
  let written = 0;
  let failed = 0;
  const write = async (number: number): Promise<void> => {
    for (;;) {
      try {
        await client.kv.put(`push/${String(number % keys)}`, value);
        return;
      } catch (error) {
        failed += 1;
        if (failed > failuresMax) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseAfterFailureMs));
      }
    }
  };
  const caller = async (): Promise<void> => {
    while (begun < count) {
      begun += 1;
      await write(begun);
      written += 1;
      onWritten?.(written);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  return { seconds: (performance.now() - beganMs) / 1000, failed };
}

/** One write of the steady load. */
export interface Sample {
  readonly dueMs: number;
  /** From when it was due until it was acknowledged; `failedMs` when it failed. */
  readonly latencyMs: number;
}

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Latencies of the writes that were due in the span, the failed ones included. */
export function within(samples: readonly Sample[], { fromMs, toMs }: Span): readonly number[] {
  return samples
    .filter(({ dueMs }) => dueMs >= fromMs && dueMs < toMs)
    .map(({ latencyMs }) => latencyMs);
}

/** Whole windows of `lengthMs` one after the other; the span itself when it is shorter than one. */
export function windows(span: Span, lengthMs: number): readonly Span[] {
  const whole = Math.floor((span.toMs - span.fromMs) / lengthMs);
  if (whole < 1) return [span];
  return Array.from({ length: whole }, (_, i) => ({
    fromMs: span.fromMs + i * lengthMs,
    toMs: span.fromMs + (i + 1) * lengthMs,
  }));
}

export function p99Ms(latencies: readonly number[]): number {
  return tenth(percentile(latencies, 0.99));
}

export interface SteadyOptions {
  readonly perSecond: number;
  readonly value: Uint8Array;
  readonly keys: number;
}

export class SteadyLoad {
  readonly #client: QuorateClient;
  readonly #options: SteadyOptions;
  readonly #samples: Sample[] = [];
  readonly #pending = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #nextDueMs = 0;
  #number = 0;

  constructor(client: QuorateClient, options: SteadyOptions) {
    this.#client = client;
    this.#options = options;
  }

  get samples(): readonly Sample[] {
    return this.#samples;
  }

  start(): void {
    this.#nextDueMs = performance.now();
    this.#timer = setInterval(() => {
      this.#writeDue();
    }, steadyTickMs);
  }

  /** Resolves when every write was answered; may be started again. */
  async pause(): Promise<void> {
    clearInterval(this.#timer);
    await Promise.all(this.#pending);
  }

  #writeDue(): void {
    const nowMs = performance.now();
    for (; this.#nextDueMs <= nowMs; this.#nextDueMs += 1000 / this.#options.perSecond) {
      this.#write(this.#nextDueMs);
    }
  }

  #write(dueMs: number): void {
    const { keys, value } = this.#options;
    const number = this.#number++;
    const note = (latencyMs: number): void => {
      this.#samples.push({ dueMs, latencyMs });
    };
    const write = this.#client.kv
      .put(`steady/${String(number % keys)}`, value)
      .then(
        () => note(performance.now() - dueMs),
        () => note(failedMs),
      )
      .finally(() => this.#pending.delete(write));
    this.#pending.add(write);
  }
}
