// Calls of ours that wait for an answer on one control stream. They die with the stream: a call that was handed
// to gRPC may have been carried out, one that still waited in the queue was not.
import type { Cancel, Clock } from "../../base/clock.ts";
import { QuorateError } from "../../base/errors.ts";
import { messageBytesMax } from "../contract.ts";
import { transportErrors } from "../errors.ts";
import { type CallResult, callsKey, encodeCall } from "./frames.ts";
import type { LaneItem } from "./lane-writer.ts";

export interface CallTableModules {
  readonly clock: Clock;
  /** Queues the call on the control lane; false when the lane is full. */
  readonly push: (item: LaneItem) => boolean;
  /** A call was refused here, before anything of it was sent. */
  readonly onRefused: (error: QuorateError) => void;
}

export interface OutgoingCall {
  readonly name: string;
  readonly payload: Uint8Array;
  readonly deadlineMs: number;
}

interface Pending {
  readonly item: LaneItem;
  readonly resolve: (payload: Uint8Array) => void;
  readonly reject: (error: QuorateError) => void;
  readonly cancelDeadline: Cancel;
}

export class CallTable {
  readonly #callsInFlightMax: number;
  readonly #modules: CallTableModules;
  readonly #pending = new Map<number, Pending>();
  #lastId = 0;

  constructor(callsInFlightMax: number, modules: CallTableModules) {
    this.#callsInFlightMax = callsInFlightMax;
    this.#modules = modules;
  }

  /** Errors: see `Transport.call`. */
  call(request: OutgoingCall): Promise<Uint8Array> {
    if (request.payload.length > messageBytesMax) {
      return this.#refuse(tooLarge(request));
    }
    if (this.#pending.size >= this.#callsInFlightMax) {
      return this.#refuse(limitReached("callsInFlightMax", this.#callsInFlightMax));
    }
    this.#lastId += 1;
    const id = this.#lastId;
    const item: LaneItem = {
      key: callsKey,
      ...encodeCall({ id, name: request.name, payload: request.payload }),
      state: "queued",
    };
    if (!this.#modules.push(item)) return this.#refuse(limitReached("control queue"));
    return new Promise((resolve, reject) => {
      const cancelDeadline = this.#modules.clock.after(request.deadlineMs, () => {
        this.#break(id, `no answer to ${request.name} within ${String(request.deadlineMs)} ms`);
      });
      this.#pending.set(id, { item, resolve, reject, cancelDeadline });
    });
  }

  /** An answer from the stream; one that comes after its deadline is ignored. */
  settle(result: CallResult): void {
    const pending = this.#take(result.id);
    if (pending === undefined) return;
    if (result.outcome instanceof Uint8Array) pending.resolve(result.outcome);
    else pending.reject(new QuorateError(result.outcome));
  }

  breakAll(reason: string): void {
    for (const id of [...this.#pending.keys()]) this.#break(id, reason);
  }

  #refuse(error: QuorateError): Promise<never> {
    this.#modules.onRefused(error);
    return Promise.reject(error);
  }

  #break(id: number, reason: string): void {
    const pending = this.#take(id);
    if (pending === undefined) return;
    const wasWritten = pending.item.state === "written";
    if (!wasWritten) pending.item.state = "withdrawn";
    const error = wasWritten ? transportErrors.OUTCOME_UNKNOWN : transportErrors.UNREACHABLE;
    pending.reject(error(reason));
  }

  #take(id: number): Pending | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    pending?.cancelDeadline();
    return pending;
  }
}

function tooLarge(request: OutgoingCall): QuorateError {
  return transportErrors.MESSAGE_TOO_LARGE(`the payload of ${request.name} is too large`, {
    fields: { bytes: request.payload.length, messageBytesMax },
  });
}

function limitReached(limit: string, max?: number): QuorateError {
  return transportErrors.LIMIT_REACHED(`the limit ${limit} is reached`, {
    fields: max === undefined ? { limit } : { limit, max },
  });
}
