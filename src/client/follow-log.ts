// Following a job's output by asking again. A position belongs to the machine that wrote the output: when the job
// moves, the old machine's output is read to its end, where the lines are that the job wrote when it was told to stop;
// then the new one's from its beginning, or from where it was left when the job was there before. A lost machine is
// silent until its lease is over, and the next one has no output before the job has started there: neither ends the
// following.
import { setTimeout as sleep } from "node:timers/promises";
import { QuorateError } from "../base/errors.ts";
import { minute } from "../base/units.ts";
import type { ReadLogResponse__Output as LogPiece } from "../gen/quorate/job/v1/ReadLogResponse.ts";

const pollMs = 250;
/** How long nobody may be able to tell the output before the following ends with the reason. */
const silenceMsMax = 10 * minute;
/** While the next machine starts the job, it has no output of it. */
const noOutputCode = "QUORATE_API_NO_LOG";
/** How long a machine that was silent is asked once more for its last lines, after the next one has taken over. */
const lastLinesMs = 3000;

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
  /** The server whose output is wanted, whoever runs the job now. */
  readonly serverId?: string;
  readonly deadlineMs?: number;
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

/** A server's own output, while it is the one that runs the job. */
const isOwners = ({ serverId, ownerId }: LogPiece): boolean => serverId === ownerId;

/** The reason instead, when it passes; any other is thrown on. */
async function readOrNothing(
  { read }: FollowModules,
  at: ReadAt,
): Promise<LogPiece | QuorateError> {
  try {
    return await read(at);
  } catch (thrown) {
    return passing(thrown);
  }
}

/**
 * A piece of the server that is followed, or, when that one is out of reach, of the one that runs the job by now; tried
 * as often as it takes. Undefined when the signal came first.
 */
async function readThrough(
  modules: FollowModules,
  at: ReadAt,
  { signal, onInterrupted }: FollowOptions,
): Promise<LogPiece | undefined> {
  const { nowMs } = modules;
  let sinceMs: number | undefined;
  for (;;) {
    const piece = await readOrNothing(modules, at);
    if (!(piece instanceof QuorateError)) return piece;
    if (sinceMs === undefined) await onInterrupted?.(piece);
    sinceMs ??= nowMs();
    if (nowMs() - sinceMs >= silenceMsMax) throw piece;
    if (!(await paused(signal))) return undefined;
    const owners = await readOrNothing(modules, { offset: at.offset });
    if (owners instanceof QuorateError) continue;
    // Anything else may be an older run's.
    if (owners.serverId === at.serverId || isOwners(owners)) return owners;
  }
}

/** What a machine wrote that was silent before the next one took over, when it answers now. */
async function lastLines(modules: FollowModules, at: ReadAt): Promise<LogPiece | undefined> {
  const piece = await readOrNothing(modules, { ...at, deadlineMs: lastLinesMs });
  const isWanted = !(piece instanceof QuorateError) && piece.serverId === at.serverId;
  return isWanted && piece.data.length > 0 ? piece : undefined;
}

/** The next piece of the server that is followed, or where the job is now, once that server's output is over. */
async function nextPiece(
  modules: FollowModules,
  at: ReadAt,
  options: FollowOptions,
): Promise<LogPiece | { readonly movedTo: string } | undefined> {
  const piece = await readThrough(modules, at, options);
  if (piece === undefined) return undefined;
  const { serverId, ownerId, data } = piece;
  if (serverId !== at.serverId) return (await lastLines(modules, at)) ?? { movedTo: serverId };
  const isOver = data.length === 0 && ownerId !== "" && ownerId !== serverId;
  return isOver ? { movedTo: ownerId } : piece;
}

/** What cannot be read at the very beginning is an error of the first read. */
export async function* followed(
  modules: FollowModules,
  options: FollowOptions,
): AsyncGenerator<LogPiece, void, void> {
  const { offset = 0, tailBytes = 0, signal } = options;
  const positions = new Map<string, number>();
  let at: ReadAt = { offset, tailBytes };
  while (signal?.aborted !== true) {
    const next = await (at.serverId === undefined
      ? modules.read(at)
      : nextPiece(modules, at, options));
    if (next === undefined) return;
    if ("movedTo" in next) {
      at = { offset: positions.get(next.movedTo) ?? 0, serverId: next.movedTo };
      // It has hardly begun there; and no two servers that disagree about the owner make this spin.
      if (!(await paused(signal))) return;
      continue;
    }
    const { serverId, nextOffset, data } = next;
    positions.set(serverId, nextOffset);
    at = { offset: nextOffset, serverId };
    if (data.length > 0) yield next;
    else if (!(await paused(signal))) return;
  }
}
