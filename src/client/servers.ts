import type { AddServerResponse__Output as MembershipAnswer } from "../gen/quorate/admin/v1/AddServerResponse.ts";
import type { GetHealthResponse__Output as ServerHealth } from "../gen/quorate/admin/v1/GetHealthResponse.ts";
import type { GetStatusResponse__Output as ServerStatus } from "../gen/quorate/admin/v1/GetStatusResponse.ts";
import type { ListServersResponse__Output as ServersAnswer } from "../gen/quorate/registry/v1/ListServersResponse.ts";
import type { CallOptions, GroupContext } from "./group.ts";
import { type Method, serviceMethods } from "./protocol.ts";

export interface AdminStateOptions extends CallOptions {
  /** Kept in the server's record. */
  readonly reason?: string;
}

/** Membership. Changes are decided by the leader and refused when they are unsafe. */
export class ServersClient {
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** All members that were not removed; also answered without a leader, liveness unknown then. */
  list(options: CallOptions = {}): Promise<ServersAnswer> {
    return this.#context.caller.unary({
      method: serviceMethods("registry").ListServers,
      request: {},
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
    });
  }

  /** Adds the empty server at a peer address (host:port) as a learner. */
  add(peerAddress: string, options: CallOptions = {}): Promise<MembershipAnswer> {
    return this.#change(serviceMethods("admin").AddServer, { peerAddress }, options);
  }

  /** Makes a caught-up learner a voter. */
  promote(serverId: string, options: CallOptions = {}): Promise<MembershipAnswer> {
    return this.#change(serviceMethods("admin").PromoteServer, { serverId }, options);
  }

  remove(serverId: string, options: CallOptions = {}): Promise<MembershipAnswer> {
    return this.#change(serviceMethods("admin").RemoveServer, { serverId }, options);
  }

  /** Hands leadership to a voter. */
  lead(serverId: string, options: CallOptions = {}): Promise<MembershipAnswer> {
    return this.#change(serviceMethods("admin").TransferLeadership, { serverId }, options);
  }

  /** It is given no new jobs and keeps those that it has. */
  cordon(serverId: string, options: AdminStateOptions = {}): Promise<MembershipAnswer> {
    return this.#setState(serverId, "cordoned", options);
  }

  /** It is given no new jobs, and those that it has move off, a few at a time. Resolves when the wish is durable. */
  drain(serverId: string, options: AdminStateOptions = {}): Promise<MembershipAnswer> {
    return this.#setState(serverId, "draining", options);
  }

  /** It takes jobs again, after `cordon` or `drain`. */
  uncordon(serverId: string, options: AdminStateOptions = {}): Promise<MembershipAnswer> {
    return this.#setState(serverId, "active", options);
  }

  #setState(
    serverId: string,
    state: string,
    { reason = "", ...options }: AdminStateOptions,
  ): Promise<MembershipAnswer> {
    const request = { serverId, state, reason };
    return this.#change(serviceMethods("admin").SetServerState, request, options);
  }

  #change<Request>(
    method: Method<Request, MembershipAnswer>,
    request: Request,
    { deadlineMs }: CallOptions,
  ): Promise<MembershipAnswer> {
    const untilMs = this.#context.untilMs(deadlineMs);
    return this.#context.caller.unary({ method, request, safety: "bare", untilMs });
  }
}

export class ClusterClient {
  readonly #context: GroupContext;

  constructor(context: GroupContext) {
    this.#context = context;
  }

  /** One server's own view: that of `address` (gRPC, host:port), or of any. */
  status(address?: string, options: CallOptions = {}): Promise<ServerStatus> {
    return this.#context.caller.unary({
      method: serviceMethods("admin").GetStatus,
      request: {},
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
      ...(address === undefined ? {} : { address }),
    });
  }

  /** What one server thinks of itself; answered also by one that belongs to no cluster (yet, or any more). */
  health(address?: string, options: CallOptions = {}): Promise<ServerHealth> {
    return this.#context.caller.unary({
      method: serviceMethods("admin").GetHealth,
      request: {},
      safety: "read",
      untilMs: this.#context.untilMs(options.deadlineMs),
      ...(address === undefined ? {} : { address }),
    });
  }
}
