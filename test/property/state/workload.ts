// Random histories over a small world: few servers, names, jobs and files, so that commands meet. A step is
// numbers; what it means is decided against the state it meets, so that most moves and releases are current.
import fc from "fast-check";
import { epoch, index, peerId, sessionId } from "../../../src/base/numbers.ts";
import { encodeCommand, encodeMembershipContext } from "../../../src/state/command-codec.ts";
import type { ClientRequest, Command, PlanMove } from "../../../src/state/commands.ts";
import type { StateLimits } from "../../../src/state/limits.ts";
import type { MembershipInForce, StateReader } from "../../../src/state/reader.ts";
import type { Applied } from "../../../src/state/result.ts";
import type { AssignmentRow, Owner, RunReport } from "../../../src/state/rows.ts";
import type { StateMachine } from "../../../src/state/state-machine.ts";
import { chunk, digestOf, profileOf, specOf } from "../../unit/state/fixture.ts";

/** Small, so that histories of a few hundred entries reach every bound. */
export const smallLimits: Partial<StateLimits> = {
  kvBytesMax: 3000,
  storeBytesMax: 900,
  uploadsMax: 3,
  jobsMax: 6,
  sessionsActiveMax: 6,
  sessionsEndedMax: 2,
  clientSessionsMax: 2,
  clientResultsMax: 2,
  eventsMax: 40,
  eventsPerSubjectMax: 6,
};

export interface Step {
  readonly op: number;
  readonly x: number;
  readonly y: number;
  readonly z: number;
}

/** Without bias to small numbers: every kind of step is equally likely. */
export const histories: fc.Arbitrary<Step[]> = fc.noBias(
  fc.array(fc.record({ op: fc.nat(79), x: fc.nat(7), y: fc.nat(7), z: fc.nat(7) }), {
    minLength: 1,
    maxLength: 120,
    size: "max",
  }),
);

export type EntryData =
  | { readonly type: "command"; readonly data: Uint8Array }
  | {
      readonly type: "membership";
      readonly inForce: MembershipInForce;
      readonly context: Uint8Array;
    }
  | { readonly type: "empty" };

export function applyEntry(machine: StateMachine, entry: EntryData): Applied {
  const at = index(machine.revision + 1);
  if (entry.type === "command") return machine.apply(at, entry.data);
  if (entry.type === "empty") return machine.applyEmpty(at);
  return machine.applyMembership(at, entry.inForce, entry.context);
}

/** The first entry of every history: three voters. */
export function founding(): EntryData {
  return membership({ op: 0, x: 0, y: 0, z: 0 });
}

export function entryOf(step: Step, state: StateReader): EntryData {
  if (step.op === 0) return { type: "empty" };
  if (step.op === 1) return membership(step);
  const asked = commandOf(step, state);
  const [command, request] =
    "command" in asked ? [asked.command, asked.request] : [asked, undefined];
  return {
    type: "command",
    data: encodeCommand({ atMs: state.revision, actor: "a", request, command }),
  };
}

/** Which of the peers 1 to 3 are voters, as bits, by x. */
const voterBits = [7, 7, 7, 7, 7, 6, 5, 3];

/** y makes it joint, z makes learners of the others. */
function membership({ x, y, z }: Step): EntryData {
  const peers = [1, 2, 3];
  const bits = voterBits[x] ?? 0;
  const voters = peers.filter((_, i) => ((bits >> i) & 1) === 1).map(peerId);
  const learners = peers.map(peerId).filter((peer) => !voters.includes(peer) && z > 3);
  const votersOutgoing = y === 1 ? [peerId(1), peerId(2)] : [];
  const context = encodeMembershipContext({
    atMs: 1,
    actor: "a",
    reason: "r",
    added: peers.map((peer) => ({ peerId: peerId(peer), profile: profileOf(`s${String(peer)}`) })),
  });
  return { type: "membership", inForce: { voters, learners, votersOutgoing }, context };
}

interface Requested {
  readonly command: Command;
  readonly request: ClientRequest;
}

type Maker = (step: Step, state: StateReader) => Command | Requested;

const makers: readonly (readonly [number, Maker])[] = [
  [2, ({ x, y }) => kvPut(`k${String(x)}`, y)],
  [1, ({ x }) => ({ kind: "kv-delete", key: `k${String(x)}`, condition: { kind: "none" } })],
  [3, requested],
  [1, () => ({ kind: "open-client-session" })],
  [3, ({ x }) => registration(`s${String((x % 4) + 1)}`)],
  [1, ({ x }, state) => ({ kind: "end-session", session: sessionAt(state, x), reason: "r" })],
  [1, ({ x, y }) => adminChange(x, y)],
  [
    3,
    ({ x }) => ({ kind: "submit-job", namespace: "n", name: `j${String(x % 6)}`, spec: specOf() }),
  ],
  [
    1,
    ({ x, y }, state) => ({
      kind: "update-job",
      jobId: jobAt(state, x),
      spec: specOf({ slots: y }),
    }),
  ],
  [3, desiredChange],
  [7, plan],
  [4, released],
  [2, reports],
  [2, reserve],
  [5, receipt],
  [2, commit],
  [1, ({ x }, state) => ({ kind: "abort-upload", uploadId: uploadAt(state, x), reason: "r" })],
  [
    1,
    ({ x, y }) => ({
      kind: "delete-version",
      namespace: "n",
      name: `f${String(x % 2)}`,
      version: (y % 3) + 1,
    }),
  ],
];

