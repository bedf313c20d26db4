// The public protocol as it is read from proto/: what gRPC serves, and what /openapi.json says of answers.
import { fileURLToPath } from "node:url";
import { loadSync, type PackageDefinition } from "@grpc/proto-loader";
import type { GrpcService } from "../calls/call.ts";

const protoRoot = fileURLToPath(new URL("../../../proto", import.meta.url));
const services: Readonly<Record<GrpcService, string>> = {
  admin: "AdminService",
  registry: "RegistryService",
  resource: "ResourceService",
  job: "JobService",
  runner: "RunnerService",
};
export const serviceKeys = Object.keys(services) as readonly GrpcService[];

/** The public protocol, with the same options as src/gen was generated with. */
export function loadProtocol(): PackageDefinition {
  return loadSync(
    serviceKeys.map((key) => `quorate/${key}/v1/${key}.proto`),
    { includeDirs: [protoRoot], longs: Number, enums: String, defaults: true, oneofs: true },
  );
}

/** The service with its package. */
export const fullName = (key: GrpcService): string => `quorate.${key}.v1.${services[key]}`;
