// Clients that write through the public gRPC door and tell the ledger what they were told. Each has keys of its own and
// does one thing at a time; keys are overwritten again and again.
import { createHash } from "node:crypto";
import { QuorateClient } from "../../../../src/client/quorate-client.ts";
import { failureOf } from "../../../sim/outcome.ts";
import type { Ledger } from "./ledger.ts";

export const keyPrefix = "durability/";
const keysPerWriter = 25;
const deadlineMs = 4000;
/** So that a refusal at once does not become a busy loop. */
const pauseMs = 20;

export interface WritersOptions {
  readonly addresses: readonly string[];
  readonly ledger: Ledger;
  readonly writers?: number;
  /** Of a value, about. */
  readonly valueBytes?: number;
}

/** Bytes that look like no others, so that a value that is cut, moved or mixed up is not one of ours. */
function valueOf(name: string, bytes: number): string {
  const digest = createHash("sha256").update(name).digest("hex");
  return `${name} ${digest.repeat(Math.ceil(bytes / digest.length))}`.slice(0, bytes);
}

class Writer {
  readonly #name: string;
  readonly #options: WritersOptions;
  readonly #client: QuorateClient;
  readonly #keys: string[];
  readonly #defects: string[];
  #count = 0;
  #isStopped = false;

  constructor(number: number, options: WritersOptions, defects: string[]) {
    const { addresses } = options;
    const turn = number % addresses.length;
    this.#name = `${Date.now().toString(36)}-${number}`;
    this.#options = options;
    this.#defects = defects;
    this.#keys = Array.from({ length: keysPerWriter }, (_, i) => this.#freshKey(i));
    this.#client = new QuorateClient({
      addresses: [...addresses.slice(turn), ...addresses.slice(0, turn)],
      actor: "durability",
      deadlineMs,
    });
  }

  async run(): Promise<void> {
    while (!this.#isStopped) await this.writeOne();
    this.#client.close();
  }

  stop(): void {
    this.#isStopped = true;
  }

  async writeOne(): Promise<void> {
    const { ledger, valueBytes = 200 } = this.#options;
    this.#count += 1;
    const slot = this.#count % keysPerWriter;
    const key = this.#keys[slot]!;
    const value = valueOf(`${key}#${this.#count}`, valueBytes);
    ledger.sent(key, value);
    try {
      await this.#client.kv.put(key, value);
      ledger.acknowledged(key);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === "nothing-done") ledger.refused(key);
      else this.#keys[slot] = this.#freshKey(slot);
      if (failure.kind === "defect") this.#defects.push(failure.reason);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  /** A key whose last write is open is left alone; another takes its place. */
  #freshKey(slot: number): string {
    return `${keyPrefix}${this.#name}/${slot}-${this.#count}`;
  }
}

const writersDefault = 4;

export class Writers {
  readonly #writers: readonly Writer[];
  #runs: readonly Promise<void>[] = [];
  /** Answers that no correct client may get. */
  readonly defects: string[] = [];

  constructor(options: WritersOptions) {
    this.#writers = Array.from(
      { length: options.writers ?? writersDefault },
      (_, i) => new Writer(i, options, this.defects),
    );
  }

  start(): void {
    this.#runs = this.#writers.map((writer) => writer.run());
  }

  /** What is under way still ends. */
  async stop(): Promise<void> {
    for (const writer of this.#writers) writer.stop();
    await Promise.all(this.#runs);
  }
}
