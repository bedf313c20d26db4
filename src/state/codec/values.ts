// Values that both commands and rows hold.
import type {
  AdminState,
  ChunkRef,
  JobSpec,
  Manifest,
  Owner,
  ResourceRef,
  RunReport,
  RunSpec,
  ServerProfile,
} from "../rows.ts";
import {
  type Codec,
  count,
  countOrNone,
  digest,
  epochNumber,
  labels,
  listOf,
  oneOf,
  optional,
  sessionNumber,
  struct,
  text,
  union,
} from "./codec.ts";

export const serverProfile: Codec<ServerProfile> = struct<ServerProfile>({
  serverId: text,
  incarnation: text,
  peerAddress: text,
  grpcAddress: text,
  httpAddress: text,
  zone: text,
  labels,
  capacity: count,
  version: text,
});

export const adminState: Codec<AdminState> = oneOf<AdminState>([
  "active",
  "cordoned",
  "draining",
  "leaving",
]);

export const owner: Codec<Owner> = struct<Owner>({ serverId: text, session: sessionNumber });

const resourceRef: Codec<ResourceRef> = struct<ResourceRef>({
  namespace: text,
  name: text,
  version: count,
  digest,
});

const runSpec: Codec<RunSpec> = union<RunSpec, "kind">("kind", {
  command: [1, struct({ command: listOf(text), resource: optional(resourceRef) })],
  java: [2, struct({ resource: resourceRef, mainClass: text, jvmOptions: listOf(text) })],
  node: [3, struct({ resource: resourceRef })],
});

export const jobSpec: Codec<JobSpec> = struct<JobSpec>({
  run: runSpec,
  args: listOf(text),
  env: labels,
  slots: count,
  priority: count,
  restart: oneOf(["always", "on-failure", "never"]),
  stopSignal: oneOf(["SIGTERM", "SIGINT", "SIGKILL"]),
  stopGraceMs: count,
  onServerDeath: oneOf(["continue", "stop"]),
  onLeaseLoss: oneOf(["stop", "keep"]),
});

export const desiredState: Codec<"running" | "stopped" | "deleted"> = oneOf([
  "running",
  "stopped",
  "deleted",
]);

export const runReport: Codec<RunReport> = struct<RunReport>({
  epoch: epochNumber,
  phase: oneOf(["none", "starting", "running", "backoff", "exited", "failed"]),
  pid: count,
  exitCode: countOrNone,
  signal: text,
  restarts: count,
  message: text,
  atMs: count,
});

export const chunkRef: Codec<ChunkRef> = struct<ChunkRef>({ digest, sizeBytes: count });

export const manifest: Codec<Manifest> = struct<Manifest>({
  kind: oneOf(["jar", "library", "connector", "udf", "file", "archive"]),
  digest,
  sizeBytes: count,
  chunks: listOf(chunkRef),
});
