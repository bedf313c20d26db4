// What add-nodes can ask for, and the core's settings that make it behave as etcd does.
import { noIndex, type PeerId } from "../../../../src/base/numbers.ts";
import type { RaftConfig } from "../../../../src/raft/config.ts";
import type { SnapshotMeta } from "../../../../src/raft/types.ts";

export interface ServerOptions {
  /** Where log and state machine begin; index 0 = with nothing. */
  readonly first: SnapshotMeta;
  readonly asynchronous: boolean;
  readonly inflightMax: number;
  readonly applyBatchBytesMax: number;
  readonly preVote: boolean;
  readonly checkQuorum: boolean;
  readonly leaseReads: boolean;
  /** This project's own: `x-election-priority=N`. */
  readonly electionPriority: number;
  readonly stepDownOnRemoval: boolean;
  readonly validateMembership: boolean;
  /** What this project has beyond etcd: off unless a transcript of its own asks for it (`x-…=true`). */
  readonly extensions: Partial<Extensions>;
}

type Extensions = Record<
  "progressIds" | "coalesceAppends" | "repeatSnapshots" | "ownVoteFirst" | "unnamedSnapshots",
  boolean
>;

const noExtensions: Extensions = {
  progressIds: false,
  coalesceAppends: false,
  repeatSnapshots: false,
  ownVoteFirst: false,
  unnamedSnapshots: false,
};

export const extensionFlags: Readonly<Record<string, keyof Extensions>> = {
  "x-progress-ids": "progressIds",
  "x-coalesce-appends": "coalesceAppends",
  "x-repeat-snapshots": "repeatSnapshots",
  "x-own-vote-first": "ownVoteFirst",
  "x-unnamed-snapshots": "unnamedSnapshots",
};

export const electionTicks = 3;
export const heartbeatTicks = 1;
export const unlimited: number = Number.MAX_SAFE_INTEGER;
/** The original's default: the largest 32-bit integer. */
export const inflightDefault = 2_147_483_647;

export function configOf(id: PeerId, options: ServerOptions): RaftConfig {
  const { first, preVote, checkQuorum, leaseReads, stepDownOnRemoval, electionPriority } = options;
  return {
    id,
    electionTicks,
    heartbeatTicks,
    maxMessageBytes: unlimited,
    maxInflightMessages: options.inflightMax,
    maxInflightBytes: unlimited,
    maxUncommittedBytes: unlimited,
    applyBatchBytesMax: options.applyBatchBytesMax,
    applied: first.index > 0 ? first.index : noIndex,
    membership: first.membership,
    preVote,
    checkQuorum,
    leaseReads,
    quietStart: false,
    electionPriority,
    stepDownOnRemoval,
    validateMembership: options.validateMembership,
    ...noExtensions,
    ...options.extensions,
  };
}
