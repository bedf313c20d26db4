// A client of the key-value corner. It talks to any server, believes only what an answer says, and writes its
// history down. Some clients open a session and repeat a request whose outcome is unknown under the same id; the
// others must leave it unknown.
import { between, type Random } from "../../src/base/random.ts";
import type { Committed } from "../../src/replica/contract.ts";
import type { ReplicaServer } from "../../src/replica/replica-server.ts";
import type { ClientRequest, Command, KvCondition } from "../../src/state/commands.ts";
import type { KvInput, KvOutput } from "./checkers/linearizability/models/kv-corner.ts";
import { type Failure, failureOf } from "./outcome.ts";
import { betweenFine, chance, pick, splitRandom } from "./random.ts";
import type { SimServer } from "./server.ts";
import type { World } from "./world.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const attemptsMax = 8;
const retryPauseMs = 60;
/** Keys of a burst: one write each, for many writes of unknown outcome on one key are hard to judge. */
const burstKeys = 15;

export type Answer<T> = { readonly kind: "answer"; readonly value: T } | Failure;

/** Asks one server; what does not come back in time, or not before the process ends, is unknown. */
export function ask<T>(
  world: World,
  server: SimServer,
  call: { readonly patienceMs: number; readonly run: (replica: ReplicaServer) => Promise<T> },
): Promise<Answer<T>> {
  return new Promise((resolve) => {
    const settle = (answer: Answer<T>): void => {
      cancel();
      forget();
      resolve(answer);
    };
    const cancel = world.schedule.after(call.patienceMs, undefined, () => {
      settle({ kind: "unknown" });
    });
    const forget = server.process.onEnd(() => {
      settle({ kind: "unknown" });
    });
    server.enter((replica) => {
      call.run(replica).then(
        (value) => {
          settle({ kind: "answer", value });
        },
        (thrown: unknown) => {
          settle(failureOf(thrown));
        },
      );
    });
  });
}

export interface ClientOptions {
  readonly name: string;
  readonly usesSession: boolean;
}

type Write = Exclude<KvInput, { kind: "get" }>;

export class SimClient {
  readonly #world: World;
  readonly #options: ClientOptions;
  readonly #random: Random;
  /** What this client believes to be in a key: a guess for its conditions. */
  readonly #believed = new Map<string, { readonly value: string; readonly revision: number }>();
  #session = 0;
  #sequence = 0;
  #count = 0;
  #isStopped = false;

  constructor(options: ClientOptions, world: World) {
    this.#world = world;
    this.#options = options;
    this.#random = splitRandom(world.plan.seed, `client ${options.name}`);
  }

  start(): void {
    void this.#run();
  }

