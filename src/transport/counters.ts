import type { TransportStats } from "./contract.ts";

/** What `stats()` reports; owned by one transport and written by its parts. */
export type Counters = { -readonly [K in keyof TransportStats]: TransportStats[K] };

export function newCounters(): Counters {
  return { sent: 0, received: 0, dropped: 0, refused: 0 };
}
