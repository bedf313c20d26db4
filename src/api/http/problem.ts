// Errors as RFC 9457 problem documents with our code and what to do.
import type { FastifyError, FastifyReply } from "fastify";
import { type ErrorKind, QuorateError } from "../../base/errors.ts";
import { apiErrors } from "../errors.ts";
import { dropUnreadBody } from "./unread-body.ts";

const statusByKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  "not-found": 404,
  "already-exists": 409,
  conflict: 412,
  precondition: 409,
  forbidden: 403,
  exhausted: 429,
  unavailable: 503,
  unknown: 504,
  corrupt: 500,
  internal: 500,
};

/** Where HTTP has a word of its own that says more than the kind. */
const statusByCode: Readonly<Record<string, number>> = {
  QUORATE_API_BODY_TOO_LARGE: 413,
  QUORATE_API_RANGE_NOT_SATISFIABLE: 416,
  QUORATE_RESOURCES_TOO_LARGE: 413,
};

const tooLarge = "FST_ERR_CTP_BODY_TOO_LARGE";

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && "code" in thrown && "statusCode" in thrown;
}

/** fastify's own refusals (malformed JSON, body too large) in our terms. */
export function codedHttp(thrown: unknown): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  if (isFastifyError(thrown) && (thrown.statusCode ?? 500) < 500) {
    return thrown.code === tooLarge
      ? apiErrors.BODY_TOO_LARGE(thrown.message, { cause: thrown })
      : apiErrors.BAD_REQUEST(thrown.message, { cause: thrown });
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return apiErrors.INTERNAL(`unexpected: ${text}`, { cause: thrown });
}

export async function sendProblem(reply: FastifyReply, error: QuorateError): Promise<void> {
  const { code, kind, message, help, fields } = error;
  dropUnreadBody(reply);
  const status = statusByCode[code] ?? statusByKind[kind];
  if (status === 503) reply.header("retry-after", "1");
  await reply
    .code(status)
    .type("application/problem+json")
    .send(
      JSON.stringify({
        type: `urn:quorate:error:${code}`,
        title: kind,
        status,
        detail: message,
        code,
        kind,
        help,
        fields,
      }),
    );
}
