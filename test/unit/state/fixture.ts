// A machine with a running index: tests say what happens, not at which position of the log.
import type { ErrorRecord } from "../../../src/base/errors.ts";
import type { Hash64 } from "../../../src/base/hash.ts";
import { type Index, index, peerId, type SessionId, sessionId } from "../../../src/base/numbers.ts";
import { encodeCommand, encodeMembershipContext } from "../../../src/state/command-codec.ts";
import type { ClientRequest, Command, PlanMove } from "../../../src/state/commands.ts";
import type { StateLimits } from "../../../src/state/limits.ts";
import type { StateReader } from "../../../src/state/reader.ts";
import { StateRestorer } from "../../../src/state/restore.ts";
import type { Applied, CommandDetail } from "../../../src/state/result.ts";
import type {
  Assignment,
  AssignmentRow,
  JobSpec,
  Owner,
  RunReport,
  ServerProfile,
} from "../../../src/state/rows.ts";
import { StateMachine, type StateOptions } from "../../../src/state/state-machine.ts";

export class Fixture {
  machine: StateMachine;
  last: Applied | undefined;
  next: number;

  constructor(limits?: Partial<StateLimits>) {
    this.machine = new StateMachine(limits === undefined ? undefined : { limits });
    this.next = 1;
  }

  get tables(): StateReader {
    return this.machine.tables;
  }

