// One call, defined once, for every door: its schema (validation, OpenAPI), its place in the gRPC services and in
// REST, and its handler. Requests and answers have the shape of the protobuf messages in camelCase; bytes are
// Uint8Array here and become base64 only where JSON travels.
import { type Static, type TSchema, Type } from "typebox";
import { Compile } from "typebox/compile";
import { Value } from "typebox/value";
import type { CallOptions } from "../../registry/contract.ts";
import { apiErrors } from "../errors.ts";
import { readyServices } from "../ready.ts";
import type { ApiServices, DoorModules } from "../services.ts";

/** How long a call may take when its caller does not say. */
export const callDeadlineMsDefault = 10_000;
export const callDeadlineMsMax = 600_000;

export interface CallContext {
  /** Who asks: `grpc:<peer address>` or `http:<address>`, with what the caller says about itself. */
  readonly actor: string;
  readonly deadlineMs: number;
}

export type GrpcService = "admin" | "registry" | "resource" | "job" | "runner";

export interface HttpRoute {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path with `:params`; parameters, query and body are merged into the request, in this order of weight. */
  readonly path: string;
  /** For OpenAPI. */
  readonly summary: string;
  /** The body's raw bytes become this field instead of being read as JSON. */
  readonly rawBody?: string;
}

interface CallBase<Request extends TSchema> {
  readonly service: GrpcService;
  readonly method: string;
  readonly http?: HttpRoute;
  readonly request: Request;
}

export interface CallDefinition<Request extends TSchema, Answer> extends CallBase<Request> {
  handle(services: ApiServices, request: Static<Request>, context: CallContext): Promise<Answer>;
}

export interface EarlyCallDefinition<Request extends TSchema, Answer> extends CallBase<Request> {
  handle(modules: DoorModules, request: Static<Request>): Promise<Answer>;
}

/** A call with its schema compiled and its types erased: what doors work with. */
export interface Call {
  readonly service: GrpcService;
  readonly method: string;
  readonly http: HttpRoute | undefined;
  readonly schema: TSchema;
  /** What answers it now. Throws NOT_READY when that takes a member of a cluster, and this server is none. */
  begin(modules: DoorModules): Answering;
}

/** Validates `input` (defaults filled in) and runs the handler. */
export type Answering = (input: unknown, context: CallContext) => Promise<unknown>;

/**
 * The one validation, for calls and streams: fills in defaults and returns the request, or throws BAD_REQUEST with the
 * field's name. Nothing is converted: a fraction must not pass for the whole number before it.
 */
export function checker<Request extends TSchema>(
  schema: Request,
): (input: unknown) => Static<Request> {
  const validator = Compile(schema);
  return (input) => {
    const value: unknown = Value.Default(schema, input);
    if (validator.Check(value)) return value;
    throw asBadField(validator.Errors(value));
  };
}

/** One of a validator's complaints (the JSON Schema output format of typebox). */
interface Complaint {
  readonly keyword: string;
  readonly instancePath: string;
  readonly message: string;
  readonly params: object;
}

/** The first complaint that helps: a union complains of each of its members in turn. */
function asBadField(complaints: readonly Complaint[]): Error {
  const isNull = ({ params }: Complaint): boolean => "type" in params && params.type === "null";
  const first = complaints.find((each) => !isNull(each)) ?? complaints[0];
  const path = first?.instancePath ?? "";
  const allowed = complaints.flatMap(({ instancePath, params }) =>
    instancePath === path && "allowedValue" in params && params.allowedValue !== ""
      ? [String(params.allowedValue)]
      : [],
  );
  const problem =
    allowed.length > 0
      ? `must be one of ${allowed.join(", ")}`
      : (first?.message ?? "is not valid");
  return badField(path.replace(/^\//, "").replaceAll("/", "."), problem);
}

export function badField(field: string, problem: string): Error {
  return apiErrors.BAD_REQUEST(`${field === "" ? "the request" : field} ${problem}`, {
    fields: { field },
  });
}

function callOf<Request extends TSchema>(
  { service, method, http, request: schema }: CallBase<Request>,
  begin: (
    modules: DoorModules,
  ) => (input: Static<Request>, context: CallContext) => Promise<unknown>,
): Call {
  const check = checker(schema);
  return {
    service,
    method,
    http,
    schema,
    begin: (modules) => {
      const answering = begin(modules);
      return async (input, context) => await answering(check(input), context);
    },
  };
}

export function defineCall<Request extends TSchema, Answer>(
  definition: CallDefinition<Request, Answer>,
): Call {
  return callOf(definition, (modules) => {
    const services = readyServices(modules.services);
    return (request, context) => definition.handle(services, request, context);
  });
}

/** A call that is answered by every server, whether it belongs to a cluster or not. */
export function defineEarlyCall<Request extends TSchema, Answer>(
  definition: EarlyCallDefinition<Request, Answer>,
): Call {
  return callOf(definition, (modules) => (request) => definition.handle(modules, request));
}

/** Options of the rooms' services from a call's context and its request id. */
export function callOptions(context: CallContext, requestId?: RequestId | null): CallOptions {
  const { actor, deadlineMs } = context;
  if (requestId?.sequence === 0 && requestId.clientSession !== 0)
    throw badField("requestId.sequence", "counts from 1");
  return requestId === undefined || requestId === null || requestId.clientSession === 0
    ? { actor, deadlineMs }
    : { actor, deadlineMs, request: requestId };
}

/** Marks a schema node as bytes, for the JSON side of the doors. */
export const bytesMark = "x-bytes";

const isBytes = (value: unknown): boolean => value instanceof Uint8Array;

export function Bytes(maxBytes: number): ReturnType<typeof Type.Unsafe<Uint8Array>> {
  const node = Type.Refine(
    Type.Unsafe<Uint8Array>({ [bytesMark]: true }),
    (value) => isBytes(value) && value.length <= maxBytes,
    () => `must be at most ${String(maxBytes)} bytes`,
  );
  return node;
}

export const wholeNumber = (
  maximum: number = Number.MAX_SAFE_INTEGER,
): ReturnType<typeof Type.Integer> => Type.Integer({ minimum: 0, maximum, default: 0 });

/** A whole number that has no default: its absence means something. */
export const givenNumber = (): ReturnType<typeof Type.Integer> =>
  Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

export const requestIdSchema = Type.Optional(
  Type.Union([
    Type.Null(),
    Type.Object({
      clientSession: wholeNumber(),
      sequence: wholeNumber(),
      acknowledged: wholeNumber(),
    }),
  ]),
);

export interface RequestId {
  readonly clientSession: number;
  readonly sequence: number;
  readonly acknowledged: number;
}

export const emptyRequest = Type.Object({});
