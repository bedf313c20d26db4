import type { Index, PeerId } from "../base/numbers.ts";
import { entryOverheadBytes } from "./entry-size.ts";
import { raftErrors } from "./errors.ts";
import type { MembershipState } from "./types.ts";

/** The highest `electionPriority`, and the one that a server has unless told otherwise. */
export const electionPriorityMax = 3;

export interface RaftConfig {
  /** This server. Never reused for another data directory: a peer id stands for the log behind it. */
  readonly id: PeerId;
  /**
   * A follower that hears nothing for [electionTicks, 2 × electionTicks) campaigns. Short: quick failover; too
   * short for the network or the disk: elections without need. At least twice `heartbeatTicks`.
   */
  readonly electionTicks: number;
  readonly heartbeatTicks: number;
  /**
   * `electionTicks` in milliseconds: servers whose ticks or timeouts differ compare by it (`leaseReads`). Default: a tick
   * is one.
   */
  readonly electionMs?: number;
  /** Entries in one append; one entry goes however large it is. */
  readonly maxMessageBytes: number;
  /**
   * Payload of one proposed entry; must fit the transport's message limit. Default: as much as fits `maxMessageBytes`.
   */
  readonly maxEntryBytes?: number;
  /** Window of unacknowledged appends per peer, in messages and in bytes. */
  readonly maxInflightMessages: number;
  readonly maxInflightBytes: number;
  /** Payload that was proposed and is not applied yet; over it `propose` is refused. */
  readonly maxUncommittedBytes: number;
  /** Committed entries handed out and not yet applied. */
  readonly applyBatchBytesMax: number;
  /** Everything up to here is in the state machine already; at least the snapshot's index. */
  readonly applied: Index;
  /** The membership at `applied`. Default: the one of the log's snapshot, right when `applied` is the snapshot's index. */
  readonly membership?: MembershipState;
  /** Ask before campaigning (§9.6 of the dissertation), so that a cut-off server does not depose a leader. */
  readonly preVote?: boolean;
  /** A leader without contact to a quorum for an election timeout steps down; followers are loyal meanwhile. */
  readonly checkQuorum?: boolean;
  /** Tell the stays of a peer in the membership apart (see `AppendRequest.progressId`). */
  readonly progressIds?: boolean;
  /** A leader that applies its own removal becomes follower at once. */
  readonly stepDownOnRemoval?: boolean;
  /** Put off sending appends to `ready()`, so that everything of one turn travels in one message per peer. */
  readonly coalesceAppends?: boolean;
  /**
   * Announce a snapshot again every election timeout until the peer has it, so that a lost announcement is not
   * the end (in etcd the application must notice and report). The receiver ignores what it is fetching already.
   */
  readonly repeatSnapshots?: boolean;
  /**
   * A candidate leads only once its own vote is durable, however many others voted for it. Otherwise it could
   * crash, forget the term, be elected in it again by the same voters and put other entries at the same index
   * and term (etcd-io/raft with asynchronous writes permits this).
   */
  readonly ownVoteFirst?: boolean;
  /** Take a snapshot whose membership does not name this server; etcd throws such a one away. */
  readonly unnamedSnapshots?: boolean;
  /**
   * Answer reads without asking while a quorum's loyalty lasts (`LeaderLease`; §6.4.1 of the dissertation). Right only
   * while no clock runs faster than another by a quarter; the caller must say when ticks were
   * missed (`RaftCore.suspendLease`). Effective while a quorum has it on. Needs `checkQuorum`; the hint of a broken
   * stream is not taken then, so failover takes an election timeout.
   */
  readonly leaseReads?: boolean;
  /** No vote in the first election timeout after a start. Default: with `leaseReads`, which rest on it. */
  readonly quietStart?: boolean;
  /**
   * How soon this server tries to lead, 0 to `electionPriorityMax` (default: everybody the same). Each step below
   * the highest leaves one campaign to the others: an election timeout longer, counted without renewing any
   * loyalty. What is left to them is used up by every campaign, own or foreign, that gave no leader, so a server
   * whose betters are dead or lag behind campaigns after at most that many (compare raft-rs `priority`, which
   * votes by it, and NuRaft's decaying target priority). Votes do not depend on it. Too low everywhere: slower
   * failover. A wish, not a rule: no help against a leader that is in office.
   */
  readonly electionPriority?: number;
  /** Off = accept membership changes that contradict the present membership; only for tests of the change rules. */
  readonly validateMembership?: boolean;
}

