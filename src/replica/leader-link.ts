// Forwarding has one place. A call goes to the leader in one hop: a receiver that does not lead answers
// NOT_LEADER and the caller looks again, so that two servers with an old idea of the leader never send a call
// round in circles. What was certainly not executed is tried again until the deadline; what may have been is not.
//
// A handler runs once this server leads and has applied the first entry of its term. A handler that fails with
// NOT_LEADER says that nothing was done: the whole call is then repeated at the next leader.
import { assert } from "../base/assert.ts";
import type { Cancel, Clock } from "../base/clock.ts";
import { QuorateError } from "../base/errors.ts";
import { noPeer, type PeerId } from "../base/numbers.ts";
import type { Transport } from "../transport/contract.ts";
import type { CallHandler, LeaderLink } from "./contract.ts";
import { replicaErrors } from "./errors.ts";
import type { Leadership } from "./leadership.ts";
import { leaderRetryMs } from "./limits.ts";

export interface ForwardingLinkOptions {
  readonly self: PeerId;
  readonly linkCallsMax: number;
  /** How long a call from a peer waits here for this server's leadership to be established. */
  readonly establishWaitMs: number;
}

export interface ForwardingLinkModules {
  readonly clock: Clock;
  readonly transport: Pick<Transport, "call">;
  readonly leadership: Pick<Leadership, "leader" | "role" | "leads" | "established" | "changed">;
}

interface Call {
  readonly name: string;
  readonly request: Uint8Array;
  readonly untilMs: number;
}

/** Nothing was executed: another attempt is safe. */
const notExecuted = new Set([
  "QUORATE_REPLICA_NOT_LEADER",
  "QUORATE_REPLICA_STOPPED",
  "QUORATE_TRANSPORT_UNREACHABLE",
  "QUORATE_TRANSPORT_NOT_ADMITTED",
]);

export class ForwardingLink implements LeaderLink {
  readonly #options: ForwardingLinkOptions;
  readonly #modules: ForwardingLinkModules;
  readonly #leaderCalls = new Map<string, CallHandler>();
  readonly #peerCalls = new Map<string, CallHandler>();
  #underWay = 0;
  #stopped = false;

  constructor(options: ForwardingLinkOptions, modules: ForwardingLinkModules) {
    this.#options = options;
    this.#modules = modules;
  }

  register(call: string, handler: CallHandler): void {
    this.#assertNew(call);
    this.#leaderCalls.set(call, handler);
  }

  registerPeerCall(call: string, handler: CallHandler): void {
    this.#assertNew(call);
    this.#peerCalls.set(call, handler);
  }

  call(name: string, request: Uint8Array, deadlineMs: number): Promise<Uint8Array> {
    const untilMs = this.#modules.clock.nowMs() + deadlineMs;
    return this.#counted(() => this.#untilAnswered({ name, request, untilMs }));
  }

