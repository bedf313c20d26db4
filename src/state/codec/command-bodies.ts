// The shape of each command kind. Numbers are stored in logs: a number is never changed or used again, and a
// changed shape is a new kind.
import type {
  AddReceipt,
  ApplyPlan,
  Command,
  CommandKind,
  CommitVersion,
  KvCondition,
  PlanMove,
  Released,
  ReportRuns,
  ReserveUpload,
} from "../commands.ts";
import {
  bytes,
  type Codec,
  count,
  epochNumber,
  flag,
  listOf,
  oneOf,
  optional,
  peerNumber,
  revisionNumber,
  sessionNumber,
  struct,
  text,
  union,
  type WithoutTag,
} from "./codec.ts";
import {
  adminState,
  chunkRef,
  desiredState,
  jobSpec,
  manifest,
  owner,
  runReport,
  serverProfile,
} from "./values.ts";

export type CommandBodies = {
  readonly [K in CommandKind]: readonly [
    number: number,
    body: Codec<WithoutTag<Command, "kind", K>>,
  ];
};

const condition = union<KvCondition, "kind">("kind", {
  none: [0, struct({})],
  absent: [1, struct({})],
  revision: [2, struct({ revision: revisionNumber })],
  value: [3, struct({ value: bytes })],
});

const kvBodies: Pick<CommandBodies, "kv-put" | "kv-delete"> = {
  "kv-put": [1, struct({ key: text, value: bytes, condition })],
  "kv-delete": [2, struct({ key: text, condition })],
};

type RegistryKinds =
  | "update-server"
  | "set-admin-state"
  | "register-session"
  | "end-session"
  | "open-client-session";
const registryBodies: Pick<CommandBodies, RegistryKinds> = {
  "update-server": [10, struct({ profile: serverProfile })],
  "set-admin-state": [11, struct({ serverId: text, admin: adminState, reason: text })],
  "register-session": [12, struct({ serverId: text, leaseMs: count, key: bytes, capacity: count })],
  "end-session": [13, struct({ session: sessionNumber, reason: text })],
  "open-client-session": [14, struct({})],
};

type JobKinds = "submit-job" | "update-job" | "set-desired";
const jobBodies: Pick<CommandBodies, JobKinds> = {
  "submit-job": [20, struct({ namespace: text, name: text, spec: jobSpec })],
  "update-job": [21, struct({ jobId: text, spec: jobSpec })],
  "set-desired": [22, struct({ jobId: text, desired: desiredState, reason: text })],
};

const planMove = struct<PlanMove>({
  action: oneOf(["assign", "revoke", "cancel"]),
  jobId: text,
  prevSession: sessionNumber,
  prevEpoch: epochNumber,
  to: optional(owner),
});

const assignmentBodies: Pick<CommandBodies, "apply-plan" | "released" | "report-runs"> = {
  "apply-plan": [
    30,
    struct<Omit<ApplyPlan, "kind">>({
      algorithmVersion: count,
      expire: listOf(sessionNumber),
      moves: listOf(planMove),
      reason: text,
    }),
  ],
  released: [
    31,
    struct<Omit<Released, "kind">>({
      session: sessionNumber,
      items: listOf(struct({ jobId: text, epoch: epochNumber })),
    }),
  ],
  "report-runs": [
    32,
    struct<Omit<ReportRuns, "kind">>({
      session: sessionNumber,
      items: listOf(struct({ jobId: text, run: runReport, finished: flag })),
    }),
  ],
};

type ResourceKinds =
  | "reserve-upload"
  | "add-receipt"
  | "commit-version"
  | "abort-upload"
  | "delete-version";
const resourceBodies: Pick<CommandBodies, ResourceKinds> = {
  "reserve-upload": [
    40,
    struct<Omit<ReserveUpload, "kind">>({
      uploadId: text,
      namespace: text,
      name: text,
      chunks: listOf(chunkRef),
    }),
  ],
  "add-receipt": [
    41,
    struct<Omit<AddReceipt, "kind">>({ uploadId: text, peerId: peerNumber, chunkCount: count }),
  ],
  "commit-version": [
    42,
    struct<Omit<CommitVersion, "kind">>({ uploadId: text, manifest, note: text }),
  ],
  "abort-upload": [43, struct({ uploadId: text, reason: text })],
  "delete-version": [44, struct({ namespace: text, name: text, version: count })],
};

export const commandBodies: CommandBodies = {
  ...kvBodies,
  ...registryBodies,
  ...jobBodies,
  ...assignmentBodies,
  ...resourceBodies,
};
