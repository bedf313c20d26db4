// Remembers the newest start of every peer's data directory, and so recognises one that went back in time: restored from an
// old copy, or having lost the end of its log without noticing. Such a server must not vote or acknowledge under its peer
// id. The newest start is known by its number and its nonce; and a leader knows besides how far the peer's log went when
// it last acknowledged something in this term, which its disk must still hold at its next start.
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
  readonly #seen = new Map<PeerId, Seen>();
  #writing: Promise<void> = Promise.resolve();

  constructor(dir: string, modules: BootBookModules) {
    this.#dir = dir;
    this.#modules = modules;
  }

  /** Reads what earlier lives of this server have seen. */
  async open(): Promise<void> {
    try {
      for (const { peerId, ...seen } of await readBoots(this.#dir))
        this.#seen.set(peerId as PeerId, seen);
    } catch (error) {
      // One memory of several: the other servers have theirs.
      this.#modules.logger.warn({ error: messageOf(error) }, "starts of peers are forgotten");
    }
  }

  /** Why `peer` must not be heard; undefined = it may, and this start of it is remembered. */
  refusal(peer: PeerId, boot: PeerBoot): QuorateError | undefined {
    const seen = this.#seen.get(peer);
    if (seen?.counter === boot.counter && seen.nonce === boot.nonce) return undefined;
    if (seen !== undefined && boot.counter <= seen.counter) {
      const fields = { peer, counter: boot.counter, seen: seen.counter };
      const text = `peer ${String(peer)} runs on an old copy of its data directory: start ${String(boot.counter)} after start ${String(seen.counter)}`;
      return transportErrors.STALE_DATA(text, { fields });
    }
    const lost = this.#lost(peer, boot);
    if (lost === undefined) this.#remember(peer, boot);
    return lost;
  }

  /** Resolves when nothing is being written any more. */
  async stop(): Promise<void> {
    await this.#writing;
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

  #remember(peer: PeerId, { counter, nonce }: PeerBoot): void {
    // Set anew, so that the order is the one of the last starts.
    this.#seen.delete(peer);
    this.#seen.set(peer, { counter, nonce });
    for (const oldest of this.#seen.keys()) {
      if (this.#seen.size <= peersMax) break;
      this.#seen.delete(oldest);
    }
    const boots = [...this.#seen].map(([peerId, seen]) => ({ peerId, ...seen }));
    this.#writing = this.#writing.then(() => this.#write(boots));
  }

  async #write(boots: readonly SeenBoot[]): Promise<void> {
    try {
      await writeBoots(this.#dir, boots);
    } catch (error) {
      this.#modules.logger.warn({ error: messageOf(error) }, "a start of a peer is not kept");
    }
  }
}
