// What /openapi.json says of a route: for readers only, the calls validate for themselves.
import type { FastifySchema, RouteShorthandOptions } from "fastify";
import type { TSchema } from "typebox";
import type { Call, HttpRoute } from "../calls/call.ts";
import { fieldsOf, openApiSchema } from "./json.ts";

type Properties = Readonly<Record<string, unknown>>;

const bytes = { type: "string", format: "binary" } as const;
const octets = ["application/octet-stream"];

interface Fields {
  readonly properties?: Properties;
  readonly required?: readonly string[];
}

const shown = (schema: TSchema): Fields => openApiSchema(schema);

function propertiesOf(schema: TSchema): Properties {
  return shown(schema).properties ?? {};
}

const isNested = (schema: unknown): boolean =>
  typeof schema === "object" && schema !== null && "type" in schema && schema.type === "object";

const objectOf = (properties: Properties, required: readonly string[] = []): object => ({
  type: "object",
  properties,
  ...(required.length === 0 ? {} : { required }),
});

/** Nested in the request, flat in a query. */
function conditionOf(call: Call): Properties {
  const condition = fieldsOf(call.schema)?.["condition"];
  const fields = condition === undefined ? undefined : fieldsOf(condition);
  if (fields === undefined) return {};
  const { absent, revision } = fields;
  return Object.fromEntries(
    Object.entries({ absent, revision }).map(([name, schema]) => [
      name,
      schema === undefined ? {} : openApiSchema(schema),
    ]),
  );
}

/** What a call takes: in the path, in the query and in the body. */
export function describedCall(call: Call, route: HttpRoute): FastifySchema {
  const inPath = (name: string): boolean =>
    route.path.includes(`:${name}`) || (name === "key" && route.path.endsWith("*"));
  const properties = propertiesOf(call.schema);
  const { required = [] } = shown(call.schema);
  const pick = (keep: (name: string) => boolean): Properties =>
    Object.fromEntries(Object.entries(properties).filter(([name]) => keep(name)));
  const only = (keep: (name: string) => boolean, more: Properties = {}): object =>
    objectOf({ ...pick(keep), ...more }, required.filter(keep));
  // What is nested has no form in a query: it is for gRPC and for bodies.
  const isFlat = (name: string): boolean =>
    !inPath(name) && !isNested(properties[name]) && name !== "requestId" && name !== "condition";
  const isRest = (name: string): boolean => name === "key" && route.path.endsWith("*");
  const inPathShown = Object.entries(pick(inPath)).map(([name, schema]) => [
    isRest(name) ? "*" : name,
    schema,
  ]);
  const head = {
    ...(inPathShown.length === 0
      ? {}
      : { params: objectOf(Object.fromEntries(inPathShown) as Properties) }),
    operationId: call.method,
    summary: route.summary,
    tags: [call.service],
  };
  if (route.rawBody !== undefined) {
    return { ...head, querystring: objectOf(conditionOf(call)), consumes: octets, body: bytes };
  }
  if (route.method === "GET" || route.method === "DELETE") {
    return { ...head, querystring: only(isFlat, conditionOf(call)) };
  }
  return { ...head, body: only((name) => !inPath(name)) };
}

export interface PlainRoute {
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  /** Fields of the query. */
  readonly query?: TSchema;
  /** Names of `query` that are in the path. */
  readonly inPath?: readonly string[];
  /** The body is bytes, or a JSON document of this form. */
  readonly body?: "bytes" | TSchema;
  readonly headers?: Properties;
}

/** The options of a route that is not of the table of calls. */
export function described(route: PlainRoute): RouteShorthandOptions {
  const { operationId, summary, tag, query, inPath = [], body, headers } = route;
  const fields = Object.entries(query === undefined ? {} : propertiesOf(query));
  const flat = fields.filter(([name]) => !inPath.includes(name));
  return {
    schema: {
      operationId,
      summary,
      tags: [tag],
      ...(flat.length === 0 ? {} : { querystring: objectOf(Object.fromEntries(flat)) }),
      ...(headers === undefined ? {} : { headers: objectOf(headers) }),
      ...(body === "bytes" ? { consumes: octets, body: bytes } : {}),
      ...(body === undefined || body === "bytes" ? {} : { body: openApiSchema(body) }),
    },
    validatorCompiler: () => () => true,
  };
}
