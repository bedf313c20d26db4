// The servers' side of the lease protocol. A renewal may be handed to any server; the leader answers it, and only
// after a heartbeat round that began after the renewal arrived was acknowledged by a majority (rule L1): so no
// newer leader can have been elected before, and any later one waits longer than the holder's deadline.
import { createHmac, timingSafeEqual } from "node:crypto";
import { type Static, Type } from "typebox";
import { Compile } from "typebox/compile";
import { fromHex, toHex } from "../base/bytes.ts";
import type { Clock } from "../base/clock.ts";
import { epoch, type SessionId, sessionId } from "../base/numbers.ts";
import type { Replica } from "../replica/contract.ts";
import { callJson, handleOnLeader, jsonCall } from "../replica/json-call.ts";
import type { SessionRow } from "../state/rows.ts";
import type { CallOptions, Leases, RenewOutcome } from "./contract.ts";
import { registryErrors } from "./errors.ts";
import type { RenewalTable } from "./lease-table.ts";

const numberMax = Number.MAX_SAFE_INTEGER;
const jobEpochSchema = Type.Object({
  jobId: Type.String({ maxLength: 64 }),
  epoch: Type.Integer({ minimum: 0, maximum: numberMax }),
});

const renewalSchema = Type.Object({
  session: Type.Integer({ minimum: 1, maximum: numberMax }),
  counter: Type.Integer({ minimum: 1, maximum: numberMax }),
  running: Type.Array(jobEpochSchema, { maxItems: 100_000 }),
  released: Type.Array(jobEpochSchema, { maxItems: 100_000 }),
  sealed: Type.Boolean(),
});
type Renewal = Static<typeof renewalSchema>;
const renewalCheck = Compile(renewalSchema);

interface ForwardedRenewal {
  readonly body: string;
  readonly signature: string;
  readonly deadlineMs: number;
}
interface ForwardedRegistration {
  readonly serverId: string;
  readonly incarnation: string;
  readonly leaseMs: number;
  readonly keyHex: string;
  readonly capacity: number;
  readonly actor: string;
  readonly deadlineMs: number;
}

const renewCall = jsonCall<ForwardedRenewal, RenewOutcome>("registry.renew");
const registerCall = jsonCall<ForwardedRegistration, { readonly session: number }>(
  "registry.register",
);

export interface LeaseOptions {
  /** The shortest lease that survives an election, by the profile in force (06 §3, "Profiles"). */
  readonly leaseMsMin: number;
}

export interface LeaseModules {
  readonly replica: Replica;
  readonly table: RenewalTable;
  readonly clock: Clock;
}

function parseRenewal(body: Uint8Array): Renewal {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch (cause) {
    throw registryErrors.BAD_HELLO("the renewal is not a JSON document", { cause });
  }
  if (!renewalCheck.Check(value)) throw registryErrors.BAD_HELLO("the renewal has an unknown form");
  return value;
}

function verify(row: SessionRow, body: Uint8Array, signature: string): void {
  const expected = createHmac("sha256", row.key).update(body).digest();
  const given = Buffer.from(signature, "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw registryErrors.BAD_SIGNATURE(
      `renewal of session ${String(row.session)} is not signed with its key`,
    );
  }
}

export class LeaseService implements Leases {
  readonly #options: LeaseOptions;
  readonly #modules: LeaseModules;
  /** Highest counter seen per session by this leader; bounded by the number of active sessions. */
  readonly #counters = new Map<SessionId, number>();

  constructor(options: LeaseOptions, modules: LeaseModules) {
    this.#options = options;
    this.#modules = modules;
    const { leaderLink } = modules.replica;
    handleOnLeader(leaderLink, renewCall, (request) => this.#renewHere(request));
    handleOnLeader(leaderLink, registerCall, (request) => this.#registerHere(request));
  }

  async register(
    request: Parameters<Leases["register"]>[0],
    options: CallOptions,
  ): Promise<{ readonly session: SessionId }> {
    const { serverId, incarnation, leaseMs, capacity } = request;
    const answer = await callJson(
      this.#modules.replica.leaderLink,
      {
        call: registerCall,
        request: {
          serverId,
          incarnation,
          leaseMs,
          capacity,
          keyHex: toHex(request.key),
          actor: options.actor,
          deadlineMs: options.deadlineMs,
        },
      },
      { deadlineMs: options.deadlineMs },
    );
    return { session: sessionId(answer.session) };
  }

  async renew(body: Uint8Array, signature: string, options: CallOptions): Promise<RenewOutcome> {
    const request = { body: toHex(body), signature, deadlineMs: options.deadlineMs };
    return await callJson(
      this.#modules.replica.leaderLink,
      { call: renewCall, request },
      { deadlineMs: options.deadlineMs },
    );
  }

  async #registerHere(request: ForwardedRegistration): Promise<{ readonly session: number }> {
    const { replica } = this.#modules;
    if (request.leaseMs < this.#options.leaseMsMin) {
      throw registryErrors.UNSAFE_LEASE(
        `a lease of ${String(request.leaseMs)} ms is shorter than the ${String(this.#options.leaseMsMin)} ms that the election timeouts need`,
      );
    }
    const row = replica.state.server(request.serverId);
    if (
      row === undefined ||
      row.role === "removed" ||
      row.profile.incarnation !== request.incarnation
    ) {
      throw registryErrors.UNKNOWN_SERVER(
        `${request.serverId} (incarnation ${request.incarnation}) is not a member of this cluster`,
      );
    }
    const { revision } = await replica.propose(
      {
        kind: "register-session",
        serverId: request.serverId,
        leaseMs: request.leaseMs,
        key: fromHex(request.keyHex),
        capacity: request.capacity,
      },
      { actor: request.actor, deadlineMs: request.deadlineMs },
    );
    return { session: revision };
  }

  async #renewHere(request: ForwardedRenewal): Promise<RenewOutcome> {
    const { replica, table, clock } = this.#modules;
    const arrivedAtMs = clock.nowMs();
    const body = fromHex(request.body);
    const renewal = parseRenewal(body);
    const session = sessionId(renewal.session);
    const row = await this.#sessionRow(session, request.deadlineMs);
    if (row === undefined) return this.#outcome(false, []);
    verify(row, body, request.signature);
    if (row.state === "ended") return this.#outcome(false, []);
    this.#refuseDenied(session);
    this.#checkCounter(session, renewal.counter);
    await replica.confirmLeadership(request.deadlineMs);
    await this.#refuseRemoved(row, renewal, request.deadlineMs);
    // Asked again, in the turn that renews: an expiry may have been proposed, or applied, meanwhile (rule L5).
    this.#refuseDenied(session);
    if (replica.state.session(session)?.state !== "active") return this.#outcome(false, []);
    table.renewed(session, arrivedAtMs);
    if (renewal.sealed) table.sealed(session);
    await this.#release(session, renewal, request.deadlineMs);
    const ended = await this.#endIfSealed(session, renewal, request.deadlineMs);
    return this.#outcome(!ended, this.#confirmed(session, renewal));
  }

