// The leader's side of snapshots under way. The core sends nothing to a peer while it waits for its snapshot, so
// a peer that dies in the middle of the pull would be forgotten: whoever shows no activity for
// `snapshotStallMs` is reported as failed, and the core probes it again.
import type { PeerId } from "../../base/numbers.ts";
import { snapshotStallMs } from "../limits.ts";

export class SnapshotWatch {
  readonly #report: (peer: PeerId) => void;
  readonly #activeAtMs = new Map<PeerId, number>();

  constructor(modules: { readonly onStalled: (peer: PeerId) => void }) {
    this.#report = modules.onStalled;
  }

  /** A snapshot was announced to `peer`. */
  announced(peer: PeerId, nowMs: number): void {
    this.#activeAtMs.set(peer, nowMs);
  }

  /** `peer` pulls. */
  active(peer: PeerId, nowMs: number): void {
    if (this.#activeAtMs.has(peer)) this.#activeAtMs.set(peer, nowMs);
  }

  /** The stream to `peer` broke: what it was pulling is lost. */
  broke(peer: PeerId): void {
    if (this.#activeAtMs.delete(peer)) this.#report(peer);
  }

  check(nowMs: number): void {
    for (const [peer, activeAtMs] of this.#activeAtMs) {
      if (nowMs - activeAtMs < snapshotStallMs) continue;
      this.#activeAtMs.delete(peer);
      this.#report(peer);
    }
  }
}
