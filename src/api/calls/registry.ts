import { Type } from "typebox";
import { index } from "../../base/numbers.ts";
import { utf8Length } from "../../base/utf8.ts";
import type { ServerView } from "../../registry/contract.ts";
import type { KvCondition } from "../../state/commands.ts";
import type { KvRow } from "../../state/rows.ts";
import { apiErrors } from "../errors.ts";
import {
  Bytes,
  badField,
  type Call,
  callOptions,
  defineCall,
  givenNumber,
  requestIdSchema,
  wholeNumber,
} from "./call.ts";

/** Bound of the request; the state machine has the last word (kvKeyBytesMax, kvValueBytesMax). */
const keyBytesMax = 512;
const valueBytesMax = 64 * 1024;
const listMax = 1000;

/** In bytes, as the state machine counts: also what it would refuse need not go through the log for that. */
const keyText = (options: { readonly minLength?: number; readonly default?: string }) =>
  Type.Refine(
    Type.String(options),
    (value) => utf8Length(value) <= keyBytesMax,
    () => `must be at most ${String(keyBytesMax)} bytes of UTF-8`,
  );
const key = keyText({ minLength: 1 });
const labels = Type.Record(Type.String(), Type.String(), { default: {} });

const roles = ["ROLE_UNSPECIFIED", "ROLE_VOTER", "ROLE_LEARNER", "ROLE_REMOVED"] as const;
const roleSchema = Type.Union(
  roles.map((role) => Type.Literal(role)),
  { default: "ROLE_UNSPECIFIED" },
);

const conditionSchema = Type.Optional(
  Type.Union([
    Type.Null(),
    Type.Object({
      kind: Type.Optional(Type.String()),
      absent: Type.Optional(Type.Boolean()),
      // Without a default: a condition that names no revision must not get one.
      revision: Type.Optional(givenNumber()),
      value: Type.Optional(Bytes(valueBytesMax)),
    }),
  ]),
);

interface ConditionInput {
  readonly absent?: boolean;
  readonly revision?: number;
  readonly value?: Uint8Array;
}

function condition(input: ConditionInput | null | undefined): KvCondition {
  const given = [input?.absent, input?.value, input?.revision].filter((one) => one !== undefined);
  if (given.length > 1)
    throw badField("condition", "has more than one of absent, value and revision");
  if (input?.absent === true) return { kind: "absent" };
  if (input?.value !== undefined) return { kind: "value", value: input.value };
  if (input?.revision !== undefined) return { kind: "revision", revision: index(input.revision) };
  return { kind: "none" };
}

const upper = (prefix: string, word: string): string => `${prefix}_${word.toUpperCase()}`;

export interface ServerAnswer {
  readonly serverId: string;
  readonly role: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A server's record and its liveness, in the shape of the protobuf message. */
export function serverAnswer({ row, liveness, session, leader }: ServerView): ServerAnswer {
  const { profile, peerId, role, wasVoter, admin, reason, modifiedRevision } = row;
  return {
    ...profile,
    peerId,
    role: upper("ROLE", role),
    wasVoter,
    liveness: upper("LIVENESS", liveness),
    leader,
    adminState: admin,
    reason,
    session,
    modifiedRevision,
  } as ServerAnswer;
}

function kvAnswer({ key: name, value, createdRevision, modifiedRevision, version }: KvRow): object {
  return { key: name, value, createdRevision, modifiedRevision, version };
}

export const registryCalls: readonly Call[] = [
  defineCall({
    service: "registry",
    method: "ListServers",
    http: {
      method: "GET",
      path: "/v1/servers",
      summary: "All servers with roles, addresses and liveness",
    },
    request: Type.Object({ role: roleSchema, labels }),
    handle: async (services, request, context) => {
      // Read first: whoever watches from this revision on may see something again, and misses nothing.
      const { revision } = services.replica;
      const views = await services.members.list(callOptions(context));
      const servers = views.map(serverAnswer).filter((server) => {
        const asked =
          request.role === "ROLE_UNSPECIFIED"
            ? server.role !== "ROLE_REMOVED"
            : server.role === request.role;
        return (
          asked &&
          Object.entries(request.labels).every(([name, value]) => server.labels[name] === value)
        );
      });
      return { servers, revision };
    },
  }),
  defineCall({
    service: "registry",
    method: "Put",
    http: {
      method: "PUT",
      path: "/v1/kv/*",
      rawBody: "value",
      summary:
        "Write a key: the body is the value; ?absent=true or ?revision=N makes it a compare-and-set",
    },
    request: Type.Object({
      key,
      value: Bytes(valueBytesMax),
      condition: conditionSchema,
      requestId: requestIdSchema,
    }),
    handle: (services, request, context) =>
      services.kv.put(
        { key: request.key, value: request.value, condition: condition(request.condition) },
        callOptions(context, request.requestId),
      ),
  }),
  defineCall({
    service: "registry",
    method: "Get",
    http: {
      method: "GET",
      path: "/v1/kv/*",
      summary: "Read a key; linearizable unless ?stale=true",
    },
    request: Type.Object({ key, stale: Type.Boolean({ default: false }) }),
    handle: async (services, { key: name, stale }, context) => {
      const row = await services.kv.get(name, { ...callOptions(context), stale });
      if (row === undefined)
        throw apiErrors.UNKNOWN_KEY(`there is no key "${name}"`, { fields: { key: name } });
      return { kv: kvAnswer(row) };
    },
  }),
  defineCall({
    service: "registry",
    method: "Delete",
    http: { method: "DELETE", path: "/v1/kv/*", summary: "Delete a key" },
    request: Type.Object({ key, condition: conditionSchema, requestId: requestIdSchema }),
    handle: (services, request, context) =>
      services.kv.delete(
        { key: request.key, condition: condition(request.condition) },
        callOptions(context, request.requestId),
      ),
  }),
  defineCall({
    service: "registry",
    method: "List",
    http: {
      method: "GET",
      path: "/v1/kv",
      summary:
        "Keys with a prefix, a page at a time: when the answer says `more`, go on with ?after=LAST_KEY",
    },
    request: Type.Object({
      prefix: keyText({ default: "" }),
      stale: Type.Boolean({ default: false }),
      limit: wholeNumber(listMax),
      after: keyText({ default: "" }),
    }),
    handle: async (services, { prefix, stale, limit, after }, context) => {
      const page = limit === 0 ? listMax : limit;
      const options = { ...callOptions(context), stale, after, limit: page + 1 };
      const rows = await services.kv.list(prefix, options);
      return {
        kvs: rows.slice(0, page).map(kvAnswer),
        revision: services.replica.revision,
        more: rows.length > page,
      };
    },
  }),
];
