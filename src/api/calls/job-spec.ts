// A job's spec between its wire shape (defaults left out, versions by name) and the replicated one (everything
// said, versions pinned to a digest).
import { type Static, Type } from "typebox";
import type { JobSpec, ResourceRef, RunSpec } from "../../state/rows.ts";
import { apiErrors } from "../errors.ts";
import type { ApiServices } from "../services.ts";
import { badField, type CallContext, callOptions, wholeNumber } from "./call.ts";
import { orLatest } from "./resource.ts";

const text = Type.String({ default: "" });
const items = Type.Array(Type.String(), { default: [] });

const resourceRefSchema = Type.Object({
  namespace: Type.String({ default: "" }),
  name: Type.String({ default: "" }),
  version: text,
  digest: text,
});

const optional = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Union([Type.Null(), schema]));

export const jobSpecSchema = Type.Object({
  run: Type.Optional(Type.String()),
  command: optional(Type.Object({ command: items, resource: optional(resourceRefSchema) })),
  java: optional(
    Type.Object({ resource: optional(resourceRefSchema), mainClass: text, jvmOptions: items }),
  ),
  node: optional(Type.Object({ resource: optional(resourceRefSchema) })),
  args: items,
  env: Type.Record(Type.String(), Type.String(), { default: {} }),
  slots: Type.Integer({ minimum: 1, maximum: 10_000, default: 1 }),
  priority: wholeNumber(100),
  restart: Type.Union(
    [Type.Literal(""), Type.Literal("always"), Type.Literal("on-failure"), Type.Literal("never")],
    {
      default: "",
    },
  ),
  stopSignal: Type.Union(
    [Type.Literal(""), Type.Literal("SIGTERM"), Type.Literal("SIGINT"), Type.Literal("SIGKILL")],
    {
      default: "",
    },
  ),
  stopGraceMs: wholeNumber(3_600_000),
  onServerDeath: Type.Union([Type.Literal(""), Type.Literal("continue"), Type.Literal("stop")], {
    default: "",
  }),
  onLeaseLoss: Type.Union([Type.Literal(""), Type.Literal("stop"), Type.Literal("keep")], {
    default: "",
  }),
});

export type JobSpecInput = Static<typeof jobSpecSchema>;
type RefInput = Static<typeof resourceRefSchema>;

const stopGraceMsDefault = 10_000;

interface Resolver {
  readonly services: ApiServices;
  readonly context: CallContext;
}

async function pinned({ services, context }: Resolver, ref: RefInput): Promise<ResourceRef> {
  const version = ref.version === "" && ref.digest !== "" ? `sha256:${ref.digest}` : ref.version;
  const namespace = ref.namespace === "" ? "default" : ref.namespace;
  const row = await services.resources.resolve(
    { namespace, name: ref.name, version: orLatest(version) },
    callOptions(context),
  );
  if (ref.digest !== "" && ref.digest !== row.manifest.digest) {
    throw badField("spec.resource.digest", `is not that of ${row.name}@${String(row.version)}`);
  }
  return { namespace, name: row.name, version: row.version, digest: row.manifest.digest };
}

async function required(
  resolver: Resolver,
  ref: RefInput | null | undefined,
): Promise<ResourceRef> {
  if (ref === null || ref === undefined || ref.name === "") {
    throw apiErrors.BAD_REQUEST("spec.resource must name a resource", {
      fields: { field: "spec.resource" },
    });
  }
  return await pinned(resolver, ref);
}

async function runSpec(resolver: Resolver, input: JobSpecInput): Promise<RunSpec> {
  const { command, java, node } = input;
  const given = [command, java, node].filter((kind) => kind !== null && kind !== undefined);
  if (given.length !== 1) {
    throw apiErrors.BAD_REQUEST("spec must have exactly one of command, java and node", {
      fields: { field: "spec" },
    });
  }
  if (java !== null && java !== undefined) {
    const { mainClass, jvmOptions } = java;
    return {
      kind: "java",
      resource: await required(resolver, java.resource),
      mainClass,
      jvmOptions,
    };
  }
  if (node !== null && node !== undefined) {
    return { kind: "node", resource: await required(resolver, node.resource) };
  }
  const words = command?.command ?? [];
  const ref = command?.resource;
  const resource =
    ref === null || ref === undefined || ref.name === "" ? undefined : await pinned(resolver, ref);
  if (words.length === 0) {
    throw apiErrors.BAD_REQUEST("spec.command must name a program", {
      fields: { field: "spec.command" },
    });
  }
  return { kind: "command", command: words, resource };
}

const or = <T extends string>(value: "" | T, fallback: T): T => (value === "" ? fallback : value);

/** Stands for a value of the environment in answers: they may be secrets. */
const maskedValue = "•••";

function checkedEnv(env: JobSpecInput["env"]): JobSpecInput["env"] {
  const masked = Object.keys(env).find((name) => env[name] === maskedValue);
  if (masked === undefined) return env;
  throw badField(`spec.env.${masked}`, "is the mask of an answer, not a value: give the value");
}

/** Fills in defaults and pins resource versions. */
export async function toJobSpec(resolver: Resolver, input: JobSpecInput): Promise<JobSpec> {
  return {
    run: await runSpec(resolver, input),
    args: input.args,
    env: checkedEnv(input.env),
    slots: input.slots,
    priority: input.priority,
    restart: or(input.restart, "always"),
    stopSignal: or(input.stopSignal, "SIGTERM"),
    stopGraceMs: input.stopGraceMs === 0 ? stopGraceMsDefault : input.stopGraceMs,
    onServerDeath: or(input.onServerDeath, "continue"),
    onLeaseLoss: or(input.onLeaseLoss, "stop"),
  };
}

const refAnswer = (ref: ResourceRef | undefined): object | null =>
  ref === undefined ? null : { ...ref, version: String(ref.version) };

function runAnswer(run: RunSpec): object {
  if (run.kind === "command") {
    return { run: "command", command: { command: run.command, resource: refAnswer(run.resource) } };
  }
  if (run.kind === "node") return { run: "node", node: { resource: refAnswer(run.resource) } };
  const { mainClass, jvmOptions } = run;
  return { run: "java", java: { resource: refAnswer(run.resource), mainClass, jvmOptions } };
}

/** The replicated spec in the shape of the protobuf message. Values of the environment are not shown. */
export function specAnswer(spec: JobSpec): object {
  const { run, env, ...rest } = spec;
  return {
    ...rest,
    ...runAnswer(run),
    env: Object.fromEntries(Object.keys(env).map((name) => [name, maskedValue])),
  };
}
