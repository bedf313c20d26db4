// Any value that the codecs must carry, without regard to what the state machine accepts.
import fc from "fast-check";
import { epoch, index, peerId, sessionId } from "../../../src/base/numbers.ts";
import type { CommandEnvelope, MembershipContext } from "../../../src/state/commands.ts";
import type { CommandResult } from "../../../src/state/result.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const number = fc.oneof(fc.nat(300), fc.maxSafeNat());
const bytes = fc.uint8Array({ maxLength: 40 });
const labels = fc.dictionary(text, text, { maxKeys: 4, noNullPrototype: true });
const digest = fc
  .uint8Array({ minLength: 32, maxLength: 32 })
  .map((raw) => Buffer.from(raw).toString("hex"));
const session = number.map(sessionId);
const epochs = number.map(epoch);
const owner = fc.record({ serverId: text, session });
const list = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T[]> => fc.array(item, { maxLength: 5 });
const kind = <K extends string>(name: K): fc.Arbitrary<K> => fc.constant(name);
const maybe = <T>(item: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(item, { nil: undefined });

const profile = fc.record({
  serverId: text,
  incarnation: text,
  peerAddress: text,
  grpcAddress: text,
  httpAddress: text,
  zone: text,
  labels,
  capacity: number,
  version: text,
});
const resource = fc.record({ namespace: text, name: text, version: number, digest });
const run = fc.oneof(
  fc.record({ kind: kind("command"), command: list(text), resource: maybe(resource) }),
  fc.record({ kind: kind("java"), resource, mainClass: text, jvmOptions: list(text) }),
  fc.record({ kind: kind("node"), resource }),
);
const spec = fc.record({
  run,
  args: list(text),
  env: labels,
  slots: number,
  priority: number,
  restart: fc.constantFrom("always", "on-failure", "never"),
  stopSignal: fc.constantFrom("SIGTERM", "SIGINT", "SIGKILL"),
  stopGraceMs: number,
  onServerDeath: fc.constantFrom("continue", "stop"),
  onLeaseLoss: fc.constantFrom("stop", "keep"),
});
const report = fc.record({
  epoch: epochs,
  phase: fc.constantFrom("none", "starting", "running", "backoff", "exited", "failed"),
  pid: number,
  exitCode: fc.integer({ min: -1, max: 255 }),
  signal: text,
  restarts: number,
  message: text,
  atMs: number,
});
const chunk = fc.record({ digest, sizeBytes: number });
const manifest = fc.record({
  kind: fc.constantFrom("jar", "library", "connector", "udf", "file", "archive"),
  digest,
  sizeBytes: number,
  chunks: list(chunk),
});
const condition = fc.oneof(
  fc.record({ kind: fc.constantFrom("none", "absent") }),
  fc.record({ kind: kind("revision"), revision: number.map(index) }),
  fc.record({ kind: kind("value"), value: bytes }),
);
const move = fc.record({
  action: fc.constantFrom("assign", "revoke", "cancel"),
  jobId: text,
  prevSession: session,
  prevEpoch: epochs,
  to: maybe(owner),
});

const command = fc.oneof(
  fc.record({ kind: kind("kv-put"), key: text, value: bytes, condition }),
  fc.record({ kind: kind("kv-delete"), key: text, condition }),
  fc.record({ kind: kind("update-server"), profile }),
  fc.record({
    kind: kind("set-admin-state"),
    serverId: text,
    admin: fc.constantFrom("active", "cordoned", "draining", "leaving"),
    reason: text,
  }),
  fc.record({
    kind: kind("register-session"),
    serverId: text,
    leaseMs: number,
    key: bytes,
    capacity: number,
  }),
  fc.record({ kind: kind("end-session"), session, reason: text }),
  fc.record({ kind: kind("submit-job"), namespace: text, name: text, spec }),
  fc.record({ kind: kind("update-job"), jobId: text, spec }),
  fc.record({
    kind: kind("set-desired"),
    jobId: text,
    desired: fc.constantFrom("running", "stopped", "deleted"),
    reason: text,
  }),
  fc.record({
    kind: kind("apply-plan"),
    algorithmVersion: number,
    expire: list(session),
    moves: list(move),
    reason: text,
  }),
  fc.record({
    kind: kind("released"),
    session,
    items: list(fc.record({ jobId: text, epoch: epochs })),
  }),
  fc.record({
    kind: kind("report-runs"),
    session,
    items: list(fc.record({ jobId: text, run: report, finished: fc.boolean() })),
  }),
  fc.record({
    kind: kind("reserve-upload"),
    uploadId: text,
    namespace: text,
    name: text,
    chunks: list(chunk),
  }),
  fc.record({
    kind: kind("add-receipt"),
    uploadId: text,
    peerId: number.map(peerId),
    chunkCount: number,
  }),
  fc.record({ kind: kind("commit-version"), uploadId: text, manifest, note: text }),
  fc.record({ kind: kind("abort-upload"), uploadId: text, reason: text }),
  fc.record({ kind: kind("delete-version"), namespace: text, name: text, version: number }),
  fc.record({ kind: kind("open-client-session") }),
);

export const envelopes: fc.Arbitrary<CommandEnvelope> = fc.record({
  atMs: number,
  actor: text,
  request: maybe(fc.record({ clientSession: number, sequence: number, acknowledged: number })),
  command,
});

export const membershipContexts: fc.Arbitrary<MembershipContext> = fc.record({
  atMs: number,
  actor: text,
  reason: text,
  added: list(fc.record({ peerId: number.map(peerId), profile })),
});

const detail = fc.oneof(
  fc.record({ kind: kind("none") }),
  fc.record({ kind: kind("job"), jobId: text }),
  fc.record({ kind: kind("session"), session: number }),
  fc.record({ kind: kind("upload"), uploadId: text }),
  fc.record({ kind: kind("version"), version: number }),
  fc.record({ kind: kind("kv"), version: number, existed: fc.boolean() }),
  fc.record({
    kind: kind("plan"),
    moved: list(fc.record({ jobId: text, epoch: epochs })),
  }),
);
const field = fc.oneof(
  text,
  fc.boolean(),
  fc.double({ noNaN: true }).map((value) => (value === 0 ? 0 : value)),
);

export const results: fc.Arbitrary<CommandResult> = fc.oneof(
  fc.record({ kind: kind("done"), revision: number.map(index), detail }),
  fc.record({
    kind: kind("refused"),
    revision: number.map(index),
    error: fc.record({
      code: text,
      kind: fc.constantFrom("invalid", "not-found", "conflict", "unknown", "internal"),
      message: text,
      help: text,
      fields: fc.dictionary(text, field, { maxKeys: 4, noNullPrototype: true }),
    }),
  }),
);

/** Damage: some bytes are replaced, the end is cut off or something is appended. */
export const damages: fc.Arbitrary<(bytes: Uint8Array) => Uint8Array> = fc.oneof(
  fc
    .array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 })
    .map((hits) => (input: Uint8Array) => {
      const output = Uint8Array.from(input);
      for (const [at, value] of hits) if (output.length > 0) output[at % output.length] = value;
      return output;
    }),
  fc.nat().map((at) => (input: Uint8Array) => input.slice(0, at % (input.length + 1))),
  fc.uint8Array({ minLength: 1, maxLength: 9 }).map((tail) => (input: Uint8Array) => {
    return Uint8Array.from([...input, ...tail]);
  }),
);
