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
  QUORATE_API_HEADERS_TOO_LARGE: 431,
  QUORATE_API_RANGE_NOT_SATISFIABLE: 416,
  QUORATE_API_REQUEST_TOO_SLOW: 408,
  QUORATE_API_UNSUPPORTED_MEDIA_TYPE: 415,
  QUORATE_RESOURCES_TOO_LARGE: 413,
};

const tooLarge = "FST_ERR_CTP_BODY_TOO_LARGE";
const mediaType = "FST_ERR_CTP_INVALID_MEDIA_TYPE";

function isFastifyError(thrown: unknown): thrown is FastifyError {
  return thrown instanceof Error && "code" in thrown && "statusCode" in thrown;
}

/** fastify's own refusals (malformed JSON, body too large) in our terms. */
export function codedHttp(thrown: unknown): QuorateError {
  if (thrown instanceof QuorateError) return thrown;
  if (isFastifyError(thrown) && (thrown.statusCode ?? 500) < 500) {
    if (thrown.code === tooLarge)
      return apiErrors.BODY_TOO_LARGE(thrown.message, { cause: thrown });
    return thrown.code === mediaType
      ? apiErrors.UNSUPPORTED_MEDIA_TYPE(
          "the content-type of the body is not one that is read here",
          {
            cause: thrown,
          },
        )
      : apiErrors.BAD_REQUEST(thrown.message, { cause: thrown });
  }
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return apiErrors.INTERNAL(`unexpected: ${text}`, { cause: thrown });
}

export const problemType = "application/problem+json";

interface Problem {
  readonly status: number;
  readonly text: string;
}

/** The document of an error, and the status it goes with. */
export function problemOf({ code, kind, message, help, fields }: QuorateError): Problem {
  const status = statusByCode[code] ?? statusByKind[kind];
  const type = `urn:quorate:error:${code}`;
  const document = { type, title: kind, status, detail: message, code, kind, help, fields };
  return { status, text: JSON.stringify(document) };
}

/** The form of that document, for /openapi.json. */
export const problemSchema = {
  type: "object",
  required: ["type", "title", "status", "detail", "code", "kind", "help"],
  properties: {
    type: { type: "string", description: "urn:quorate:error:CODE" },
    title: { type: "string", description: "the same as kind" },
    status: { type: "integer" },
    detail: { type: "string", description: "what is wrong" },
    code: { type: "string", pattern: "^QUORATE_[A-Z0-9_]+$" },
    kind: { type: "string", enum: Object.keys(statusByKind) },
    help: { type: "string", description: "what to do" },
    fields: { type: "object", description: "what the code is about, e.g. the field" },
  },
} as const;

export async function sendProblem(reply: FastifyReply, error: QuorateError): Promise<void> {
  dropUnreadBody(reply);
  const { status, text } = problemOf(error);
  if (status === 503) reply.header("retry-after", "1");
  await reply.code(status).type(problemType).send(text);
}