  apply(command: Command, request?: ClientRequest): Applied {
    const data = encodeCommand({ atMs: 1000 + this.next, actor: "test", request, command });
    this.last = this.machine.apply(this.#index(), data);
    return this.last;
  }

  /** The detail of a command that must be carried out. */
  done(command: Command, request?: ClientRequest): CommandDetail {
    const { result } = this.apply(command, request);
    if (result.kind === "refused") throw new Error(`refused: ${result.error.message}`);
    return result.detail;
  }

  /** The error of a command that must be refused, with nothing changed but the revision. */
  refused(command: Command, request?: ClientRequest): ErrorRecord {
    const before = contents(this.machine);
    const { result, topics } = this.apply(command, request);
    if (result.kind === "done") throw new Error("not refused");
    if (request === undefined && contents(this.machine) !== before) throw new Error("it wrote");
    if (topics.length > 0) throw new Error("a refusal has topics");
    return result.error;
  }

  membership(
    sets: {
      voters?: readonly number[];
      learners?: readonly number[];
      outgoing?: readonly number[];
    },
    added: readonly { readonly peer: number; readonly profile: ServerProfile }[] = [],
  ): Applied {
    const context = encodeMembershipContext({
      atMs: 1,
      actor: "test",
      reason: "a test",
      added: added.map(({ peer, profile }) => ({ peerId: peerId(peer), profile })),
    });
    const inForce = {
      voters: (sets.voters ?? []).map(peerId),
      learners: (sets.learners ?? []).map(peerId),
      votersOutgoing: (sets.outgoing ?? []).map(peerId),
    };
    return this.machine.applyMembership(this.#index(), inForce, context);
  }

  /** Servers s1 … sN as voters with peer ids 1 … N. */
  cluster(size: number): this {
    const peers = Array.from({ length: size }, (_, i) => i + 1);
    this.membership(
      { voters: peers },
      peers.map((peer) => ({ peer, profile: profileOf(`s${String(peer)}`) })),
    );
    return this;
  }

  register(serverId: string): Owner {
    const key = new Uint8Array(32);
    const detail = this.done({
      kind: "register-session",
      serverId,
      leaseMs: 3000,
      key,
      capacity: 4,
    });
    if (detail.kind !== "session") throw new Error(detail.kind);
    return { serverId, session: sessionId(detail.session) };
  }

  submit(name: string, spec: Partial<JobSpec> = {}): string {
    const detail = this.done({ kind: "submit-job", namespace: "ns", name, spec: specOf(spec) });
    if (detail.kind !== "job") throw new Error(detail.kind);
    return detail.jobId;
  }

  plan(moves: readonly PlanMove[], expire: readonly SessionId[] = []): readonly string[] {
    const detail = this.done({
      kind: "apply-plan",
      algorithmVersion: 1,
      expire,
      moves,
      reason: "a test",
    });
    if (detail.kind !== "plan") throw new Error(detail.kind);
    return detail.moved.map((move) => `${move.jobId}@${String(move.epoch)}`);
  }

  /** The move of a job from what its row is now. */
  move(action: PlanMove["action"], jobId: string, to?: Owner): PlanMove {
    const row = this.row(jobId);
    const { assignment } = row;
    const held = assignment.state === "assigned" || assignment.state === "revoking";
    const prevSession = held ? assignment.owner.session : sessionId(0);
    return { action, jobId, prevSession, prevEpoch: row.epoch, to };
  }

  /** A job that `owner` runs under epoch 1. */
  running(name: string, owner: Owner): string {
    const jobId = this.submit(name);
    this.plan([this.move("assign", jobId, owner)]);
    return jobId;
  }

  release(jobId: string, owner: Owner): void {
    const item = { jobId, epoch: this.row(jobId).epoch };
    this.done({ kind: "released", session: owner.session, items: [item] });
  }

  report(jobId: string, owner: Owner, run: Partial<RunReport>, finished = false): void {
    const full: RunReport = {
      epoch: this.row(jobId).epoch,
      phase: "running",
      pid: 7,
      exitCode: -1,
      signal: "",
      restarts: 0,
      message: "",
      atMs: 5,
      ...run,
    };
    const items = [{ jobId, run: full, finished }];
    this.done({ kind: "report-runs", session: owner.session, items });
  }

  setDesired(jobId: string, desired: "running" | "stopped" | "deleted"): void {
    this.done({ kind: "set-desired", jobId, desired, reason: "asked" });
  }

  row(jobId: string): AssignmentRow {
    const row = this.tables.assignment(jobId);
    if (row === undefined) throw new Error(`no assignment of ${jobId}`);
    return row;
  }

  assignment(jobId: string): Assignment {
    return this.row(jobId).assignment;
  }

  kinds(subject: string): readonly string[] {
    return this.tables.events(subject).map((event) => event.kind);
  }

  #index(): Index {
    const now = index(this.next);
    this.next += 1;
    return now;
  }
}

export function profileOf(serverId: string, fields: Partial<ServerProfile> = {}): ServerProfile {
  return {
    serverId,
    incarnation: `inc-${serverId}`,
    peerAddress: `${serverId}:7472`,
    grpcAddress: `${serverId}:7471`,
    httpAddress: `${serverId}:7470`,
    zone: "z",
    labels: {},
    capacity: 4,
    version: "0.1.0",
    ...fields,
  };
}

export function specOf(fields: Partial<JobSpec> = {}): JobSpec {
  return {
    run: { kind: "command", command: ["sleep", "1"], resource: undefined },
    args: [],
    env: {},
    slots: 1,
    priority: 50,
    restart: "always",
    stopSignal: "SIGTERM",
    stopGraceMs: 1000,
    onServerDeath: "continue",
    onLeaseLoss: "stop",
    ...fields,
  };
}

export function digestOf(number: number): string {
  return number.toString(16).padStart(64, "0");
}

export function chunk(
  number: number,
  sizeBytes = 100,
): { readonly digest: string; readonly sizeBytes: number } {
  return { digest: digestOf(number), sizeBytes };
}

export function bytesOf(machine: StateMachine): Uint8Array {
  const snapshot = machine.snapshot();
  const bytes = Buffer.concat([...snapshot.pieces()]);
  snapshot.release();
  return bytes;
}

export function restored(
  bytes: Uint8Array,
  pieceBytes = 1000,
  options?: StateOptions,
): StateMachine {
  const restorer = new StateRestorer(options);
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    restorer.write(bytes.subarray(at, at + pieceBytes));
  }
  return restorer.finish();
}

/** FNV-1a, 32 bits: enough to tell states apart in a test. */
export const testHash: Hash64 = {
  text: () => ({ high: 0, low: 0 }),
  bytes: (bytes) => {
    let hash = 0x811c9dc5;
    for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
    return hash.toString(16).padStart(16, "0");
  },
};

/** Everything but the revision. */
function contents(machine: StateMachine): string {
  const { tables } = machine;
  const clients = tables.stats().clientSessions;
  return JSON.stringify([
    tables.servers(),
    tables.sessions(),
    tables.kvList(""),
    tables.jobs(),
    tables.assignments(),
    tables.resources(),
    tables.uploads(),
    tables.events(),
    clients,
  ]);
}
