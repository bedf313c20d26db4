// Who answers the leader. The core clears its marks once per election timeout, to see who sets them again: a single
// look would often find a healthy server just cleared. So the leader looks often and remembers when it saw a mark last.
import type { Cancel, Clock } from "../base/clock.ts";
import type { PeerId } from "../base/numbers.ts";
import type { LeaderDuty, Replica } from "../replica/contract.ts";

/** Shorter than the time between a mark (every heartbeat, 25 ms at least) and its next clearing. */
const sampleMs = 25;
/** A server that was not seen for so long does not answer: the longest election timeout of the profiles. */
export const silenceToleratedMs = 600;

export class PeerActivity implements LeaderDuty {
  readonly name = "peer-activity";
  readonly #replica: Pick<Replica, "status">;
  readonly #clock: Clock;
  readonly #seenMs = new Map<PeerId, number>();
  #cancel: Cancel = () => undefined;

  constructor(modules: { readonly replica: Pick<Replica, "status">; readonly clock: Clock }) {
    this.#replica = modules.replica;
    this.#clock = modules.clock;
  }

  start(): void {
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

  #look(): void {
    const now = this.#clock.nowMs();
    for (const { peerId, active } of this.#replica.status().peers)
      if (active) this.#seenMs.set(peerId, now);
  }

  #sample(): void {
    this.#look();
    this.#cancel = this.#clock.after(sampleMs, () => {
      this.#sample();
    });
  }
}