function commandOf(step: Step, state: StateReader): Command | Requested {
  const all = makers.flatMap(([weight, maker]) => Array.from({ length: weight }, () => maker));
  const maker = all[step.op % all.length];
  if (maker === undefined) throw new Error("no maker");
  return maker(step, state);
}

function kvPut(key: string, size: number): Command {
  const value = new Uint8Array(size * 20);
  return { kind: "kv-put", key, value, condition: { kind: "none" } };
}

/** Each (client, sequence) has a key of its own: a version above 1 means that it was executed twice. */
function requested({ x, y, z }: Step, state: StateReader): Requested {
  const clientSession = Math.max(0, state.revision - x * 5);
  const request = { clientSession, sequence: y + 1, acknowledged: Math.max(0, y - z) };
  return { command: kvPut(`once/${String(clientSession)}/${String(y + 1)}`, 0), request };
}

function registration(serverId: string): Command {
  const key = new Uint8Array(32);
  return { kind: "register-session", serverId, leaseMs: 3000, key, capacity: 1 };
}

function adminChange(x: number, y: number): Command {
  const admin = y % 2 === 0 ? "draining" : "active";
  return { kind: "set-admin-state", serverId: `s${String(x % 4)}`, admin, reason: "r" };
}

function desiredChange({ x, y }: Step, state: StateReader): Command {
  const desired = (["running", "stopped", "running", "deleted"] as const)[y % 4] ?? "running";
  return { kind: "set-desired", jobId: jobAt(state, x), desired, reason: "r" };
}

function plan({ x, y, z }: Step, state: StateReader): Command {
  const moves = state.assignments().map((row, i) => moveOf(row, state, x + y + i));
  const expire = z > 4 ? [sessionAt(state, y)] : [];
  return {
    kind: "apply-plan",
    algorithmVersion: 1,
    expire,
    moves: moves.slice(x % 3),
    reason: "r",
  };
}

function moveOf(row: AssignmentRow, state: StateReader, pick: number): PlanMove {
  const { assignment } = row;
  const held = assignment.state === "assigned" || assignment.state === "revoking";
  const actions: PlanMove["action"][] = held ? ["revoke", "assign", "cancel"] : ["assign"];
  const stale = pick % 7 === 6;
  return {
    action: actions[pick % actions.length] ?? "assign",
    jobId: row.jobId,
    prevSession: held ? assignment.owner.session : sessionId(0),
    prevEpoch: stale ? epoch(row.epoch + 1) : row.epoch,
    to: pick % 5 === 4 ? undefined : ownerAt(state, pick),
  };
}

function released({ x }: Step, state: StateReader): Command {
  const session = sessionAt(state, x);
  const items = state.assignmentsOfSession(session).map(({ jobId, epoch: now }) => ({
    jobId,
    epoch: now,
  }));
  return { kind: "released", session, items };
}

function reports({ x, y }: Step, state: StateReader): Command {
  const session = sessionAt(state, x);
  const items = state.assignmentsOfSession(session).map((row) => {
    const run: RunReport = { ...row.run, epoch: row.epoch, phase: "exited", exitCode: y };
    return { jobId: row.jobId, run, finished: y > 5 };
  });
  return { kind: "report-runs", session, items };
}

function reserve({ x, y, z }: Step, state: StateReader): Command {
  const chunks = [chunk(y + 1, 100), chunk(z + 1, 100)];
  const open = x > 4 ? state.uploads()[0] : undefined;
  const name = open?.name ?? `f${String(x % 2)}`;
  return { kind: "reserve-upload", uploadId: open?.uploadId ?? "", namespace: "n", name, chunks };
}

function receipt({ x, y }: Step, state: StateReader): Command {
  const upload = state.upload(uploadAt(state, x));
  const chunkCount = upload?.chunks.length ?? 0;
  const uploadId = upload?.uploadId ?? "u0";
  return { kind: "add-receipt", uploadId, peerId: peerId((y % 3) + 1), chunkCount };
}

function commit({ x, y }: Step, state: StateReader): Command {
  const uploadId = uploadAt(state, x);
  const chunks = state.upload(uploadId)?.chunks ?? [];
  const sizeBytes = chunks.reduce((sum, one) => sum + one.sizeBytes, 0);
  const manifest = { kind: "jar", digest: digestOf(100 + y), sizeBytes, chunks } as const;
  return { kind: "commit-version", uploadId, manifest, note: "" };
}

function sessionAt(state: StateReader, pick: number): Owner["session"] {
  const all = state.sessions();
  return all[pick % Math.max(1, all.length)]?.session ?? sessionId(999);
}

/** Mostly the newest session of a server, sometimes any, ended ones included. */
function ownerAt(state: StateReader, pick: number): Owner {
  const newest = state.activeSession(`s${String((pick % 3) + 1)}`);
  const all = pick % 8 === 7 || newest === undefined ? state.sessions() : [newest];
  const { serverId, session } = all[pick % Math.max(1, all.length)] ?? {
    serverId: "s1",
    session: sessionId(999),
  };
  return { serverId, session };
}

function jobAt(state: StateReader, pick: number): string {
  const all = state.jobs();
  return all[pick % Math.max(1, all.length)]?.jobId ?? "j0";
}

function uploadAt(state: StateReader, pick: number): string {
  const all = state.uploads();
  return all[pick % Math.max(1, all.length)]?.uploadId ?? "u0";
}
