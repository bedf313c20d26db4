// A leader that hears no quorum stops leading (§6.2 of the dissertation): its followers may be loyal to it for ever
// while nothing is committed (Cloudflare, November 2020). Time in which its process stood still does not count.
import type { VotersInForce } from "./committed-on-quorum.ts";
import type { Report } from "./report.ts";

/** Two election timeouts on the slowest clock, and room for transfers, which start the count anew. */
const silenceMsMax = 2000;
/** A living server does something more often. */
const standstillMs = 150;

export interface ContactView extends VotersInForce {
  readonly self: number;
  readonly term: number;
  readonly isLeader: boolean;
  readonly nowMs: number;
}

interface Leading {
  readonly term: number;
  readonly voters: string;
  sinceMs: number;
  lookedMs: number;
  readonly heardMs: Map<number, number>;
}

export class QuorumContact {
  readonly #report: Report;
  readonly #leading = new Map<string, Leading>();

  constructor(report: Report) {
    this.#report = report;
  }

  booted(server: string): void {
    this.#leading.delete(server);
  }

  /** `peer` answered the leader. */
  heard(server: string, peer: number, nowMs: number): void {
    this.#leading.get(server)?.heardMs.set(peer, nowMs);
  }

  looked(server: string, view: ContactView): void {
    const { term, isLeader, nowMs } = view;
    const leading = this.#leading.get(server);
    if (!isLeader) {
      if (leading !== undefined) this.#leading.delete(server);
      return;
    }
    const voters = `${view.voters.join(",")}|${view.votersOutgoing.join(",")}`;
    // New voters have the whole time before them.
    if (leading?.term !== term || leading.voters !== voters) {
      const heardMs = new Map<number, number>();
      this.#leading.set(server, { term, voters, sinceMs: nowMs, lookedMs: nowMs, heardMs });
      return;
    }
    const gapMs = nowMs - leading.lookedMs;
    leading.lookedMs = nowMs;
    if (gapMs > standstillMs) forgive(leading, gapMs);
    // What is younger than the bound needs no look at the voters.
    if (nowMs - leading.sinceMs <= silenceMsMax) return;
    this.#check(server, leading, view);
  }

  #check(server: string, leading: Leading, view: ContactView): void {
    const { self, nowMs } = view;
    for (const half of [view.voters, view.votersOutgoing]) {
      if (half.length === 0) continue;
      const heard = half.map((peer) =>
        peer === self ? nowMs : (leading.heardMs.get(peer) ?? leading.sinceMs),
      );
      heard.sort((a, b) => b - a);
      const quorumMs = heard[half.length >> 1] ?? nowMs;
      if (nowMs - quorumMs <= silenceMsMax) continue;
      const silentMs = Math.round(nowMs - quorumMs);
      const detail = `${server} leads term ${leading.term} though no quorum of ${half.join(",")} was heard for ${silentMs} ms`;
      this.#report({ checker: "quorum-contact", detail });
    }
  }
}

function forgive(leading: Leading, gapMs: number): void {
  leading.sinceMs += gapMs;
  for (const [peer, atMs] of leading.heardMs) leading.heardMs.set(peer, atMs + gapMs);
}
