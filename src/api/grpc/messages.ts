// How grpc-js is kept from reading and writing messages on its own account.
//
// Bytes that are no message of ours: it would answer INTERNAL, without a code, when reading them throws; but it is the
// caller's mistake. So reading never throws: it hands on what happened, and the handler refuses it. And a handler may give
// its answer as bytes, when it wants to know their number first.
import type { MethodDefinition, ServiceDefinition } from "@grpc/grpc-js";
import { assert } from "../../base/assert.ts";
import { apiErrors } from "../errors.ts";

class Unreadable {
  readonly cause: unknown;

  constructor(cause: unknown) {
    this.cause = cause;
  }
}

type Method = MethodDefinition<unknown, unknown>;

function tolerant(method: Method): Method {
  const requestDeserialize = (bytes: Buffer): unknown => {
    try {
      return method.requestDeserialize(bytes);
    } catch (cause) {
      return new Unreadable(cause);
    }
  };
  const responseSerialize = (answer: unknown): Buffer =>
    Buffer.isBuffer(answer) ? answer : method.responseSerialize(answer);
  return { ...method, requestDeserialize, responseSerialize };
}

/** The same service, whose handlers must pass every message that they get through `received`. */
export function tolerantService(service: ServiceDefinition): ServiceDefinition {
  return Object.fromEntries(
    Object.entries(service).map(([name, method]) => [name, tolerant(method as Method)]),
  );
}

/** Makes the bytes of `method`'s answers. */
export function answerEncoder(
  service: ServiceDefinition,
  method: string,
): (answer: unknown) => Buffer {
  const definition = service[method] as Method | undefined;
  assert(definition !== undefined, `the service has a method ${method}`);
  return definition.responseSerialize;
}

/** The message, or BAD_REQUEST when its bytes could not be read. */
export function received(message: unknown): unknown {
  if (!(message instanceof Unreadable)) return message;
  const { cause } = message;
  throw apiErrors.BAD_REQUEST("the bytes of the message are not those of this call's request", {
    cause,
  });
}
