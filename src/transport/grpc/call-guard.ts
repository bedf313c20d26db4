// What happens to a call inside gRPC, before this room sees anything of it. A request of a single message is handed on when
// it is complete: until then its bytes lie in gRPC's memory, whoever sends them. So such requests are counted while they
// arrive and must arrive in time. And gRPC itself ends a call whose message is above the limit, by its length alone: seen
// from here that is a call that nobody ended while its connection lives on.
import { ServerInterceptingCall, type ServerInterceptor } from "@grpc/grpc-js";
import type { Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import { transportErrors } from "../errors.ts";
import { type DoorLimits, grpcMessageBytesMax } from "../limits.ts";
import { noteRefusal, type RefusalModules } from "./refusals.ts";
import { toStatus } from "./status.ts";

export interface CallGuardModules extends RefusalModules {
  readonly clock: Clock;
  readonly onCall: (caller: string) => void;
  /** A peer of this cluster has proved itself on this connection: it does not compete with strangers. */
  readonly isAdmitted: (caller: string) => boolean;
}

type NextCall = Parameters<ServerInterceptor>[1];

export class CallGuard {
  readonly #limits: DoorLimits;
  readonly #modules: CallGuardModules;
  /** Requests that have begun to arrive. */
  #arriving = 0;

  constructor(limits: DoorLimits, modules: CallGuardModules) {
    this.#limits = limits;
    this.#modules = modules;
  }

  readonly intercept: ServerInterceptor = (method, call): ServerInterceptingCall => {
    const caller = call.getPeer();
    this.#modules.onCall(caller);
    let isEnding = false;
    let arrived: () => void = nothing;
    const refuse = (error: QuorateError): void => {
      isEnding = true;
      this.#refuse(call, caller, error);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => {
        if (!method.requestStream) {
          const arrival = this.#arrival(caller, refuse);
          if (arrival === undefined) return;
          arrived = arrival;
        }
        next({
          onReceiveMetadata: (metadata, nextListener) => {
            nextListener(metadata);
          },
          onReceiveMessage: (message, nextListener) => {
            arrived();
            nextListener(message);
          },
          onReceiveHalfClose: (nextListener) => {
            isEnding = true;
            nextListener();
          },
          onCancel: () => {
            arrived();
            // gRPC knows the address of a call's connection as long as the call was not cut off by the other side.
            const isOver = isEnding || call.getPeer() === "unknown";
            if (!isOver && call.getDeadline() === Number.POSITIVE_INFINITY) this.#tooLarge(caller);
          },
        });
      },
      sendMetadata: (metadata, next) => {
        next(metadata);
      },
      sendMessage: (message, next) => {
        next(message);
      },
      sendStatus: (status, next) => {
        isEnding = true;
        next(status);
      },
    });
  };

  /** To be called when the request is here; undefined when there is no room for it. */
  #arrival(caller: string, refuse: (error: QuorateError) => void): (() => void) | undefined {
    const { requestsArrivingMax, requestArrivalMs } = this.#limits;
    if (this.#arriving >= requestsArrivingMax && !this.#modules.isAdmitted(caller)) {
      const fields = { limit: "requestsArrivingMax", max: requestsArrivingMax };
      refuse(transportErrors.LIMIT_REACHED("too many requests arrive at once", { fields }));
      return undefined;
    }
    this.#arriving += 1;
    const cancel = this.#modules.clock.after(requestArrivalMs, () => {
      const fields = { limit: "requestArrivalMs", max: requestArrivalMs };
      refuse(transportErrors.CALLER_SILENT("the request did not arrive in time", { fields }));
    });
    return once(() => {
      cancel();
      this.#arriving -= 1;
    });
  }

  #refuse(call: NextCall, caller: string, error: QuorateError): void {
    noteRefusal(this.#modules, error, { what: "call refused", by: { caller } });
    call.sendStatus(toStatus(error));
  }

  #tooLarge(caller: string): void {
    const fields = { grpcMessageBytesMax };
    const text = "a message was above the limit, or could not be unpacked";
    const error = transportErrors.MESSAGE_TOO_LARGE(text, { fields });
    noteRefusal(this.#modules, error, { what: "call refused", by: { caller } });
  }
}

const nothing = (): void => undefined;

function once(work: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    work();
  };
}
