import { GiB, KiB, MiB, minute } from "../base/units.ts";

/** Every chunk but the last of a file has this size: small enough to hash and send without a stall. */
export const chunkBytes: number = 256 * KiB;
/** Bytes of one upload that are in memory at most, whatever the file's size (and one chunk that is being filled). */
export const uploadWindowBytes: number = 8 * MiB;
/** One window is cut in two: one half is being stored while the other arrives. */
export const uploadHalfWindowBytes: number = uploadWindowBytes / 2;
export const resourceBytesMax: number = 1 * GiB;
/** After a pull that brought not everything. */
export const fetchRetryMs = 250;
/** Bytes that nobody needs are collected at most this long after a change. */
export const collectAfterMs = 5000;
/** An upload without any progress for so long is ended by the leader. */
export const uploadIdleMs: number = 10 * minute;
export const uploadLookMs: number = minute;