  /** Undefined only when this server leads and the table surely has no such session. */
  async #sessionRow(session: SessionId, deadlineMs: number): Promise<SessionRow | undefined> {
    const { replica } = this.#modules;
    const row = replica.state.session(session);
    if (row !== undefined) return row;
    // A leader that was deposed without knowing it may lack the registration, and "ended" stops every job there.
    await replica.confirmLeadership(deadlineMs);
    return replica.state.session(session);
  }

  /** Its end is proposed and not committed yet: neither a renewal nor the word that it has ended may be given. */
  #refuseDenied(session: SessionId): void {
    if (!this.#modules.table.isDenied(session)) return;
    throw registryErrors.SESSION_ENDING(`session ${String(session)} is not renewed any more`, {
      fields: { session },
    });
  }

  /**
   * A server that was taken out of the cluster may not have heard of it, and its sentinel renews through any other. It
   * may still give jobs back, but its lease runs out, so that its jobs are fenced there and run elsewhere.
   */
  async #refuseRemoved(row: SessionRow, renewal: Renewal, deadlineMs: number): Promise<void> {
    const server = this.#modules.replica.state.server(row.serverId);
    if ((server !== undefined && server.role !== "removed") || renewal.sealed) return;
    await this.#release(row.session, renewal, deadlineMs);
    throw registryErrors.SERVER_REMOVED(
      `${row.serverId} was taken out of the cluster: its session is not renewed any more`,
      { fields: { session: row.session } },
    );
  }

  #checkCounter(session: SessionId, counter: number): void {
    const seen = this.#counters.get(session) ?? 0;
    if (counter <= seen) {
      throw registryErrors.OLD_COUNTER(
        `counter ${String(counter)} of session ${String(session)} is not above ${String(seen)}`,
      );
    }
    this.#counters.set(session, counter);
    if (this.#counters.size > 2 * this.#modules.replica.state.stats().sessions + 64)
      this.#forgetEnded();
  }

  #forgetEnded(): void {
    const { state } = this.#modules.replica;
    for (const session of this.#counters.keys()) {
      if (state.session(session)?.state !== "active") this.#counters.delete(session);
    }
  }

  /** Releases that the table still shows as held by this session, under exactly that epoch. */
  #held(
    session: SessionId,
    items: Renewal["released"],
  ): { jobId: string; epoch: ReturnType<typeof epoch> }[] {
    const { state } = this.#modules.replica;
    return items.flatMap((item) => {
      const row = state.assignment(item.jobId);
      if (row?.epoch !== item.epoch) return [];
      const { assignment } = row;
      const held =
        (assignment.state === "assigned" || assignment.state === "revoking") &&
        assignment.owner.session === session;
      return held ? [{ jobId: item.jobId, epoch: epoch(item.epoch) }] : [];
    });
  }

  async #release(session: SessionId, renewal: Renewal, deadlineMs: number): Promise<void> {
    const items = this.#held(session, renewal.released);
    if (items.length === 0) return;
    await this.#modules.replica.propose(
      { kind: "released", session, items },
      { actor: `sentinel:${String(session)}`, deadlineMs },
    );
  }

  #confirmed(session: SessionId, renewal: Renewal): RenewOutcome["confirmed"] {
    const held = new Set(this.#held(session, renewal.released).map(({ jobId }) => jobId));
    return renewal.released.filter(({ jobId }) => !held.has(jobId));
  }

  async #endIfSealed(session: SessionId, renewal: Renewal, deadlineMs: number): Promise<boolean> {
    if (!renewal.sealed || renewal.running.length > 0) return false;
    this.#modules.table.deny(session);
    await this.#modules.replica.propose(
      { kind: "end-session", session, reason: "exit-proof" },
      { actor: `sentinel:${String(session)}`, deadlineMs },
    );
    return true;
  }

  #outcome(alive: boolean, confirmed: RenewOutcome["confirmed"]): RenewOutcome {
    const { state } = this.#modules.replica;
    const servers = state
      .servers()
      .filter(({ role }) => role !== "removed")
      .map(({ profile }) => profile.httpAddress);
    return { alive, confirmed, term: this.#modules.replica.status().term, servers };
  }
}
