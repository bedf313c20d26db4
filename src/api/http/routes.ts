// REST from the table of calls: one route per call that has one. Path parameters, query and JSON body together are
// the request; what it has no place for is refused here, what the schema cannot use by the call.
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import {
  type Call,
  type CallContext,
  callDeadlineMsDefault,
  callDeadlineMsMax,
  type HttpRoute,
} from "../calls/call.ts";
import { apiErrors } from "../errors.ts";
import type { DoorModules } from "../services.ts";
import { fieldsOf, fromText, requestFromJson, toJson } from "./json.ts";
import { describedCall } from "./openapi.ts";

const actorCharsMax = 100;
/** Names in a query for what is nested in the request. */
const conditionNames = ["absent", "revision"] as const;

type Texts = Readonly<Record<string, unknown>>;

export function contextOf(request: FastifyRequest): CallContext {
  const { "x-quorate-actor": said, "x-quorate-deadline-ms": deadline } = request.headers;
  const name = typeof said === "string" ? said.slice(0, actorCharsMax) : "http";
  const wanted = Number(deadline ?? callDeadlineMsDefault);
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw apiErrors.BAD_REQUEST("x-quorate-deadline-ms must be a whole number of milliseconds");
  }
  return { actor: `${name}@${request.ip}`, deadlineMs: Math.min(wanted, callDeadlineMsMax) };
}

/** `?absent=true` and `?revision=N`, where the request has a condition. */
function withCondition(call: Call, query: Texts): Texts {
  const schema = fieldsOf(call.schema)?.["condition"];
  const given = conditionNames.filter((name) => query[name] !== undefined);
  if (schema === undefined || given.length === 0) return query;
  const fields = fieldsOf(schema);
  const rest = Object.entries(query).filter(([name]) => !given.some((one) => one === name));
  const condition = given.map((name) => [name, fromText(fields?.[name], query[name])]);
  return { ...Object.fromEntries(rest), condition: Object.fromEntries(condition) as Texts };
}

function params(request: FastifyRequest): Texts {
  const { "*": key, ...rest } = request.params as Readonly<Record<string, string>>;
  return key === undefined ? rest : { ...rest, key };
}

function bodyOf(route: HttpRoute, request: FastifyRequest): Texts {
  const { body } = request;
  if (route.rawBody !== undefined) return { [route.rawBody]: body ?? new Uint8Array() };
  if (body === undefined || body === null) return {};
  if (typeof body !== "object" || body instanceof Uint8Array || Array.isArray(body)) {
    throw apiErrors.BAD_REQUEST("the body must be a JSON object (content-type: application/json)");
  }
  return body as Texts;
}

function inputOf(call: Call, route: HttpRoute, request: FastifyRequest): unknown {
  const query = withCondition(call, request.query as Texts);
  const texts = Object.entries({ ...query, ...params(request) });
  const fields = fieldsOf(call.schema);
  const said = texts.map(([name, text]) => [name, fromText(fields?.[name], text)]);
  const json = { ...bodyOf(route, request), ...(Object.fromEntries(said) as Texts) };
  return requestFromJson(call.schema, json);
}

export function addRoutes(
  app: FastifyInstance,
  calls: readonly Call[],
  modules: DoorModules,
): void {
  for (const call of calls) {
    const { http } = call;
    if (http === undefined) continue;
    app.route({
      method: http.method,
      url: http.path,
      schema: describedCall(call, http),
      // Validation is the call's, once for both doors; fastify's copy of the schema is for OpenAPI only.
      validatorCompiler: () => () => true,
      preHandler: (_request, _reply, done) => {
        modules.turns.run(done);
      },
      handler: async (request: FastifyRequest, reply: FastifyReply) => {
        const answering = call.begin(modules);
        const answer = await answering(inputOf(call, http, request), contextOf(request));
        return await reply.type("application/json").send(toJson(answer));
      },
    });
  }
}
