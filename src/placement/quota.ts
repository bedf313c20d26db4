// Quotas are what makes the distribution even: the ring may prefer whom it likes, nobody gets more than
// the whole number above its share. Shares are seldom whole, and who gets the remainders is free: it goes
// to servers that already hold that one job more, because then the job need not move.
import { assert, defined } from "../base/assert.ts";
import { compareIds } from "./order.ts";

export interface QuotaShare {
  readonly id: string;
  /** Integer weight ≥ 1. */
  readonly capacity: number;
  /** Units it holds now. */
  readonly load: number;
  /** Those of `load` that cannot be moved away. */
  readonly fixed: number;
}

interface Part {
  readonly share: QuotaShare;
  readonly floor: number;
  /** `(total · capacity) mod weights`: 0 = the share is whole. */
  readonly remainder: number;
}

/**
 * Divides `total` units among the shares in the ratio of their capacities: integers that sum to
 * `total`, each less than 1 from the exact share. Units that cannot move are honoured: a server that is
 * fixed above its share keeps them, and the others divide the rest. Same order as `shares`, which is
 * not empty; the numbers do not depend on that order.
 */
export function integerQuotas(total: number, shares: readonly QuotaShare[]): number[] {
  const quotas = new Map<QuotaShare, number>();
  let open = [...shares];
  let rest = total;
  while (open.length > 0) {
    const divided = divide(rest, open);
    const over = open.filter((share) => share.fixed > defined(divided.get(share), "quota"));
    if (over.length === 0) {
      for (const [share, quota] of divided) quotas.set(share, quota);
      break;
    }
    for (const share of over) {
      quotas.set(share, share.fixed);
      rest -= share.fixed;
    }
    open = open.filter((share) => !over.includes(share));
  }
  return shares.map((share) => defined(quotas.get(share), "quota"));
}

function divide(total: number, shares: readonly QuotaShare[]): Map<QuotaShare, number> {
  let weights = 0;
  for (const { capacity } of shares) weights += capacity;
  const quotas = new Map<QuotaShare, number>();
  const parts: Part[] = [];
  let left = total;
  for (const share of shares) {
    const product = total * share.capacity;
    assert(
      Number.isSafeInteger(product),
      `load times capacity of ${share.id} is not a safe integer`,
    );
    const remainder = product % weights;
    const floor = (product - remainder) / weights;
    quotas.set(share, floor);
    left -= floor;
    // A server whose share is whole gets no more, or it would end a full unit above its share.
    if (remainder > 0) parts.push({ share, floor, remainder });
  }
  parts.sort(byClaim);
  for (const { share, floor } of parts.slice(0, left)) quotas.set(share, floor + 1);
  return quotas;
}

/** Who gets a remainder first: who cannot give it back, who has it already, largest remainder, id. */
function byClaim(a: Part, b: Part): number {
  return (
    Number(b.share.fixed > b.floor) - Number(a.share.fixed > a.floor) ||
    Number(b.share.load > b.floor) - Number(a.share.load > a.floor) ||
    b.remainder - a.remainder ||
    compareIds(a.share.id, b.share.id)
  );
}
