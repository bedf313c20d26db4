import { GiB, KiB, MiB, minute } from "../base/units.ts";

/**
 * Bounds of the replicated state. They decide results, so every server of a cluster must run with the same
 * values: the product always uses `defaultLimits`; other values are for tests.
 */
export interface StateLimits {
  /** Sum over all rows of key, value and `kvRowOverheadBytes`. */
  readonly kvBytesMax: number;
  /** One uploaded file; also the sum of the distinct chunks of one upload. */
  readonly fileBytesMax: number;
  /** Distinct chunks, live or pinned, of the whole store. */
  readonly storeBytesMax: number;
  readonly uploadsMax: number;
  readonly chunksPerUploadMax: number;
  /** Names of resources, those without versions included. */
  readonly resourcesMax: number;
  readonly versionsPerResourceMax: number;
  readonly jobsMax: number;
  readonly sessionsActiveMax: number;
  /** Ended sessions that are remembered; above it the oldest are forgotten. */
  readonly sessionsEndedMax: number;
  readonly clientSessionsMax: number;
  /** Results kept per client session, for commands sent and not yet acknowledged. */
  readonly clientResultsMax: number;
  readonly eventsMax: number;
  readonly eventsPerSubjectMax: number;
}

export const defaultLimits: StateLimits = {
  kvBytesMax: 256 * MiB,
  fileBytesMax: GiB,
  storeBytesMax: 20 * GiB,
  uploadsMax: 1024,
  chunksPerUploadMax: 65_536,
  resourcesMax: 100_000,
  versionsPerResourceMax: 10_000,
  jobsMax: 200_000,
  sessionsActiveMax: 8192,
  sessionsEndedMax: 1024,
  clientSessionsMax: 4096,
  clientResultsMax: 64,
  eventsMax: 20_000,
  eventsPerSubjectMax: 100,
};

export const kvKeyBytesMax = 512;
export const kvValueBytesMax: number = 64 * KiB;
/** What a row costs beside its key and value, so that many tiny rows are bounded too. */
export const kvRowOverheadBytes = 64;

export const nameCharsMax = 128;
export const chunkBytesMax: number = MiB;

export const jobSlotsMax = 10_000;
export const jobPriorityMax = 100;
/** Items of a command, of its arguments, of JVM options and of an environment, each. */
export const jobListItemsMax = 1024;
/** Command, arguments, JVM options and environment of one job together. */
export const jobTextBytesMax: number = 128 * KiB;
export const jobStopGraceMsMax: number = 24 * 60 * minute;

export const serverCapacityMax = 1_000_000;
export const serverTextCharsMax = 256;
export const serverLabelsMax = 64;

export const leaseMsMin = 100;
export const leaseMsMax: number = 60 * minute;
/** HMAC-SHA-256 key of a sentinel. */
export const sessionKeyBytes = 32;

/** Texts for people are cut, never refused: reasons, notes, actors, event details. */
export const reasonCharsMax = 512;
export const runMessageCharsMax = 2048;

/** Largest piece that a snapshot is cut into. */
export const snapshotPieceBytesMax: number = 256 * KiB;
/** A longer record can only come from damage: the largest rows are uploads with all their chunks. */
export const snapshotRecordBytesMax: number = 64 * MiB;
