// Every bound of the sentinel, in one place (docs/operating/limits.md lists them). Those of the lease protocol
// are named after the rule that needs them.
import { MiB, minute, second } from "../../base/units.ts";

/** ρ: how far the rate of one machine's monotonic clock may be off. Quartz is within 0.01 %, virtual machines within 0.05 %. */
export const clockRateErrorRatio = 0.01;
/** How often a working server process says that its event loop turns. */
export const aliveIntervalMs = 1 * second;
/**
 * So many intervals without that word, and the server process is taken for hung: it is killed and started again, which
 * costs its jobs nothing. Longer than any single step of a healthy server; shorter than the silence after which its
 * peers break their connections (transport's keepalive), because a process that wakes up to a heap of broken
 * connections may never get out of them.
 */
export const aliveIntervalsMax = 6;
/** L1: a renewal every L/3 leaves two more chances before the lease runs out. */
export const renewalsPerLease = 3;
/** An unanswered renewal is sent again, to another server, after this time. */
export const resendAfterMs = 150;
/** Renewals under way at a time; more would only queue behind a dead network. */
export const renewalsInflightMax = 16;
/** An answer later than this is not worth waiting for. */
export const renewTimeoutMaxMs = 2 * second;
export const registerTimeoutMs = 3 * second;
/** Pause between two tries to register when every server was asked. */
export const registerPauseMs = 250;
/** While no server registers this machine (a cluster that is just forming takes a while), one line per this time. */
export const registerLogIntervalMs = 5 * second;
export const answerBytesMax = 1 * MiB;
/** How long a resolved address of a server is used before it is looked up again in the background. */
export const addressFreshMs = 30 * second;

/** L4: CLOCK_BOOTTIME this far ahead of the monotonic clock means that the machine slept. /proc/uptime counts 10 ms. */
export const suspendGapMaxMs = 200;
/** How often deadline and sleep are looked at besides the timer at the deadline itself. */
export const watchIntervalMs = 100;

/** Ordered end: jobs get the smaller of their own grace and this. */
export const shutdownJobGraceMs = 3 * second;
/** Ordered end: how long the sealed renewal is repeated until it is confirmed. */
export const sealConfirmMs = 1 * second;
/** Ordered end: how often an unconfirmed sealed renewal is repeated. */
export const sealRepeatMs = 50;
/** Ordered end: how long SIGKILL gets before the session is ended without the killed job's release. */
export const killWaitMs = 250;
/** Ordered end: how long the server process may take after `shut-down`. */
export const serverExitMs = 4 * second;
/** Ordered end as a whole; service managers and containers kill after 10 s or later. */
export const shutdownTotalMs = 5 * second - 200;
/** How long a job whose group was killed is waited for before the log says that SIGKILL does not work. */
export const killPatienceMs = 5 * second;

export const restartDelayMinMs = 200;
export const restartDelayMaxMs = 5 * second;
/** A server process that lived this long starts again with the smallest delay. */
export const restartResetMs = 10 * second;

/** First pause between two looks whether a killed group is gone; doubles up to the second. */
export const goneCheckMinMs = 5;
export const goneCheckMaxMs = 100;

/** A job's current output file; beyond it the file is copied aside and emptied. */
export const logFileBytesMax = 8 * MiB;
/** Older output files kept per job. */
export const logFilesMax = 4;
export const logCheckIntervalMs = 1 * second;

/** The journal is rewritten with what still runs when it grew by this much. */
export const journalBytesMax = 1 * MiB;
/** Leftovers of an older life that are not dead after this time stop the start. */
export const leftoversKillMs = 10 * second;

/** Log lines waiting for a slow reader; more are dropped and counted, because waiting would cost the lease. */
export const logLinesQueuedMax = 1000;
/** Upper bound for `agentGraceMs`: beyond it a missing server process is nobody's short pause. */
export const agentGraceMaxMs = 60 * minute;
