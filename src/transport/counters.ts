import type { RefusalReason, TransportStats } from "./contract.ts";

/** What `stats()` reports; owned by one transport and written by its parts. */
export interface Counters {
  sent: number;
  received: number;
  dropped: number;
  refused: number;
  readonly refusals: Record<RefusalReason, number>;
}

export function newCounters(): Counters {
  const refusals = {
    "foreign-peer": 0,
    "removed-peer": 0,
    "stale-data": 0,
    "newer-version": 0,
    garbage: 0,
    "too-large": 0,
    limit: 0,
    silent: 0,
  };
  return { sent: 0, received: 0, dropped: 0, refused: 0, refusals };
}

export function countRefusal(counters: Counters, reason: RefusalReason): void {
  counters.refused += 1;
  counters.refusals[reason] += 1;
}

/** A copy that stays as it is. */
export function statsOf(counters: Counters): TransportStats {
  return { ...counters, refusals: { ...counters.refusals } };
}
