// Following a job's output by asking again. A position belongs to the machine that wrote the output: when the job
// moves, the new machine's output is read from its beginning, or from where it was left when the job was there before.
// A lost machine is silent until its lease is over, and the next one has no output before the job has started there:
// neither ends the following.
import { setTimeout as sleep } from "node:timers/promises";
import { QuorateError } from "../base/errors.ts";
import { minute } from "../base/units.ts";
import type { ReadLogResponse__Output as LogPiece } from "../gen/quorate/job/v1/ReadLogResponse.ts";

const pollMs = 250;
/** How long nobody may be able to tell the output before the following ends with the reason. */
const silenceMsMax = 10 * minute;
/** While the next machine starts the job, it has no output of it. */
const noOutputCode = "QUORATE_API_NO_LOG";

export interface FollowOptions {
  readonly offset?: number;
  /** Begins so many bytes before the end. */
  readonly tailBytes?: number;
  readonly signal?: AbortSignal;
  /** Told once when the output cannot be read for a while, with the reason; the following goes on. */
  readonly onInterrupted?: (reason: QuorateError) => void | Promise<void>;
}

export interface ReadAt {
  readonly offset: number;
  readonly tailBytes?: number;
  /** The server whose output is wanted while nobody runs the job. */
  readonly serverId?: string;
}

interface FollowModules {
  readonly read: (at: ReadAt) => Promise<LogPiece>;
  readonly nowMs: () => number;
}

/** False when the signal came first. */
async function paused(signal: AbortSignal | undefined): Promise<boolean> {
  try {
    await sleep(pollMs, undefined, signal === undefined ? {} : { signal });
    return true;
  } catch (error) {
    if (signal?.aborted === true) return false;
    throw error;
  }
}

/** The reason, when it is one that passes; anything else is thrown on. */
function passing(thrown: unknown): QuorateError {
  if (!(thrown instanceof QuorateError)) throw thrown;
  const passes =
    thrown.kind === "unavailable" ||
    thrown.kind === "unknown" ||
    thrown.kind === "exhausted" ||
    thrown.code === noOutputCode;
  if (!passes) throw thrown;
  return thrown;
}

/** Reads once, or as often as it takes while the output is out of reach; undefined when the signal came first. */
async function readThrough(
  { read, nowMs }: FollowModules,
  at: ReadAt,
  { signal, onInterrupted }: FollowOptions,
): Promise<LogPiece | undefined> {
  let sinceMs: number | undefined;
  for (;;) {
    try {
      return await read(at);
    } catch (thrown) {
      const reason = passing(thrown);
      if (sinceMs === undefined) await onInterrupted?.(reason);
      sinceMs ??= nowMs();
      if (nowMs() - sinceMs >= silenceMsMax) throw reason;
      if (!(await paused(signal))) return undefined;
    }
  }
}

/** What cannot be read at the very beginning is an error of the first read. */
export async function* followed(
  modules: FollowModules,
  options: FollowOptions,
): AsyncGenerator<LogPiece, void, void> {
  const { offset = 0, tailBytes = 0, signal } = options;
  const positions = new Map<string, number>();
  let server: string | undefined;
  let at: ReadAt = { offset, tailBytes };
  while (signal?.aborted !== true) {
    const piece = await (server === undefined
      ? modules.read(at)
      : readThrough(modules, at, options));
    if (piece === undefined) return;
    const { serverId, nextOffset, data } = piece;
    if (server !== undefined && serverId !== server) {
      server = serverId;
      at = { offset: positions.get(serverId) ?? 0, serverId };
      continue;
    }
    server = serverId;
    positions.set(serverId, nextOffset);
    at = { offset: nextOffset, serverId };
    if (data.length > 0) yield piece;
    else if (!(await paused(signal))) return;
  }
}
