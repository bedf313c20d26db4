// Answers to the calls of one control stream, on the same stream's way back: they die with it, so that the caller
// knows at once that it will never know.
import type { ServerDuplexStream } from "@grpc/grpc-js";
import type { Clock } from "../../base/clock.ts";
import type { ErrorRecord } from "../../base/errors.ts";
import type { Logger } from "../../base/logger.ts";
import type { PeerId } from "../../base/numbers.ts";
import { messageBytesMax, type TransportHandlers } from "../contract.ts";
import type { Counters } from "../counters.ts";
import { codedError, transportErrors } from "../errors.ts";
import type { TransportLimits } from "../limits.ts";
import { type CallRequest, encodeResult, resultsKey } from "./frames.ts";
import { LaneWriter } from "./lane-writer.ts";
import { noteRefusal } from "./refusals.ts";

export interface AnswerModules {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly handlers: TransportHandlers;
  readonly stream: ServerDuplexStream<Buffer, Buffer>;
  readonly from: PeerId;
}

export class AnswerStream {
  readonly #limits: TransportLimits;
  readonly #modules: AnswerModules;
  readonly #writer: LaneWriter;
  #running = 0;
  #isClosed = false;

  constructor(limits: TransportLimits, modules: AnswerModules) {
    this.#limits = limits;
    this.#modules = modules;
    this.#writer = new LaneWriter(limits.control, {
      clock: modules.clock,
      write: (frame, flushed) => modules.stream.write(frame, flushed),
    });
  }

  serve(request: CallRequest): void {
    const max = this.#limits.callsInFlightMax;
    if (this.#running >= max) {
      const fields = { limit: "callsInFlightMax", max };
      const text = "too many calls of this peer are running";
      const error = transportErrors.LIMIT_REACHED(text, { fields });
      const by = { peer: this.#modules.from };
      noteRefusal(this.#modules, error, { what: "call refused", by });
      this.#answer(request.id, error.toRecord());
      return;
    }
    this.#running += 1;
    void this.#run(request);
  }

  close(): void {
    this.#isClosed = true;
    this.#writer.close();
  }

  async #run(request: CallRequest): Promise<void> {
    const outcome = await this.#outcome(request);
    this.#running -= 1;
    this.#answer(request.id, outcome);
  }

  async #outcome({ name, payload }: CallRequest): Promise<Uint8Array | ErrorRecord> {
    const { handlers, from, logger } = this.#modules;
    try {
      const answer = await handlers.onCall(from, name, payload);
      if (answer.length <= messageBytesMax) return answer;
      const fields = { bytes: answer.length, messageBytesMax };
      return transportErrors
        .OUTCOME_UNKNOWN(`the answer to ${name} is too large`, { fields })
        .toRecord();
    } catch (thrown) {
      const error = codedError(thrown);
      if (error !== thrown)
        logger.error({ call: name, error: error.message }, "call handler failed");
      return error.toRecord();
    }
  }

  /** What does not fit is dropped: the caller's deadline tells it that the outcome is unknown. */
  #answer(id: number, outcome: Uint8Array | ErrorRecord): void {
    const parts = encodeResult({ id, outcome });
    if (this.#isClosed || this.#writer.push({ key: resultsKey, ...parts, state: "queued" })) return;
    const { counters, logger, from } = this.#modules;
    counters.dropped += 1;
    const { queueBytesMax, queueMessagesMax } = this.#limits.control;
    const fields = { limit: "control queue", queueBytesMax, queueMessagesMax };
    const { code, message } = transportErrors.LIMIT_REACHED("the caller does not read", { fields });
    logger.warn({ ...fields, peer: from, code, reason: "limit", error: message }, "answer dropped");
  }
}
