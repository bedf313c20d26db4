// Writes, with a request id where the protocol has one: such a write is done once however often it is sent.
import { QuorateError } from "../base/errors.ts";
import type { Caller } from "./caller.ts";
import { type Method, serviceMethods } from "./protocol.ts";
import { WriteWindow } from "./write-window.ts";

export interface WriterOptions {
  readonly isExactlyOnce: boolean;
}

export class Writer {
  readonly #caller: Caller;
  readonly #isExactlyOnce: boolean;
  readonly #window: WriteWindow;

  constructor({ isExactlyOnce }: WriterOptions, caller: Caller) {
    this.#caller = caller;
    this.#isExactlyOnce = isExactlyOnce;
    this.#window = new WriteWindow((untilMs) => this.#openSession(untilMs));
  }

  /** Rejects with kind `unknown` only when nobody can tell whether it was done. */
  async write<Request, Answer>(
    method: Method<Request, Answer>,
    request: Omit<NoInfer<Request>, "requestId">,
    untilMs: number,
  ): Promise<Answer> {
    if (!this.#isExactlyOnce) {
      return await this.#caller.unary({
        method,
        request: request as Request,
        safety: "bare",
        untilMs,
      });
    }
    const ticket = await this.#window.begin(untilMs);
    const { requestId } = ticket;
    try {
      return await this.#caller.unary({
        method,
        request: { ...request, requestId } as Request,
        safety: "once",
        untilMs,
      });
    } catch (error) {
      if (error instanceof QuorateError && error.code === "QUORATE_STATE_UNKNOWN_REQUEST") {
        ticket.disown();
      }
      throw error;
    } finally {
      ticket.end();
    }
  }

  /** A session that was opened twice is only never used: safe to repeat like a read. */
  async #openSession(untilMs: number): Promise<number> {
    const { clientSession } = await this.#caller.unary({
      method: serviceMethods("admin").OpenClientSession,
      request: {},
      safety: "read",
      untilMs,
    });
    return clientSession;
  }
}
