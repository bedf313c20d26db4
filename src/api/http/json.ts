// JSON and text into requests, and answers into JSON. Bytes in JSON are base64: which fields are bytes is said by the
// schema on the way in and by the value on the way out. A name that the schema does not know is refused: a mistyped
// condition must not turn a compare-and-set into a plain write.
import type { TSchema } from "typebox";
import { badField, bytesMark } from "../calls/call.ts";

type Node = TSchema & {
  readonly type?: string;
  readonly items?: Node;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The fields that `schema` knows, also when it may be null. */
export function fieldsOf(schema: TSchema): Readonly<Record<string, TSchema>> | undefined {
  const node = schema as Node;
  return node.properties ?? node.anyOf?.find(({ properties }) => properties)?.properties;
}

function bytesOf(text: string, path: string): Uint8Array {
  if (!base64.test(text)) throw badField(path, "must be base64");
  return Buffer.from(text, "base64");
}

/** `input` with base64 text turned into bytes wherever `schema` wants bytes; throws BAD_REQUEST for unknown fields. */
export function requestFromJson(schema: TSchema, input: unknown, path: string = ""): unknown {
  if (bytesMark in schema) return typeof input === "string" ? bytesOf(input, path) : input;
  const fields = fieldsOf(schema);
  if (fields === undefined || typeof input !== "object" || input === null) return input;
  if (input instanceof Uint8Array || Array.isArray(input)) return input;
  const prefix = path === "" ? "" : `${path}.`;
  return Object.fromEntries(
    Object.entries(input).map(([name, value]): [string, unknown] => {
      const field = fields[name];
      if (field === undefined) throw badField(`${prefix}${name}`, "is not a field of this request");
      return [name, requestFromJson(field, value, `${prefix}${name}`)];
    }),
  );
}

/** Text of a query or path in the form that `schema` wants; left as it is, for the call to refuse, when it has none. */
export function fromText(schema: TSchema | undefined, text: unknown): unknown {
  const node = schema as Node | undefined;
  // What may be left out is null or its type.
  const type = node?.type ?? node?.anyOf?.find((each) => each.type !== "null")?.type;
  if (typeof text !== "string") return text;
  if (type === "integer" && /^-?[0-9]{1,16}$/.test(text)) return Number(text);
  if (type === "boolean" && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** JSON text with bytes as base64. */
export function toJson(value: unknown): string {
  // Buffer has a toJSON of its own, which runs before a replacer sees it: so the holder is asked.
  return JSON.stringify(value, function (this: Readonly<Record<string, unknown>>, key, item) {
    const held = this[key];
    return held instanceof Uint8Array ? Buffer.from(held).toString("base64") : (item as unknown);
  });
}

interface Fields {
  readonly properties: Readonly<Record<string, object>>;
  readonly required?: readonly string[];
}

/** What has a default may be left out: typebox counts it as required, because it is filled in before the check. */
function withoutDefaults(node: Partial<Fields>): object {
  const { properties, required, ...rest } = node;
  if (properties === undefined) return node;
  const wanted = (required ?? []).filter((name) => !("default" in (properties[name] ?? {})));
  return { ...rest, properties, ...(wanted.length === 0 ? {} : { required: wanted }) };
}

/** The schema as OpenAPI shows it: bytes as base64 text, defaults and bounds kept. */
export function openApiSchema(schema: TSchema): object {
  return JSON.parse(
    JSON.stringify(schema, (key, item: unknown) => {
      // What typebox keeps for itself.
      if (key.startsWith("~")) return undefined;
      if (typeof item !== "object" || item === null || Array.isArray(item)) return item;
      return bytesMark in item ? { type: "string", format: "byte" } : withoutDefaults(item);
    }),
  ) as object;
}
