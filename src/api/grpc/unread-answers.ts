// Answers that lie in this process because their callers do not read them. Streams stop when nobody reads; an answer of
// a single message is handed to HTTP/2 whole, and stays in memory until the caller's window lets it go. So these
// are counted, and above a bound further ones are refused, whoever asks: the server's memory is shared by all.
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import type { Logger } from "../../base/logger.ts";
import { KiB } from "../../base/units.ts";
import { apiErrors } from "../errors.ts";
import { type ServiceStatus, serviceError } from "./status.ts";

/**
 * Answers to writes are smaller than this: whoever changed something is always told. All other ones that are refused are
 * answers to reads, which can be asked for again.
 */
export const smallAnswerBytesMax: number = 256 * KiB;

export interface UnreadAnswersOptions {
  readonly unreadAnswerBytesMax: number;
}

export class UnreadAnswers {
  readonly #options: UnreadAnswersOptions;
  readonly #logger: Logger;
  #bytes = 0;
  #refused = 0;

  constructor(options: UnreadAnswersOptions, modules: { readonly logger: Logger }) {
    this.#options = options;
    this.#logger = modules.logger;
  }

  /** Handed to HTTP/2 and not taken by their callers yet. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts the answers that handlers give as bytes. A small one, and one alone, is always given. */
  readonly intercept: ServerInterceptor = (method, call): ServerInterceptingCall => {
    if (method.responseStream) return new ServerInterceptingCall(call);
    let held = 0;
    const release = (): void => {
      this.#bytes -= held;
      held = 0;
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, nextListener) => {
            nextListener(metadata);
          },
          onReceiveMessage: (message, nextListener) => {
            nextListener(message);
          },
          onReceiveHalfClose: (nextListener) => {
            nextListener();
          },
          onCancel: release,
        });
      },
      sendMetadata: (metadata, next) => {
        next(metadata);
      },
      sendMessage: (message: unknown, next) => {
        const bytes = message instanceof Uint8Array ? message.length : 0;
        if (this.#isFull(bytes)) {
          call.sendStatus(this.#refusal(call.getPeer(), method.path));
          return;
        }
        held = bytes;
        this.#bytes += bytes;
        next(message);
      },
      // Comes when the message has left, or in its place.
      sendStatus: (status, next) => {
        release();
        next(status);
      },
    });
  };

  #isFull(bytes: number): boolean {
    if (bytes <= smallAnswerBytesMax || this.#bytes === 0) return false;
    return this.#bytes + bytes > this.#options.unreadAnswerBytesMax;
  }

  #refusal(caller: string, method: string): ServiceStatus {
    const max = this.#options.unreadAnswerBytesMax;
    const fields = { limit: "unreadAnswerBytesMax", max };
    const error = apiErrors.ANSWERS_UNREAD("callers do not read their answers", { fields });
    this.#refused += 1;
    const { code, message } = error;
    const { limit } = fields;
    this.#logger.warn(
      { ...fields, code, reason: limit, caller, method, refused: this.#refused, error: message },
      "answer refused",
    );
    return serviceError(error);
  }
}
