// What the failover workload asks of a replicated store, ours or another one: three servers as processes, a write
// through the public door of one of them, and the ways in which a server is lost.

/** How a leader goes: its process is killed (connections break at once), or its whole host falls silent. */
export type Loss = "kill" | "silence";

export interface FailoverTarget {
  readonly name: string;
  /** Version and settings that differ from the defaults, for the report. */
  readonly settings: Readonly<Record<string, string>>;
  /** Doors in turn take one write each: index of a server, 0-based. Rejects when it was not acknowledged in time. */
  put(server: number, key: string, deadlineMs: number): Promise<void>;
  /** Index of the leader that a majority follows; waits for one. */
  leader(): Promise<number>;
  /** Resolves at the moment of the loss. Of a silent host nothing is heard any more, not even that it closed a socket. */
  lose(server: number, loss: Loss): Promise<void>;
  /** The server is back with its data and follows. */
  restore(server: number): Promise<void>;
  stop(): Promise<void>;
}

/** The element at `index`; a missing one is a mistake of the caller. */
export function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new Error(`there is no server ${String(index)}`);
  return found;
}
