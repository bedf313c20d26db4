// Every call goes through here: choose an address, connect, try, and let the course of the call decide what follows. A
// server that answered is kept for the next call.
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, Metadata } from "@grpc/grpc-js";
import { Channels, checkAddresses } from "./channels.ts";
import { Course, type Safety } from "./course.ts";
import { clientErrors } from "./errors.ts";
import { type Failure, failureOf, unreachable } from "./failure.ts";
import type { Method } from "./protocol.ts";

/** A silent server holds up a call that can be repeated for at most this long, as long as there is another one. */
const attemptMsMax = 3000;
/** A repetition with less time than this would only turn a definite answer into an unknown outcome. */
const repeatMsMin = 20;
const connectMsMax = 2000;
const actorCharsMax = 100;

export interface CallerOptions {
  readonly addresses: readonly string[];
  readonly actor: string;
}

export interface Link {
  readonly client: Client;
  readonly address: string;
  readonly metadata: Metadata;
  /** Date.now() at which this attempt ends. */
  readonly untilMs: number;
  /** Has `call` cancelled when the client is closed; the answer ends that. */
  track(call: Cancellable): () => void;
}

interface Cancellable {
  cancel(): void;
}

export interface Attempts<Answer> {
  readonly safety: Safety;
  /** Date.now() at which the whole call ends. */
  readonly untilMs: number;
  /** Only this server may answer. */
  readonly address?: string;
  /** An attempt may take as long as the call: it goes on after it was answered. */
  readonly isWholeCall?: boolean;
  /** False once an attempt has used up what it would send. */
  readonly isRepeatable?: () => boolean;
  readonly attempt: (link: Link) => Promise<Answer>;
}

export interface UnaryCall<Request, Answer> {
  readonly method: Method<Request, Answer>;
  readonly request: Request;
  readonly safety: Safety;
  readonly untilMs: number;
  readonly address?: string;
}

/** Metadata travels as printable ASCII. */
const printable = (text: string): string =>
  text.replace(/[^\x20-\x7e]/g, "?").slice(0, actorCharsMax);

type Tried<Answer> = { readonly answer: Answer } | { readonly failure: Failure };

export class Caller {
  readonly #addresses: readonly string[];
  readonly #metadata = new Metadata();
  readonly #channels = new Channels();
  readonly #underWay = new Set<Cancellable>();
  #current = 0;

  constructor({ addresses, actor }: CallerOptions) {
    this.#addresses = addresses;
    if (actor !== "") this.#metadata.set("quorate-actor", printable(actor));
  }

  close(): void {
    this.#channels.close();
    for (const call of this.#underWay) call.cancel();
  }

  unary<Request, Answer>(call: UnaryCall<Request, Answer>): Promise<Answer> {
    const { method, request, safety, untilMs, address } = call;
    return this.run({
      safety,
      untilMs,
      ...(address === undefined ? {} : { address }),
      attempt: (link) => once(link, method, request),
    });
  }

  /** Rejects with a QuorateError: a server's, or one of clientErrors. */
  async run<Answer>(call: Attempts<Answer>): Promise<Answer> {
    const { safety, untilMs, isRepeatable = () => true } = call;
    if (call.address !== undefined) checkAddresses([call.address]);
    const addresses = call.address === undefined ? this.#addresses : [call.address];
    const course = new Course({
      safety,
      startMs: Date.now(),
      untilMs,
      addresses: addresses.length,
    });
    for (;;) {
      if (this.#channels.hasClosed()) throw clientErrors.CLOSED("the client is closed");
      const address = addresses[this.#current % addresses.length] ?? "";
      const tried = await this.#try(call, { address, isOnlyOne: addresses.length === 1 });
      if ("answer" in tried) return tried.answer;
      const mayRetry = course.mayRetry(tried.failure, Date.now());
      if (!mayRetry || !isRepeatable() || this.#channels.hasClosed()) {
        throw course.conclusion(tried.failure);
      }
      // Another call may have moved on already.
      if (addresses[this.#current % addresses.length] === address) this.#current += 1;
      await sleep(Math.min(course.pauseMs(Math.random()), Math.max(0, untilMs - Date.now())));
      if (untilMs - Date.now() < repeatMsMin) throw course.conclusion(tried.failure);
    }
  }

  async #try<Answer>(
    call: Attempts<Answer>,
    { address, isOnlyOne }: { readonly address: string; readonly isOnlyOne: boolean },
  ): Promise<Tried<Answer>> {
    const nowMs = Date.now();
    const client = await this.#channels.connect(
      address,
      Math.min(call.untilMs, nowMs + connectMsMax),
    );
    if (client === undefined) return { failure: unreachable(address) };
    const isWhole = isOnlyOne || call.safety === "bare" || call.isWholeCall === true;
    // The deadline may have passed while dialling; a call sent now would only leave doubt.
    if (Date.now() >= call.untilMs) return { failure: unreachable(address) };
    const untilMs = isWhole ? call.untilMs : Math.min(call.untilMs, Date.now() + attemptMsMax);
    try {
      return { answer: await call.attempt(this.#link(client, { address, untilMs })) };
    } catch (thrown) {
      return { failure: failureOf(thrown, address) };
    }
  }

  #link(
    client: Client,
    { address, untilMs }: { readonly address: string; readonly untilMs: number },
  ): Link {
    return {
      client,
      address,
      metadata: this.#metadata,
      untilMs,
      track: (call) => {
        this.#underWay.add(call);
        return () => this.#underWay.delete(call);
      },
    };
  }
}

function once<Request, Answer>(
  link: Link,
  method: Method<Request, Answer>,
  request: Request,
): Promise<Answer> {
  const { client, metadata, untilMs } = link;
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      method.path,
      (value: Request) => method.requestSerialize(value),
      (bytes) => method.responseDeserialize(bytes),
      request,
      metadata,
      { deadline: untilMs },
      (error, answer) => {
        ended();
        if (error === null && answer !== undefined) resolve(answer);
        else reject(error ?? clientErrors.BAD_ANSWER(`${method.path} was answered with nothing`));
      },
    );
    const ended = link.track(call);
  });
}
