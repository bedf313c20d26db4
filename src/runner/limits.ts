// Every bound of the agent and the executors (docs/operating/limits.md lists them).
import { GiB, KiB, minute, second } from "../base/units.ts";

/** The table is looked at this often even when nothing seems to have changed. */
export const pollTimeoutMs = 1 * second;
/** Restart backoff of a job: first delay, doubled up to the second, with ± 20 % so that jobs do not start in step. */
export const restartDelayMinMs = 1 * second;
export const restartDelayMaxMs = 5 * minute;
/** Share of a delay that chance decides, in percent of it. */
export const restartJitterPercent = 20;
/** A run that lasted this long was healthy: the next delay is the smallest again. */
export const restartResetMs = 10 * minute;
/** Starts being prepared or executed at a time, unless the options say otherwise (2 × cores is a good value). */
export const startsInflightDefaultMax = 4;
/** Runs in one report. */
export const reportBatchMax = 200;
/** Pause before reports that could not be handed in are tried again. */
export const reportRetryMs = 1 * second;
/** Resources cached on this machine; the least recently used go first, never what runs. */
export const cacheBytesDefaultMax = 10 * GiB;
/** Directories of jobs that are kept after they left this machine; the least recently used go first. */
export const jobDirectoriesMax = 500;
/** One answer of `readLog` or `tailLog`. */
export const logReadBytesMax = 256 * KiB;
export const tailLinesDefault = 200;
/** "It runs" is reported again after this time as long as the table does not show it. */
export const reportRepeatMs = 5 * second;
/** An agent that stops waits this long for what is under way, then abandons it: reports and fetches are repeated. */
export const agentStopMs = 300;
/** Upkeep of cache and directories: how often at most. */
export const pruneIntervalMs = 1 * minute;