export type ResolvedConfig = Readonly<Required<Omit<RaftConfig, "membership">>> & {
  readonly membership: MembershipState | undefined;
};

const counts = [
  "id",
  "electionTicks",
  "heartbeatTicks",
  "maxInflightMessages",
  "maxMessageBytes",
  "maxInflightBytes",
  "maxUncommittedBytes",
  "applyBatchBytesMax",
] as const;

function refuse(field: string, value: number, rule: string): never {
  throw raftErrors.BAD_CONFIG(`${field} = ${String(value)} ${rule}`, { fields: { field, value } });
}

/** The window must hold the largest append there can be. */
function checkWindow(config: RaftConfig, maxEntryBytes: number): void {
  const { maxInflightBytes, maxMessageBytes } = config;
  if (!Number.isSafeInteger(maxEntryBytes)) {
    refuse("maxEntryBytes", maxEntryBytes, "is not a whole number");
  }
  if (maxInflightBytes < Math.max(maxMessageBytes, maxEntryBytes + entryOverheadBytes)) {
    const rule = "must be at least maxMessageBytes, and hold an entry of maxEntryBytes";
    refuse("maxInflightBytes", maxInflightBytes, rule);
  }
}

/** Checks the settings and fills in the defaults; throws `QUORATE_RAFT_BAD_CONFIG`. */
export function resolveConfig(config: RaftConfig): ResolvedConfig {
  for (const field of counts) {
    const value: number = config[field];
    if (!Number.isSafeInteger(value) || value < 1)
      refuse(field, value, "is not a whole number ≥ 1");
  }
  if (config.electionTicks <= config.heartbeatTicks) {
    refuse("electionTicks", config.electionTicks, "must be greater than heartbeatTicks");
  }
  const maxEntryBytes = config.maxEntryBytes ?? config.maxMessageBytes - entryOverheadBytes;
  checkWindow(config, maxEntryBytes);
  const { electionPriority = electionPriorityMax } = config;
  if (
    !Number.isSafeInteger(electionPriority) ||
    electionPriority < 0 ||
    electionPriority > electionPriorityMax
  ) {
    const rule = `is not a whole number from 0 to ${String(electionPriorityMax)}`;
    refuse("electionPriority", electionPriority, rule);
  }
  if (config.leaseReads === true && config.checkQuorum === false) {
    throw raftErrors.BAD_CONFIG("leaseReads needs checkQuorum", {
      fields: { field: "leaseReads" },
    });
  }
  return {
    ...config,
    maxEntryBytes,
    electionMs: config.electionMs ?? config.electionTicks,
    membership: config.membership,
    preVote: config.preVote ?? true,
    checkQuorum: config.checkQuorum ?? true,
    progressIds: config.progressIds ?? true,
    stepDownOnRemoval: config.stepDownOnRemoval ?? true,
    coalesceAppends: config.coalesceAppends ?? true,
    repeatSnapshots: config.repeatSnapshots ?? true,
    ownVoteFirst: config.ownVoteFirst ?? true,
    unnamedSnapshots: config.unnamedSnapshots ?? true,
    leaseReads: config.leaseReads ?? false,
    quietStart: config.quietStart ?? config.leaseReads ?? false,
    electionPriority,
    validateMembership: config.validateMembership ?? true,
  };
}
