import { Type } from "typebox";
import type { ResourceVersionRow } from "../../state/rows.ts";
import { type Call, callOptions, defineCall, emptyRequest, givenNumber } from "./call.ts";

const name = Type.String({ minLength: 1, maxLength: 300 });
const namespace = Type.String({ maxLength: 128, default: "" });
const version = Type.String({ maxLength: 80, default: "" });

export const orDefault = (space: string): string => (space === "" ? "default" : space);

/** A selector that is left out, so that a refusal can name it as well. */
export const orLatest = (version: string): string => (version === "" ? "latest" : version);

/** A version in the shape of the protobuf message. */
export function versionAnswer(row: ResourceVersionRow): object {
  const { kind, digest, sizeBytes, chunks } = row.manifest;
  const { note, createdRevision, createdAtMs, createdBy } = row;
  return {
    namespace: row.namespace,
    name: row.name,
    version: row.version,
    kind,
    digest,
    sizeBytes,
    chunks: chunks.length,
    note,
    createdRevision,
    createdAtMs,
    createdBy,
  };
}

const kinds = ["", "jar", "library", "connector", "udf", "file", "archive"] as const;

/** What comes before the bytes of an upload. */
export const uploadHeaderSchema = Type.Object({
  namespace,
  name,
  kind: Type.Union(
    kinds.map((kind) => Type.Literal(kind)),
    { default: "" },
  ),
  note: Type.String({ maxLength: 500, default: "" }),
  sizeBytes: Type.Optional(Type.Union([Type.Null(), givenNumber()])),
  digest: Type.String({ pattern: "^([0-9a-f]{64})?$", default: "" }),
});

export const downloadSchema = Type.Object({ namespace, name, version });

export const resourceCalls: readonly Call[] = [
  defineCall({
    service: "resource",
    method: "ListResources",
    http: { method: "GET", path: "/v1/resources", summary: "All versions of all resources" },
    request: emptyRequest,
    handle: async (services, _request, context) => {
      const rows = await services.resources.list(callOptions(context));
      return { versions: rows.map(versionAnswer) };
    },
  }),
  defineCall({
    service: "resource",
    method: "GetResource",
    http: {
      method: "GET",
      path: "/v1/resources/:namespace/:name/info",
      summary: "One version: ?version=latest, a number or sha256:…",
    },
    request: downloadSchema,
    handle: async (services, request, context) => {
      const selected = {
        name: request.name,
        namespace: orDefault(request.namespace),
        version: orLatest(request.version),
      };
      return {
        version: versionAnswer(await services.resources.resolve(selected, callOptions(context))),
      };
    },
  }),
  defineCall({
    service: "resource",
    method: "DeleteVersion",
    http: {
      method: "DELETE",
      path: "/v1/resources/:namespace/:name/:version",
      summary: "Delete a version that no job uses",
    },
    request: Type.Object({ namespace, name, version: Type.Integer({ minimum: 1 }) }),
    handle: async (services, request, context) => {
      const selected = { ...request, namespace: orDefault(request.namespace) };
      await services.resources.delete(selected, callOptions(context));
      return {};
    },
  }),
];
