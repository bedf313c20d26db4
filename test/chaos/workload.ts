// Clients of the key-value corner, in one process, through the public gRPC door. Each knows all servers and does one
// thing at a time. Some write exactly once, the others leave a broken call unknown. Every value is written once, and
// keys are many and move on, so that the history can be checked in bounded time however long the run is.

import { QuorateError } from "../../src/base/errors.ts";
import { between, type Random } from "../../src/base/random.ts";
import type { KvCondition as ClientCondition } from "../../src/client/kv.ts";
import { QuorateClient } from "../../src/client/quorate-client.ts";
import type {
  KvCondition,
  KvInput,
  KvOutput,
} from "../sim/checkers/linearizability/models/kv-corner.ts";
import { failureOf } from "../sim/outcome.ts";
import { betweenFine, chance, pick, splitRandom } from "../sim/random.ts";
import type { History } from "./history.ts";

const clientsCount = 6;
/** Every third leaves it to the caller. */
const bareEvery = 3;
const keysAtATime = 30;
const keysLiveMs = 45_000;
const thinkMsMin = 15;
const thinkMsMax = 60;
const deadlineMs = 5000;
const moveOnPerMillion = 50_000;

export interface WorkloadOptions {
  readonly seed: number;
  readonly addresses: readonly string[];
  /** Time of the run. */
  readonly now: () => number;
  readonly history: History;
}

interface Known {
  readonly value: string;
  readonly revision: number;
}

type Write = Exclude<KvInput, { kind: "get" }>;

function conditionFor(condition: KvCondition): { condition?: ClientCondition } {
  switch (condition.kind) {
    case "none":
      return {};
    case "absent":
      return { condition: { absent: true } };
    case "revision":
      return { condition: { revision: condition.revision } };
    case "value":
      return { condition: { value: Buffer.from(condition.value) } };
  }
}

/** A linearizable read, as the checker wants it. */
export async function readKey(client: QuorateClient, key: string): Promise<KvOutput> {
  try {
    const row = await client.kv.get(key);
    const { createdRevision, modifiedRevision, version } = row;
    return { kind: "row", value: row.value.toString(), createdRevision, modifiedRevision, version };
  } catch (error) {
    if (error instanceof QuorateError && error.kind === "not-found") return { kind: "absent" };
    throw error;
  }
}

async function write(client: QuorateClient, key: string, input: Write): Promise<KvOutput> {
  const options = conditionFor(input.condition);
  if (input.kind === "put") {
    const { revision, version } = await client.kv.put(key, input.value, options);
    return { kind: "put", revision, version };
  }
  const { revision, existed } = await client.kv.delete(key, options);
  return { kind: "deleted", revision, existed };
}

class WorkloadClient {
  readonly #name: string;
  readonly #options: WorkloadOptions;
  readonly #random: Random;
  /** One for each server to begin with: connections of one move on together, and soon all would be at one server. */
  readonly #clients: readonly QuorateClient[];
  #client: QuorateClient;
  readonly #believed = new Map<string, Known>();
  readonly #defects: string[];
  #count = 0;
  #isStopped = false;

  constructor(number: number, options: WorkloadOptions, defects: string[]) {
    const { seed, addresses } = options;
    this.#name = `c${number}`;
    this.#options = options;
    this.#defects = defects;
    this.#random = splitRandom(seed, `chaos client ${number}`);
    this.#clients = addresses.map(
      (_, turn) =>
        new QuorateClient({
          addresses: [...addresses.slice(turn), ...addresses.slice(0, turn)],
          exactlyOnce: number % bareEvery !== 0,
          actor: this.#name,
          deadlineMs,
        }),
    );
    this.#client = this.#clients[number % addresses.length]!;
  }

  async run(): Promise<void> {
    while (!this.#isStopped) {
      const thinkMs = betweenFine(this.#random, thinkMsMin, thinkMsMax);
      await new Promise((resolve) => setTimeout(resolve, thinkMs));
      if (chance(this.#random, moveOnPerMillion)) {
        this.#client = pick(this.#random, this.#clients) ?? this.#client;
      }
      await this.#act();
    }
    for (const client of this.#clients) client.close();
  }

  stop(): void {
    this.#isStopped = true;
  }

  #key(): string {
    const era = Math.floor(this.#options.now() / keysLiveMs);
    return `chaos/${String(era).padStart(4, "0")}/${between(this.#random, 0, keysAtATime)}`;
  }

  #draw(key: string): KvInput {
    const dice = between(this.#random, 0, 100);
    if (dice < 45) return { kind: "get" };
    const condition = this.#drawCondition(this.#believed.get(key));
    if (dice < 55) return { kind: "delete", condition };
    this.#count += 1;
    return { kind: "put", value: `${this.#name}-${this.#count}`, condition };
  }

  #drawCondition(known: Known | undefined): KvCondition {
    if (!chance(this.#random, 400_000)) return { kind: "none" };
    if (known === undefined) return { kind: "absent" };
    return chance(this.#random, 500_000)
      ? { kind: "revision", revision: known.revision }
      : { kind: "value", value: known.value };
  }

  async #act(): Promise<void> {
    const key = this.#key();
    const input = this.#draw(key);
    const call = this.#options.history.called(this.#name, key, input);
    try {
      const output =
        input.kind === "get"
          ? await readKey(this.#client, key)
          : await write(this.#client, key, input);
      call.answered(output);
      this.#learn(key, input, output);
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === "refused") {
        const { revision } = failure;
        call.answered(revision === undefined ? { kind: "refused" } : { kind: "refused", revision });
        this.#believed.delete(key);
      } else if (failure.kind === "nothing-done" || input.kind === "get") call.hadNoEffect();
      if (failure.kind === "defect") this.#defects.push(failure.reason);
    }
  }

  #learn(key: string, input: KvInput, output: KvOutput): void {
    if (output.kind === "row") {
      this.#believed.set(key, { value: output.value, revision: output.modifiedRevision });
    } else if (output.kind === "put" && input.kind === "put") {
      this.#believed.set(key, { value: input.value, revision: output.revision });
    } else this.#believed.delete(key);
  }
}

export class Workload {
  readonly #clients: readonly WorkloadClient[];
  #runs: readonly Promise<void>[] = [];
  /** Answers that no correct client may get. */
  readonly defects: string[] = [];

  constructor(options: WorkloadOptions) {
    this.#clients = Array.from(
      { length: clientsCount },
      (_, i) => new WorkloadClient(i, options, this.defects),
    );
  }

  start(): void {
    this.#runs = this.#clients.map((client) => client.run());
  }

  /** What is under way still ends. */
  async stop(): Promise<void> {
    for (const client of this.#clients) client.stop();
    await Promise.all(this.#runs);
  }
}
