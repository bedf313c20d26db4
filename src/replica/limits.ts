// Every bound of this room, with the default that the server uses. Over a bound the caller is refused at once
// with the limit's name (callers) or the message is dropped and counted (peers: Raft repeats what matters).
import { KiB, MiB, second } from "../base/units.ts";

export interface ReplicaTiming {
  /**
   * A heartbeat costs the leader about 0.8 ms of a core per peer, its answer included: a longer interval leaves an
   * idle leader in peace, a shorter one forgives more lost ones before an election (docs/decisions/0006).
   */
  readonly heartbeatMs: number;
  /** The election timeout is drawn from [electionMinMs, 2 × electionMinMs). */
  readonly electionMinMs: number;
}

export const defaultTiming: ReplicaTiming = { heartbeatMs: 75, electionMinMs: 300 };

/** One Raft tick is this part of a heartbeat: more ticks spread elections better, and wake the process more often. */
export const ticksPerHeartbeat = 5;

export function tickMsOf({ heartbeatMs }: ReplicaTiming): number {
  return heartbeatMs / ticksPerHeartbeat;
}

export interface ReplicaLimits {
  /** Messages of peers that wait for the next turn; more are dropped and counted. */
  readonly inboxMessagesMax: number;
  readonly inboxBytesMax: number;
  /** Proposals without an answer yet, by count and by encoded bytes. */
  readonly proposalsMax: number;
  readonly proposalBytesMax: number;
  /** One encoded command; must fit a message between servers with room to spare. */
  readonly entryBytesMax: number;
  /**
   * Entries that travel in one append; a larger one travels alone. Reading and encoding them holds up everything else on
   * the leader: a server that comes back with much to catch up would be noticed by every client if appends were large.
   */
  readonly appendBytesMax: number;
  /** What is written to the log in one synced batch, unless one entry alone is larger. */
  readonly appendBatchBytesMax: number;
  /** How long committed entries are applied before the loop yields. */
  readonly applySliceMs: number;
  /** Barriers and confirmations that wait for an answer. */
  readonly readsMax: number;
  /** Long polls that wait. */
  readonly watchersMax: number;
  /** Topics whose last change is remembered one by one; older ones share the revision of the newest forgotten one. */
  readonly watchTopicsMax: number;
  /** Calls that wait for a leader or for its answer. */
  readonly linkCallsMax: number;
  /** A snapshot is taken once this many entries, or bytes of entries, were applied since the last one. */
  readonly snapshotEntries: number;
  readonly snapshotBytes: number;
  /** Entries that stay behind a snapshot, so that a short outage never needs one. */
  readonly trailingEntries: number;
}

export const defaultReplicaLimits: ReplicaLimits = {
  inboxMessagesMax: 16_384,
  inboxBytesMax: 64 * MiB,
  proposalsMax: 8192,
  proposalBytesMax: 32 * MiB,
  entryBytesMax: 1 * MiB,
  appendBytesMax: 256 * KiB,
  appendBatchBytesMax: 4 * MiB,
  applySliceMs: 8,
  readsMax: 16_384,
  watchersMax: 16_384,
  watchTopicsMax: 65_536,
  linkCallsMax: 8192,
  snapshotEntries: 50_000,
  snapshotBytes: 32 * MiB,
  trailingEntries: 10_000,
};

/** A proposal or barrier whose caller named no deadline. */
export const callDeadlineMs: number = 10 * second;
/** Entries applied between two looks at the clock. */
export const applyStride = 16;
/** Ready rounds of one turn before other work gets its turn. */
export const readyRoundsMax = 32;
/** Read rounds on their way at once; further reads wait for the next and share it. */
export const readRoundsMax = 4;
/** Largest wait before the first election after the leader's stream broke. */
export const hintDelayMaxMs = 50;
/** The pause before it is repeated is drawn from here, and from twice as much after each further attempt. */
export const hintRetryMinMs = 20;
export const hintRetryMaxMs = 70;
/** Repeats of the hinted election before the normal timeouts take over. */
export const hintRetriesMax = 4;
/** How long a removed server stays connected, so that it can be told. */
export const farewellMs: number = 1 * second;
/** How long a server tries to tell a peer under which address it can be answered. */
export const introductionMs: number = 1 * second;
/** Peers that the state does not name yet and that are answered all the same; above it the oldest is forgotten. */
export const strangersMax = 16;
/** Wait before a call looks for the leader again, unless a change of leader wakes it earlier. */
export const leaderRetryMs = 20;
/** A snapshot that a peer neither pulls nor acknowledges for this long has failed. */
export const snapshotStallMs: number = 5 * second;
/** Attempts to take a snapshot are put off while a peer pulls the current one, up to this many times the threshold. */
export const snapshotPatience = 4;
/** One read of a snapshot file, and one piece of a pull. */
export const pullPieceBytes: number = 256 * KiB;
/** Bytes of pulled chunks in memory: half is being written while the other half arrives. */
export const chunkWindowBytes: number = 8 * MiB;
/** Digests named in one pull. */
export const chunksPerPullMax = 256;
/** No chunk is larger (the chunker's maximum is 1 MiB). */
export const chunkBytesMax: number = 2 * MiB;
