// Remembers the newest start of every peer's data directory, and so recognises one that went back in time: restored from an
// old copy, or having lost the end of its log without noticing. Such a server must not vote or acknowledge under its peer
// id. The newest start is known by its number and its nonce. A later one must prove that it comes after it, by naming it among
// its earlier starts: a number alone is no proof, for an old copy that is started often enough while it reaches nobody catches up.
// And a leader knows besides how far the peer's log went when it last acknowledged something in this term, which its disk
// must still hold at its next start.
import { messageOf, type QuorateError } from "../base/errors.ts";
import type { Logger } from "../base/logger.ts";
import type { PeerId } from "../base/numbers.ts";
import type { ReplicaStatus } from "../replica/contract.ts";
import { readBoots, type SeenBoot, writeBoots } from "../storage/files/boots.ts";
import type { PeerBoot } from "../transport/contract.ts";
import { transportErrors } from "../transport/errors.ts";

/** More peers than a cluster ever has: ids are never reused, so the oldest are of servers long gone. */
const peersMax = 256;

export interface BootBookModules {
  readonly status: () => ReplicaStatus | undefined;
  readonly logger: Logger;
}

type Seen = Pick<SeenBoot, "counter" | "nonce">;

export class BootBook {
  readonly #dir: string;
  readonly #modules: BootBookModules;
  #seen: ReadonlyMap<PeerId, Seen> = new Map();

  constructor(dir: string, modules: BootBookModules) {
    this.#dir = dir;
    this.#modules = modules;
  }

  /** Reads what earlier lives of this server have seen. */
  async open(): Promise<void> {
    try {
      const boots = await readBoots(this.#dir);
      this.#seen = new Map(boots.map(({ peerId, ...seen }) => [peerId as PeerId, seen]));
    } catch (error) {
      // One memory of several: the other servers have theirs.
      this.#modules.logger.warn({ error: messageOf(error) }, "starts of peers are forgotten");
    }
  }

  /**
   * Why `peer` must not be heard; undefined = it may, and this start of it is remembered, durably: whoever has acted on a start must not
   * forget it by a crash. START_NOT_KEPT when it cannot be, which the peer meets by trying again.
   */
  refusal(peer: PeerId, boot: PeerBoot): QuorateError | undefined {
    const seen = this.#seen.get(peer);
    if (seen?.counter === boot.counter && seen.nonce === boot.nonce) return undefined;
    if (seen !== undefined && !comesAfter(boot, seen)) {
      const fields = { peer, counter: boot.counter, seen: seen.counter };
      const text = `peer ${String(peer)} runs on an old copy of its data directory: its start ${String(boot.counter)} does not come after start ${String(seen.counter)}`;
      return transportErrors.STALE_DATA(text, { fields });
    }
    return this.#lost(peer, boot) ?? this.#remember(peer, boot);
  }

  /**
   * What `peer` acknowledged to this leader in its term, its log had on disk; only a newer leader may have cut it off
   * since, and then the peer knows a higher term.
   */
  #lost(peer: PeerId, boot: PeerBoot): QuorateError | undefined {
    const status = this.#modules.status();
    if (status?.role !== "leader" || boot.term > status.term) return undefined;
    const match = status.peers.find(({ peerId }) => peerId === peer)?.match ?? 0;
    if (match <= boot.lastIndex) return undefined;
    const fields = { peer, acknowledged: match, lastIndex: boot.lastIndex };
    const text = `peer ${String(peer)} has lost entries that it acknowledged: its log ends at ${String(boot.lastIndex)}, it had confirmed ${String(match)}`;
    return transportErrors.STALE_DATA(text, { fields });
  }

  /** Why it could not be. In memory it is only what is on the disk. */
  #remember(peer: PeerId, { counter, nonce }: PeerBoot): QuorateError | undefined {
    // At the end, so that the order is the one of the last starts.
    const others = [...this.#seen].filter(([id]) => id !== peer);
    const seen = [...others, [peer, { counter, nonce }] as const].slice(-peersMax);
    try {
      writeBoots(
        this.#dir,
        seen.map(([peerId, start]) => ({ peerId, ...start })),
      );
    } catch (cause) {
      const text = `start ${String(counter)} of peer ${String(peer)} could not be kept: ${messageOf(cause)}`;
      return transportErrors.START_NOT_KEPT(text, { fields: { peer, counter }, cause });
    }
    this.#seen = new Map(seen);
    return undefined;
  }
}

/**
 * A start that was seen so long ago that `boot` may have dropped it is not judged here: peers that were not away for that long
 * have judged every one that was heard since.
 */
function comesAfter({ counter, earlier, knownSince }: PeerBoot, seen: Seen): boolean {
  if (counter <= seen.counter) return false;
  if (seen.counter < knownSince) return true;
  return earlier.some((start) => start.counter === seen.counter && start.nonce === seen.nonce);
}
