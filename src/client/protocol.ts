// The services' definitions, loaded from the same proto files as the servers', each when it is first used: a command
// that lists jobs does not parse the protocol of the resource center.
import { fileURLToPath } from "node:url";
import { loadSync } from "@grpc/proto-loader";
import type { ProtoGrpcType as AdminTypes } from "../gen/admin.ts";
import type { ProtoGrpcType as JobTypes } from "../gen/job.ts";
import type { ProtoGrpcType as RegistryTypes } from "../gen/registry.ts";
import type { ProtoGrpcType as ResourceTypes } from "../gen/resource.ts";

interface Definitions {
  readonly admin: AdminTypes["quorate"]["admin"]["v1"]["AdminService"]["service"];
  readonly registry: RegistryTypes["quorate"]["registry"]["v1"]["RegistryService"]["service"];
  readonly resource: ResourceTypes["quorate"]["resource"]["v1"]["ResourceService"]["service"];
  readonly job: JobTypes["quorate"]["job"]["v1"]["JobService"]["service"];
}

type ServiceName = keyof Definitions;

/** What a call needs of a method: its path and how messages become bytes. */
export interface Method<Request, Answer> {
  readonly path: string;
  requestSerialize(request: Request): Buffer;
  responseDeserialize(bytes: Buffer): Answer;
}

const protoRoot = fileURLToPath(new URL("../../proto", import.meta.url));
const fullNames: Readonly<Record<ServiceName, string>> = {
  admin: "quorate.admin.v1.AdminService",
  registry: "quorate.registry.v1.RegistryService",
  resource: "quorate.resource.v1.ResourceService",
  job: "quorate.job.v1.JobService",
};
const loaded: Partial<Record<ServiceName, unknown>> = {};

/** The methods of a service, with the same options as src/gen was generated with. */
export function serviceMethods<Name extends ServiceName>(name: Name): Definitions[Name] {
  loaded[name] ??= loadSync(`quorate/${name}/v1/${name}.proto`, {
    includeDirs: [protoRoot],
    longs: Number,
    enums: String,
    defaults: true,
    oneofs: true,
  })[fullNames[name]];
  return loaded[name] as Definitions[Name];
}
