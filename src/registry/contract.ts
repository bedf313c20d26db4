// The registry center as the doors and the other centres see it: who is in the cluster, who is alive, who may
// run jobs, and the key-value corner.
import type { PeerId, Revision, SessionId } from "../base/numbers.ts";
import type { ClientRequest, KvCondition } from "../state/commands.ts";
import type { AdminState, KvRow, ServerRow } from "../state/rows.ts";

/** Who asks, for history and audit, and until when an answer is of use. */
export interface CallOptions {
  readonly actor: string;
  readonly deadlineMs: number;
  readonly request?: ClientRequest;
}

/**
 * The leader's observation: `up` (renews, answers), `suspect` (missed beats: nothing new is placed there),
 * `down` (its lease was expired), `unknown` (no leader's word yet).
 */
export type Liveness = "up" | "suspect" | "down" | "unknown";

export interface ServerView {
  readonly row: ServerRow;
  readonly liveness: Liveness;
  /** Its newest active session; 0 = none (it runs no jobs now). */
  readonly session: SessionId;
  readonly leader: boolean;
}

export interface MembershipOutcome {
  readonly serverId: string;
  readonly peerId: PeerId;
  readonly revision: Revision;
  /** What was done, in words, e.g. "added as learner". */
  readonly text: string;
}

/** Every change is forwarded whole to the leader, which refuses what is unsafe with the reason. */
export interface Members {
  /** Servers that answered the leader lately, by its own observation; empty on a server that does not lead. */
  answering(): ReadonlySet<PeerId>;
  /** From this server's tables, with the leader's word on liveness (asked for when this is not the leader). */
  list(options: CallOptions): Promise<readonly ServerView[]>;
  /** Adds the empty server that listens at `peerAddress` as a learner. Idempotent for the same incarnation. */
  add(request: { readonly peerAddress: string }, options: CallOptions): Promise<MembershipOutcome>;
  /** Learner → voter; refused until it is caught up and while another change is under way. */
  promote(request: { readonly serverId: string }, options: CallOptions): Promise<MembershipOutcome>;
  /** Refused when a majority of the remaining voters is not active. The leader hands over leadership first when it removes itself. */
  remove(request: { readonly serverId: string }, options: CallOptions): Promise<MembershipOutcome>;
  transferLeadership(
    request: { readonly serverId: string },
    options: CallOptions,
  ): Promise<MembershipOutcome>;
  setAdminState(
    request: { readonly serverId: string; readonly admin: AdminState; readonly reason: string },
    options: CallOptions,
  ): Promise<MembershipOutcome>;
}

export interface KvCorner {
  /** Linearizable unless `stale`. Undefined = no such key. */
  get(key: string, options: CallOptions & { readonly stale?: boolean }): Promise<KvRow | undefined>;
  /** By key; only keys behind `after`, when it is given. */
  list(
    prefix: string,
    options: CallOptions & {
      readonly stale?: boolean;
      readonly limit: number;
      readonly after?: string;
    },
  ): Promise<readonly KvRow[]>;
  put(
    request: { readonly key: string; readonly value: Uint8Array; readonly condition: KvCondition },
    options: CallOptions,
  ): Promise<{ readonly revision: Revision; readonly version: number }>;
  delete(
    request: { readonly key: string; readonly condition: KvCondition },
    options: CallOptions,
  ): Promise<{ readonly revision: Revision; readonly existed: boolean }>;
}

/** The sentinel's side of the lease protocol, called through any server (runner/sentinel/protocol.ts has the words). */
export interface Leases {
  register(
    request: {
      readonly serverId: string;
      readonly incarnation: string;
      readonly leaseMs: number;
      readonly key: Uint8Array;
      readonly capacity: number;
    },
    options: CallOptions,
  ): Promise<{ readonly session: SessionId }>;
  /** `body` are the exact bytes that `signature` (HMAC-SHA-256, hexadecimal) covers: a JSON `RenewRequest`. */
  renew(body: Uint8Array, signature: string, options: CallOptions): Promise<RenewOutcome>;
}

export interface RenewOutcome {
  readonly alive: boolean;
  readonly confirmed: readonly { readonly jobId: string; readonly epoch: number }[];
  readonly term: number;
  readonly servers: readonly string[];
}

/** For distribution, on the leader only. */
export interface LeaseTable {
  /** Sessions whose lease has run out by the leader's own table (L2), as a level. */
  expired(): readonly SessionId[];
  /** Once a session is named in a plan that was proposed, it gets no more acknowledgements (L5). */
  deny(session: SessionId): void;
  suspect(serverId: string): boolean;
}
