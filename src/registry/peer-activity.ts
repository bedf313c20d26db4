// Who answers the leader. The core clears its marks once per election timeout (the shortest that it draws), to see who
// sets them again: a single look may find a healthy server just cleared. So the leader looks often and remembers when
// it saw a mark last. A server that falls silent is noticed after at most that timeout and `silenceToleratedMs`.
import type { Cancel, Clock } from "../base/clock.ts";
import type { PeerId } from "../base/numbers.ts";
import type { LeaderDuty, Replica } from "../replica/contract.ts";

export interface PeerActivityOptions {
  readonly electionMinMs: number;
  readonly heartbeatMs: number;
}

/**
 * A mark is set by the first answer after a clearing and stays until the next one: for an election timeout less one
 * heartbeat. Twice in that time, so that no mark falls between two looks, and no more: an idle server sleeps.
 */
function sampleMsOf({ electionMinMs, heartbeatMs }: PeerActivityOptions): number {
  return Math.floor((electionMinMs - heartbeatMs) / 2);
}

/** A server that was not seen for so long does not answer: the longest election timeout of the profiles. */
export const silenceToleratedMs = 600;

export class PeerActivity implements LeaderDuty {
  readonly name = "peer-activity";
  readonly #replica: Pick<Replica, "status">;
  readonly #clock: Clock;
  readonly #sampleMs: number;
  readonly #seenMs = new Map<PeerId, number>();
  #cancel: Cancel = () => undefined;
  #sinceMs = 0;

  constructor(
    options: PeerActivityOptions,
    modules: { readonly replica: Pick<Replica, "status">; readonly clock: Clock },
  ) {
    this.#sampleMs = sampleMsOf(options);
    this.#replica = modules.replica;
    this.#clock = modules.clock;
  }

  start(): void {
    this.#sinceMs = this.#clock.nowMs();
    this.#seenMs.clear();
    this.#sample();
  }

  stop(): void {
    this.#cancel();
    this.#seenMs.clear();
  }

  /** Peers that answered lately, this server itself among them; empty on a server that does not lead. */
  answering(): ReadonlySet<PeerId> {
    const { peerId, role } = this.#replica.status();
    if (role !== "leader") return new Set();
    this.#look();
    const sinceMs = this.#clock.nowMs() - silenceToleratedMs;
    const seen = [...this.#seenMs].filter(([, seenMs]) => seenMs >= sinceMs);
    return new Set([peerId, ...seen.map(([peer]) => peer)]);
  }

  /**
   * As `answering`, but a leader that has just begun gives the others the tolerated time to be heard, unless those that
   * were are `enough`.
   */
  async heard(enough: (peers: ReadonlySet<PeerId>) => boolean): Promise<ReadonlySet<PeerId>> {
    for (;;) {
      const peers = this.answering();
      const isSettled = this.#clock.nowMs() - this.#sinceMs >= silenceToleratedMs;
      if (isSettled || this.#replica.status().role !== "leader" || enough(peers)) return peers;
      await this.#pause();
    }
  }

  /** Resolves with false when `peer` goes on answering, with true once it has been silent for the tolerated time. */
  async fallsSilent(peer: PeerId): Promise<boolean> {
    const untilMs = this.#clock.nowMs() + 2 * silenceToleratedMs;
    for (;;) {
      const heard = await this.heard((peers) => peers.has(peer));
      if (!heard.has(peer)) return true;
      if (this.#clock.nowMs() >= untilMs) return false;
      await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#clock.after(this.#sampleMs, resolve);
    });
  }

  #look(): void {
    const now = this.#clock.nowMs();
    for (const { peerId, active } of this.#replica.status().peers)
      if (active) this.#seenMs.set(peerId, now);
  }

  #sample(): void {
    this.#look();
    this.#cancel = this.#clock.after(this.#sampleMs, () => {
      this.#sample();
    });
  }
}