  /** No further operation; one under way still ends. */
  stop(): void {
    this.#isStopped = true;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      await this.#pause(betweenFine(this.#random, 0.5, this.#world.plan.thinkMsMax));
      const server = this.#server();
      if (server === undefined) continue;
      if (this.#options.usesSession && this.#session === 0) await this.#openSession(server);
      else if (chance(this.#random, this.#world.plan.burstPerMillion)) await this.#burst(server);
      else if (chance(this.#random, 400_000)) await this.#read(server);
      else await this.#write(server, { key: this.#key(), request: this.#nextRequest() });
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#world.schedule.after(ms, undefined, resolve);
    });
  }

  #server(): SimServer | undefined {
    return pick(this.#random, this.#world.up());
  }

  #key(): string {
    if (this.#world.plan.burstPerMillion > 0 && chance(this.#random, 100_000)) {
      return `b${between(this.#random, 0, burstKeys)}`;
    }
    return `k${between(this.#random, 0, this.#world.plan.keys)}`;
  }

  async #openSession(server: SimServer): Promise<void> {
    const answer = await this.#submit(server, { kind: "open-client-session" }, undefined);
    if (answer.kind !== "answer" || answer.value.detail.kind !== "session") return;
    this.#session = answer.value.detail.session;
  }

  async #read(server: SimServer): Promise<void> {
    const key = this.#key();
    const call = this.#world.history.called({
      client: this.#options.name,
      key,
      input: { kind: "get" },
    });
    const output = await readKey(this.#world, server, key);
    if (output === undefined) {
      call.hadNoEffect();
      return;
    }
    call.answered(output);
    this.#world.reads += 1;
    if (output.kind !== "row") this.#believed.delete(key);
    else this.#believed.set(key, { value: output.value, revision: output.modifiedRevision });
  }

  /** Many writes at once through one server, each on its own: a leader that is cut off gets a long tail. */
  async #burst(server: SimServer): Promise<void> {
    const count = between(this.#random, 4, burstKeys + 1);
    const keys = Array.from({ length: count }, (_, number) => `b${number}`);
    await Promise.all(keys.map((key) => this.#write(server, { key, request: undefined })));
  }

  async #write(
    first: SimServer,
    { key, request }: { readonly key: string; readonly request: ClientRequest | undefined },
  ): Promise<void> {
    const input = this.#draw(key);
    const call = this.#world.history.called({ client: this.#options.name, key, input });
    const command = commandOf(key, input);
    let isUnknown = false;
    let server: SimServer | undefined = first;
    for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
      if (server !== undefined) {
        const answer = await this.#submit(server, command, request);
        if (answer.kind === "answer" || answer.kind === "refused") {
          const output = outputOf(input, answer);
          call.answered(output);
          this.#learn(key, input, output);
          this.#world.writes += 1;
          return;
        }
        if (answer.kind === "unknown") isUnknown = true;
        if (answer.kind === "unknown" && request === undefined) return;
      }
      await this.#pause(betweenFine(this.#random, 1, retryPauseMs));
      server = this.#server();
    }
    if (!isUnknown) call.hadNoEffect();
  }

  #draw(key: string): Write {
    const believed = this.#believed.get(key);
    const dice = between(this.#random, 0, 10);
    this.#count += 1;
    const value = `${this.#options.name}-${this.#count}`;
    if (dice < 4) return { kind: "put", value, condition: { kind: "none" } };
    if (dice < 6) return { kind: "delete", condition: { kind: "none" } };
    if (believed === undefined || dice < 7) {
      return { kind: "put", value, condition: { kind: "absent" } };
    }
    if (dice < 9) {
      return { kind: "put", value, condition: { kind: "value", value: believed.value } };
    }
    return { kind: "put", value, condition: { kind: "revision", revision: believed.revision } };
  }

  #learn(key: string, input: Write, output: KvOutput): void {
    if (output.kind === "put" && input.kind === "put") {
      this.#believed.set(key, { value: input.value, revision: output.revision });
    } else this.#believed.delete(key);
  }

  #nextRequest(): ClientRequest | undefined {
    if (this.#session === 0) return undefined;
    this.#sequence += 1;
    const sequence = this.#sequence;
    return { clientSession: this.#session, sequence, acknowledged: sequence - 1 };
  }

  async #submit(
    server: SimServer,
    command: Command,
    request: ClientRequest | undefined,
  ): Promise<Answer<Committed>> {
    const deadlineMs = between(this.#random, 300, 2500);
    const options = { actor: this.#options.name, deadlineMs, ...(request && { request }) };
    const answer = await ask(this.#world, server, {
      patienceMs: 2 * deadlineMs,
      run: (replica) => replica.submit(command, options),
    });
    if (answer.kind === "defect") {
      this.#world.report({ checker: "no-defects", detail: `a client was told: ${answer.reason}` });
    }
    return answer;
  }
}

/** Undefined = no answer. */
export async function readKey(
  world: World,
  server: SimServer,
  key: string,
): Promise<KvOutput | undefined> {
  const deadlineMs = 1500;
  const answer = await ask(world, server, {
    patienceMs: 2 * deadlineMs,
    run: async (replica): Promise<KvOutput> => {
      await replica.barrier(deadlineMs);
      const row = replica.state.kv(key);
      if (row === undefined) return { kind: "absent" };
      const { createdRevision, modifiedRevision, version } = row;
      const value = decoder.decode(row.value);
      return { kind: "row", value, createdRevision, modifiedRevision, version };
    },
  });
  return answer.kind === "answer" ? answer.value : undefined;
}

function commandOf(key: string, input: Write): Command {
  const condition = conditionOf(input.condition);
  if (input.kind === "delete") return { kind: "kv-delete", key, condition };
  return { kind: "kv-put", key, value: encoder.encode(input.value), condition };
}

function conditionOf(condition: Write["condition"]): KvCondition {
  if (condition.kind === "value") return { kind: "value", value: encoder.encode(condition.value) };
  if (condition.kind === "revision") {
    return { kind: "revision", revision: condition.revision as never };
  }
  return condition;
}

function outputOf(
  input: Write,
  answer: Extract<Answer<Committed>, { kind: "answer" | "refused" }>,
): KvOutput {
  if (answer.kind === "refused") {
    const { revision } = answer;
    return revision === undefined ? { kind: "refused" } : { kind: "refused", revision };
  }
  const { revision, detail } = answer.value;
  if (detail.kind !== "kv") return { kind: "absent" };
  if (input.kind === "put") return { kind: "put", revision, version: detail.version };
  return { kind: "deleted", revision, existed: detail.existed };
}
