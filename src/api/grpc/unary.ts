// From a call of the table to a gRPC handler: context from the metadata, validation and work in the call, errors as
// status. The translation is all there is.
import type { ServerUnaryCall, sendUnaryData, UntypedHandleCall } from "@grpc/grpc-js";
import type { Logger } from "../../base/logger.ts";
import { MiB } from "../../base/units.ts";
import {
  type Call,
  type CallContext,
  callDeadlineMsDefault,
  callDeadlineMsMax,
} from "../calls/call.ts";
import { apiErrors } from "../errors.ts";
import type { DoorModules } from "../services.ts";
import { received } from "./messages.ts";
import { coded, serviceError } from "./status.ts";
import { withoutUnset } from "./unset.ts";

/** What every kind of gRPC call has. */
interface AnyCall {
  getPeer(): string;
  getDeadline(): Date | number;
  readonly metadata: { get(name: string): (string | Buffer)[] };
}

const actorCharsMax = 100;
/** Kept back of the caller's deadline, a tenth of it at most, so that a coded answer arrives before the caller gives up. */
const answerReserveMsMax = 200;

function leftMs(deadline: Date | number): number {
  const untilMs = (typeof deadline === "number" ? deadline : deadline.getTime()) - Date.now();
  if (!Number.isFinite(untilMs)) return callDeadlineMsDefault;
  const reserveMs = Math.min(answerReserveMsMax, untilMs / 10);
  return Math.min(Math.max(untilMs - reserveMs, 1), callDeadlineMsMax);
}

/** The caller's deadline, and who it says it is (metadata `quorate-actor`). */
export function contextOf(call: AnyCall): CallContext {
  const [said] = call.metadata.get("quorate-actor");
  const name = typeof said === "string" ? said.slice(0, actorCharsMax) : "grpc";
  return { actor: `${name}@${call.getPeer()}`, deadlineMs: leftMs(call.getDeadline()) };
}

export function logIfDefect(logger: Logger, thrown: unknown, method: string): void {
  const error = coded(thrown);
  if (error.kind !== "internal") return;
  const cause = error.cause instanceof Error ? error.cause.stack : undefined;
  logger.error(
    { method, code: error.code, message: error.message, cause },
    "call failed by a defect",
  );
}

/** Largest answer: a list of some ten thousands of jobs. */
export const answerBytesMax: number = 64 * MiB;

/** Answers are given as bytes, so that what they cost is known; `encode` makes them. */
export function unaryHandler(
  call: Call,
  encode: (answer: unknown) => Buffer,
  modules: DoorModules,
): UntypedHandleCall {
  const encoded = (value: unknown): Buffer => {
    const bytes = encode(value);
    if (bytes.length <= answerBytesMax) return bytes;
    const fields = { limit: "answerBytesMax", max: answerBytesMax, size: bytes.length };
    throw apiErrors.ANSWER_TOO_LARGE("the answer is too large for one message", { fields });
  };
  type Request = ServerUnaryCall<unknown, unknown>;
  const handle = async (request: Request, answer: sendUnaryData<unknown>): Promise<void> => {
    try {
      const answering = call.begin(modules);
      const message = withoutUnset(call.schema, received(request.request));
      answer(null, encoded(await answering(message, contextOf(request))));
    } catch (thrown) {
      logIfDefect(modules.logger, thrown, call.method);
      answer(serviceError(thrown));
    }
  };
  return (request: Request, answer: sendUnaryData<unknown>) => {
    modules.turns.run(() => void handle(request, answer));
  };
}
