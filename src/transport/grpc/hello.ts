// Hello is a call of its own on a connection of its own: the two servers are not peers yet.
import {
  type Client,
  Metadata,
  type ServerUnaryCall,
  type ServiceError,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { DecodeError } from "../../base/bytes.ts";
import type { Clock } from "../../base/clock.ts";
import type { QuorateError } from "../../base/errors.ts";
import type { TransportHandlers } from "../contract.ts";
import { codedError, transportErrors } from "../errors.ts";
import { decodeHello, encodeHello } from "./frames.ts";
import { noteRefusal, type RefusalModules } from "./refusals.ts";
import { asIs, paths } from "./service.ts";
import { fromStatus, toStatus } from "./status.ts";

export interface Question {
  readonly address: string;
  readonly request: Uint8Array;
  readonly deadlineMs: number;
}

/** Asks over `client` and closes it. Rejects with the answerer's coded error or with UNREACHABLE. */
export async function askHello(
  question: Question,
  client: Client,
  clock: Clock,
): Promise<Uint8Array> {
  try {
    return decodeHello(await unary(question, client, clock));
  } catch (cause) {
    if (!(cause instanceof DecodeError)) throw cause;
    throw transportErrors.MESSAGE_DAMAGED("damaged answer to hello", { cause });
  } finally {
    client.close();
  }
}

function unary(question: Question, client: Client, clock: Clock): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const request = encodeHello(question.request);
    const answered = (error: ServiceError | null, answer?: Buffer): void => {
      cancelDeadline();
      if (error === null && answer !== undefined) resolve(answer);
      else reject(helloFailed(question.address, error));
    };
    const metadata = new Metadata();
    const call = client.makeUnaryRequest(paths.hello, asIs, asIs, request, metadata, answered);
    const cancelDeadline = clock.after(question.deadlineMs, () => {
      call.cancel();
    });
  });
}

function helloFailed(address: string, error: ServiceError | null): QuorateError {
  const coded = error === null ? undefined : fromStatus(error);
  const details = { fields: { address }, cause: error ?? undefined };
  return coded ?? transportErrors.UNREACHABLE(`no answer from ${address}`, details);
}

export interface HelloModules extends RefusalModules {
  readonly handlers: TransportHandlers;
}

/** Answers one hello with what the handler says, or with its coded error. */
export async function answerHello(
  call: ServerUnaryCall<Buffer, Buffer>,
  send: sendUnaryData<Buffer>,
  modules: HelloModules,
): Promise<void> {
  try {
    send(null, encodeHello(await modules.handlers.onHello(decodeHello(call.request))));
  } catch (thrown) {
    if (!(thrown instanceof DecodeError)) {
      send(toStatus(codedError(thrown)));
      return;
    }
    const error = transportErrors.MESSAGE_DAMAGED("damaged hello", { cause: thrown });
    noteRefusal(modules, error, { what: "call refused", by: { caller: call.getPeer() } });
    send(toStatus(error));
  }
}
