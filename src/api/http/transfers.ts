// Files in and out of the resource center as plain bytes, and output of jobs as plain text: made for curl.
import { Readable } from "node:stream";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Static, TSchema } from "typebox";
import type { ResourceKind } from "../../state/rows.ts";
import { callOptions, checker } from "../calls/call.ts";
import {
  downloadSchema,
  orDefault,
  orLatest,
  uploadHeaderSchema,
  versionAnswer,
} from "../calls/resource.ts";
import { apiErrors } from "../errors.ts";
import { readyServices } from "../ready.ts";
import type { DoorModules } from "../services.ts";
import { fieldsOf, fromText, requestFromJson, toJson } from "./json.ts";
import { described } from "./openapi.ts";
import { contextOf } from "./routes.ts";

const transferDeadlineMs = 600_000;
const checkHeader = checker(uploadHeaderSchema);
const checkDownload = checker(downloadSchema);

const inPath = ["namespace", "name"];
const text = { type: "string" };

/** Query and path as the schema wants them. */
function given(schema: TSchema, request: FastifyRequest): Readonly<Record<string, unknown>> {
  const fields = fieldsOf(schema);
  const texts = { ...(request.query as object), ...(request.params as object) };
  const pairs = Object.entries(texts).map(([name, text]) => [name, fromText(fields?.[name], text)]);
  return requestFromJson(schema, Object.fromEntries(pairs)) as Readonly<Record<string, unknown>>;
}

function uploadHeader(request: FastifyRequest): Static<typeof uploadHeaderSchema> {
  const length = request.headers["content-length"];
  const header = given(uploadHeaderSchema, request);
  return checkHeader(length === undefined ? header : { sizeBytes: Number(length), ...header });
}

/** Without closing the connection when it is left early: the refusal must still reach the sender. */
async function* piecesOf(request: FastifyRequest): AsyncGenerator<Uint8Array> {
  const body = request.body as Readable | undefined | null;
  if (body === undefined || body === null) return;
  for await (const piece of body.iterator({ destroyOnReturn: false })) yield piece as Uint8Array;
}

/** Half-open. */
interface ByteRange {
  readonly fromByte: number;
  readonly toByte: number;
}

/**
 * `bytes=A-B`, `bytes=A-` or `bytes=-N` (RFC 9110 §14.1.2). Undefined = the whole file: no range is asked for, or one
 * that this server does not understand and may ignore (§14.2), e.g. several at once.
 */
function rangeOf(request: FastifyRequest, sizeBytes: number): ByteRange | undefined {
  const match = /^bytes=([0-9]*)-([0-9]*)$/.exec(request.headers.range ?? "");
  if (match === null || match[0] === "bytes=-") return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") {
    const suffixBytes = Number(last);
    return {
      fromByte: suffixBytes === 0 ? sizeBytes : Math.max(0, sizeBytes - suffixBytes),
      toByte: sizeBytes,
    };
  }
  const toByte = last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (last !== "" && Number(last) < Number(first)) return undefined;
  return { fromByte: Number(first), toByte };
}

function addUpload(app: FastifyInstance, modules: DoorModules): void {
  app.put(
    "/v1/resources/:namespace/:name",
    described({
      operationId: "Upload",
      summary: "Push a file: the body is its bytes",
      tag: "resource",
      query: uploadHeaderSchema,
      inPath,
      body: "bytes",
    }),
    async (request, reply) => {
      const services = readyServices(modules.services);
      const header = uploadHeader(request);
      const kind: ResourceKind = header.kind === "" ? "file" : header.kind;
      const options = callOptions({ ...contextOf(request), deadlineMs: transferDeadlineMs });
      const upload = {
        ...header,
        namespace: orDefault(header.namespace),
        kind,
        sizeBytes: header.sizeBytes ?? -1,
      };
      const row = await services.resources.upload(upload, piecesOf(request), options);
      return await reply.type("application/json").send(toJson({ version: versionAnswer(row) }));
    },
  );
}

function addDownload(app: FastifyInstance, modules: DoorModules): void {
  app.get(
    "/v1/resources/:namespace/:name",
    described({
      operationId: "Download",
      summary: "Pull a file: ?version=latest, a number or sha256:…",
      tag: "resource",
      query: downloadSchema,
      inPath,
      headers: { range: text, "if-none-match": text },
    }),
    async (request, reply) => {
      const services = readyServices(modules.services);
      const asked = checkDownload(given(downloadSchema, request));
      const selected = { ...asked, version: orLatest(asked.version) };
      const options = callOptions(contextOf(request));
      const { resources } = services;
      const whole = await resources.download(selected, options);
      const { sizeBytes, digest } = whole.version.manifest;
      const etag = `"sha256:${digest}"`;
      reply.header("etag", etag).header("accept-ranges", "bytes").type("application/octet-stream");
      if (request.headers["if-none-match"] === etag) return await reply.code(304).send();
      const range = rangeOf(request, sizeBytes);
      if (range === undefined) {
        reply.header("content-length", sizeBytes);
        return await reply.send(Readable.from(whole.bytes, { objectMode: false }));
      }
      const { fromByte, toByte } = range;
      if (fromByte >= sizeBytes) {
        reply.header("content-range", `bytes */${String(sizeBytes)}`);
        throw apiErrors.RANGE_NOT_SATISFIABLE(`the file has ${String(sizeBytes)} bytes`, {
          fields: { sizeBytes },
        });
      }
      const version = String(whole.version.version);
      const part = await resources.download({ ...selected, version }, { ...options, ...range });
      reply
        .code(206)
        .header("content-length", toByte - fromByte)
        .header(
          "content-range",
          `bytes ${String(fromByte)}-${String(toByte - 1)}/${String(sizeBytes)}`,
        );
      return await reply.send(Readable.from(part.bytes, { objectMode: false }));
    },
  );
}

export function addTransfers(app: FastifyInstance, modules: DoorModules): void {
  addUpload(app, modules);
  addDownload(app, modules);
}
