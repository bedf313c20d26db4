// Following a job's output by asking again. A position belongs to the machine that wrote the output: when the job
// moves, the new machine's output is read from its beginning, or from where it was left when the job was there before.
import { setTimeout as sleep } from "node:timers/promises";
import type { ReadLogResponse__Output as LogPiece } from "../gen/quorate/job/v1/ReadLogResponse.ts";

const pollMs = 250;

export interface FollowOptions {
  readonly offset?: number;
  /** Begins so many bytes before the end. */
  readonly tailBytes?: number;
  readonly signal?: AbortSignal;
}

interface ReadAt {
  readonly offset: number;
  readonly tailBytes?: number;
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

export async function* followed(
  read: (at: ReadAt) => Promise<LogPiece>,
  { offset = 0, tailBytes = 0, signal }: FollowOptions,
): AsyncGenerator<LogPiece, void, void> {
  const positions = new Map<string, number>();
  let server: string | undefined;
  let at: ReadAt = { offset, tailBytes };
  while (signal?.aborted !== true) {
    const piece = await read(at);
    const { serverId, nextOffset, data } = piece;
    if (server !== undefined && serverId !== server) {
      server = serverId;
      at = { offset: positions.get(serverId) ?? 0 };
      continue;
    }
    server = serverId;
    positions.set(serverId, nextOffset);
    at = { offset: nextOffset };
    if (data.length > 0) yield piece;
    else if (!(await paused(signal))) return;
  }
}
