// The sentinels' side door: plain HTTP with a signed body, because the sentinel has no packages. The same calls as
// gRPC's RunnerService.
import type { FastifyInstance } from "fastify";
import { Type } from "typebox";
import { fromHex } from "../../base/bytes.ts";
import { allCalls } from "../calls/all.ts";
import type { Call } from "../calls/call.ts";
import { apiErrors } from "../errors.ts";
import type { DoorModules } from "../services.ts";
import { toJson } from "./json.ts";
import { described } from "./openapi.ts";
import { contextOf } from "./routes.ts";

function callNamed(method: string): Call {
  const call = allCalls.find(
    (candidate) => candidate.service === "runner" && candidate.method === method,
  );
  if (call === undefined) throw apiErrors.INTERNAL(`there is no runner call ${method}`);
  return call;
}

/** The body of a registration; its key is checked apart. */
function registrationOf(bytes: unknown): { readonly key?: unknown } {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes as Uint8Array);
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch (cause) {
    throw apiErrors.BAD_REQUEST("the registration is not a JSON document", { cause });
  }
  throw apiErrors.BAD_REQUEST("the registration is not a JSON object");
}

function keyOf(body: { readonly key?: unknown }): Uint8Array {
  try {
    return fromHex(typeof body.key === "string" ? body.key : "?");
  } catch (cause) {
    throw apiErrors.BAD_REQUEST("key must be hexadecimal", { cause, fields: { field: "key" } });
  }
}

const registration = Type.Object({
  serverId: Type.String(),
  incarnation: Type.String(),
  leaseMs: Type.Integer(),
  key: Type.String({ description: "64 hexadecimal digits" }),
  capacity: Type.Optional(Type.Integer()),
});
const registerRoute = described({
  operationId: "Register",
  summary: "For sentinels: begin a session, with the key that will sign its renewals",
  tag: "runner",
  body: registration,
});
const renewRoute = described({
  operationId: "Renew",
  summary: "For sentinels: renew a lease; the body is a JSON document, signed as it is",
  tag: "runner",
  body: Type.Object({}),
  headers: {
    "x-quorate-signature": { type: "string", description: "HMAC-SHA-256 of the body, hexadecimal" },
  },
});

/** Bodies arrive as bytes (see the content type parser of the door), since the signature covers the exact bytes. */
export function addSentinelRoutes(app: FastifyInstance, modules: DoorModules): void {
  const register = callNamed("Register");
  const renew = callNamed("Renew");
  app.post("/v1/sentinel/register", registerRoute, async (request, reply) => {
    const body = registrationOf(request.body);
    const answering = register.begin(modules);
    const answer = await answering({ ...body, key: keyOf(body) }, contextOf(request));
    return await reply.type("application/json").send(toJson(answer));
  });
  app.post("/v1/sentinel/renew", renewRoute, async (request, reply) => {
    const signature = request.headers["x-quorate-signature"];
    const answering = renew.begin(modules);
    const answer = await answering({ body: request.body, signature }, contextOf(request));
    return await reply.type("application/json").send(toJson(answer));
  });
}
