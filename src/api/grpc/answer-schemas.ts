// JSON schemas of the answers, from the protocol's own descriptors: the answers in JSON have the shape of the protobuf
// messages in camelCase, so the one place that describes them is proto/.
import type { MessageTypeDefinition, PackageDefinition } from "@grpc/proto-loader";
import { fullName, loadProtocol, serviceKeys } from "./protocol.ts";

type JsonSchema = Readonly<Record<string, unknown>>;

/** What is used of a descriptor (google.protobuf.DescriptorProto). */
interface FieldDescriptor {
  readonly name: string;
  readonly label: string;
  readonly type: string;
  readonly typeName: string;
}
interface MessageDescriptor {
  readonly name: string;
  readonly field: readonly FieldDescriptor[];
  readonly nestedType: readonly MessageDescriptor[];
}
interface EnumDescriptor {
  readonly value: readonly { readonly name: string }[];
}

const scalars: Readonly<Record<string, JsonSchema>> = {
  TYPE_STRING: { type: "string" },
  TYPE_BOOL: { type: "boolean" },
  TYPE_BYTES: { type: "string", format: "byte" },
  TYPE_DOUBLE: { type: "number" },
};

export interface AnswerSchemas {
  /** Message by its full name, as `components.schemas`. */
  readonly components: Readonly<Record<string, JsonSchema>>;
  /** `service.Method` → the name of its answer in `components`. */
  readonly answers: ReadonlyMap<string, string>;
}

interface Scope {
  readonly protocol: PackageDefinition;
  /** Of the package, with the dot behind it. */
  readonly prefix: string;
  readonly components: Record<string, JsonSchema>;
}

const descriptor = (scope: Scope, name: string): unknown => scope.protocol[name]?.["type"];

function single(scope: Scope, { type, typeName }: FieldDescriptor): JsonSchema {
  const name = `${scope.prefix}${typeName}`;
  if (type === "TYPE_ENUM") {
    const { value } = descriptor(scope, name) as EnumDescriptor;
    return { type: "string", enum: value.map((one) => one.name) };
  }
  if (type !== "TYPE_MESSAGE") return scalars[type] ?? { type: "integer" };
  add(scope, name);
  // A message that is not there is null.
  return { anyOf: [{ $ref: `#/components/schemas/${name}` }, { type: "null" }] };
}

function fieldSchema(scope: Scope, message: MessageDescriptor, field: FieldDescriptor): JsonSchema {
  // A map is a list of entries of a type that is nested in the message.
  const entry = message.nestedType.find(({ name }) => name === field.typeName);
  const value = entry?.field.find(({ name }) => name === "value");
  if (value !== undefined) return { type: "object", additionalProperties: single(scope, value) };
  if (field.label !== "LABEL_REPEATED") return single(scope, field);
  const { anyOf: [item] = [single(scope, field)] } = single(scope, field) as {
    readonly anyOf?: readonly JsonSchema[];
  };
  return { type: "array", items: item };
}

function add(scope: Scope, name: string): void {
  if (name in scope.components) return;
  scope.components[name] = {};
  const message = descriptor(scope, name) as MessageDescriptor;
  const properties = message.field.map((field) => [field.name, fieldSchema(scope, message, field)]);
  scope.components[name] = { type: "object", properties: Object.fromEntries(properties) };
}

/** Reads proto/: for a request now and then, not for each. */
export function answerSchemas(): AnswerSchemas {
  const protocol = loadProtocol();
  const components: Record<string, JsonSchema> = {};
  const answers = new Map<string, string>();
  for (const key of serviceKeys) {
    const prefix = `quorate.${key}.v1.`;
    const service = protocol[fullName(key)] as Readonly<
      Record<string, { readonly responseType: MessageTypeDefinition<object, object> }>
    >;
    for (const [method, { responseType }] of Object.entries(service)) {
      const { name } = responseType.type as MessageDescriptor;
      add({ protocol, prefix, components }, `${prefix}${name}`);
      answers.set(`${key}.${method}`, `${prefix}${name}`);
    }
  }
  return { components, answers };
}
