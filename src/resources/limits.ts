import { day, GiB, KiB, MiB, minute } from "../base/units.ts";

/** Every chunk but the last of a file has this size: small enough to hash and send without a stall. */
export const chunkBytes: number = 256 * KiB;
/** Bytes of one upload that are in memory at most, whatever the file's size (and one chunk that is being filled). */
export const uploadWindowBytes: number = 8 * MiB;
/** One window is cut in two: one half is being stored while the other arrives. */
export const uploadHalfWindowBytes: number = uploadWindowBytes / 2;
export const resourceBytesMax: number = 1 * GiB;
/** After a pull that brought not everything; doubles with each further one that did. */
export const fetchRetryMs = 250;
export const fetchRetryMsMax = 2000;
/** Chunks of committed versions that are fetched before uploads under way get their turn again. */
export const liveSliceChunksMax = 256;
/** Bytes that nobody needs are collected at most this long after a change. */
export const collectAfterMs = 5000;
/** An upload without any progress for so long is ended by the leader. */
export const uploadIdleMs: number = 10 * minute;
export const uploadLookMs: number = minute;
/** Reading for the scrub: 20 GiB take about a week. */
export const scrubBytesPerSecond: number = 36 * KiB;
/** A small store is not read more often than this. */
export const scrubPassMsMin: number = 1 * day;
/** The first pass after a start begins within this time. */
export const scrubStartDelayMsMax: number = 60 * minute;