  callPeer(
    ...[to, name, request, deadlineMs]: Parameters<LeaderLink["callPeer"]>
  ): Promise<Uint8Array> {
    return this.#counted(() => {
      if (to !== this.#options.self) {
        return this.#modules.transport.call(to, name, request, deadlineMs).catch(asReplicaError);
      }
      return this.#within(deadlineMs, this.#runPeerCall(noPeer, name, request));
    });
  }

  /** A call from a peer: the transport's `onCall`. */
  async receive(from: PeerId, name: string, request: Uint8Array): Promise<Uint8Array> {
    if (this.#stopped) throw replicaErrors.STOPPED("the server is stopping");
    if (this.#peerCalls.has(name)) return this.#runPeerCall(from, name, request);
    const handler = this.#handler(this.#leaderCalls, name);
    if (!(await this.#establishedWithin(this.#options.establishWaitMs))) {
      throw replicaErrors.NOT_LEADER("this server does not lead");
    }
    return handler(request, { from });
  }

  stop(): void {
    this.#stopped = true;
  }

  #assertNew(call: string): void {
    const known = this.#leaderCalls.has(call) || this.#peerCalls.has(call);
    assert(!known, `the call ${call} is registered twice`);
  }

  #handler(handlers: ReadonlyMap<string, CallHandler>, name: string): CallHandler {
    const handler = handlers.get(name);
    if (handler === undefined) throw replicaErrors.UNKNOWN_CALL(`no handler for ${name}`);
    return handler;
  }

  async #runPeerCall(from: PeerId, name: string, request: Uint8Array): Promise<Uint8Array> {
    return this.#handler(this.#peerCalls, name)(request, { from });
  }

  async #counted(run: () => Promise<Uint8Array>): Promise<Uint8Array> {
    if (this.#stopped) throw replicaErrors.STOPPED("the server is stopping");
    const { linkCallsMax } = this.#options;
    if (this.#underWay >= linkCallsMax) {
      const fields = { limit: "linkCallsMax", max: linkCallsMax };
      throw replicaErrors.EXHAUSTED("too many calls to the leader are under way", { fields });
    }
    this.#underWay += 1;
    try {
      return await run();
    } finally {
      this.#underWay -= 1;
    }
  }

  async #untilAnswered(call: Call): Promise<Uint8Array> {
    const { clock, leadership } = this.#modules;
    for (;;) {
      const leftMs = call.untilMs - clock.nowMs();
      if (leftMs <= 0) throw replicaErrors.NO_LEADER("no leader was found before the deadline");
      if (this.#stopped) throw replicaErrors.STOPPED("the server is stopping");
      if (leadership.leader === noPeer) {
        await leadership.changed(leftMs);
        continue;
      }
      const answer = await this.#once(call, leftMs).catch(forAnotherAttempt);
      if (answer !== undefined) return answer;
      const pauseMs = Math.min(leaderRetryMs, call.untilMs - clock.nowMs());
      if (pauseMs > 0) await leadership.changed(pauseMs);
    }
  }

  /** One attempt at whoever leads now. Undefined or a NOT_LEADER = look again. */
  async #once(call: Call, leftMs: number): Promise<Uint8Array | undefined> {
    const { leadership, transport } = this.#modules;
    if (leadership.role !== "leader") {
      return transport.call(leadership.leader, call.name, call.request, leftMs);
    }
    if (!(await this.#establishedWithin(leftMs))) return undefined;
    const handler = this.#handler(this.#leaderCalls, call.name);
    return this.#within(leftMs, handler(call.request, { from: noPeer }));
  }

  /** Waits while this server leads but has not applied its term's first entry, or doubts itself. */
  async #establishedWithin(timeoutMs: number): Promise<boolean> {
    const { clock, leadership } = this.#modules;
    const untilMs = clock.nowMs() + timeoutMs;
    while (!leadership.established && leadership.role === "leader" && !this.#stopped) {
      const leftMs = untilMs - clock.nowMs();
      if (leftMs <= 0) return false;
      await leadership.changed(leftMs);
    }
    return leadership.established;
  }

  /** The handler has no deadline of its own; its caller has. */
  async #within(deadlineMs: number, work: Promise<Uint8Array>): Promise<Uint8Array> {
    let cancel: Cancel = () => undefined;
    const late = new Promise<never>((_resolve, reject) => {
      cancel = this.#modules.clock.after(deadlineMs, () => {
        reject(replicaErrors.OUTCOME_UNKNOWN("no answer before the deadline"));
      });
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      cancel();
    }
  }
}

/** Undefined when the attempt may be repeated; throws otherwise. */
function forAnotherAttempt(thrown: unknown): undefined {
  if (thrown instanceof QuorateError && notExecuted.has(thrown.code)) return undefined;
  return asReplicaError(thrown);
}

/** The transport's word for a broken stream becomes this room's: callers know one code for it. */
function asReplicaError(thrown: unknown): never {
  if (thrown instanceof QuorateError && thrown.code === "QUORATE_TRANSPORT_OUTCOME_UNKNOWN") {
    throw replicaErrors.OUTCOME_UNKNOWN("the connection to the other server broke", {
      cause: thrown,
    });
  }
  throw thrown;
}
