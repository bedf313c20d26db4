// Linearizable reads without writing to the log (read index, §6.4 of the dissertation): the leader notes its
// commit index, lets a quorum confirm by a heartbeat that it still leads, and only then may the read be
// answered at that index. Reads that arrive before a round's heartbeats have gone out share the round; a read
// never joins a round already sent, because an answer to it says nothing about the time after the read began.
// Rounds are numbered and never repeated in a term, so an old answer confirms old rounds only.
import type { Index, PeerId } from "../base/numbers.ts";

export interface Read {
  readonly readId: number;
  /** Who asked: this server or a follower that forwarded the read. */
  readonly from: PeerId;
}

export interface ReadRound {
  readonly id: number;
  readonly index: Index;
  readonly reads: readonly Read[];
}

export class Reads {
  #lastRound = 0;
  #open: Read[] = [];
  #sent: ReadRound[] = [];
  /** Reads forwarded to the leader since the last, and before the last, call of `expire`. */
  #forwarded = new Set<number>();
  #forwardedBefore = new Set<number>();

  /** Identity of the newest round that was sent and is not confirmed; 0 = none. */
  get pendingRound(): number {
    return this.#sent.at(-1)?.id ?? 0;
  }

  /** Rounds that were sent and are not confirmed. */
  get pendingRounds(): number {
    return this.#sent.length;
  }

  get hasOpen(): boolean {
    return this.#open.length > 0;
  }

  join(read: Read): void {
    this.#open.push(read);
  }

  /** Closes the open round at commit index `index`; its heartbeats must go out now. */
  send(index: Index): ReadRound {
    this.#lastRound += 1;
    const round = { id: this.#lastRound, index, reads: this.#open };
    this.#open = [];
    this.#sent.push(round);
    return round;
  }

  /** A quorum confirmed everything up to round `id`. */
  confirm(id: number): readonly ReadRound[] {
    let count = 0;
    while (count < this.#sent.length && (this.#sent[count]?.id ?? 0) <= id) count += 1;
    return count === 0 ? [] : this.#sent.splice(0, count);
  }

  forward(readId: number): void {
    this.#forwarded.add(readId);
  }

  /** The leader answered; false when nobody waits for it any more. */
  answered(readId: number): boolean {
    return this.#forwarded.delete(readId) || this.#forwardedBefore.delete(readId);
  }

  /** Gives up forwarded reads older than one to two intervals of the caller. */
  expire(): readonly number[] {
    const given = [...this.#forwardedBefore];
    this.#forwardedBefore = this.#forwarded;
    this.#forwarded = new Set();
    return given;
  }

  /** Leadership changed: nothing that waits can be answered. Returns every read that waited here. */
  abandon(self: PeerId): readonly number[] {
    const refused: number[] = [...this.#forwardedBefore, ...this.#forwarded];
    for (const round of this.#sent) collect(round.reads, self, refused);
    collect(this.#open, self, refused);
    this.#forwardedBefore.clear();
    this.#forwarded.clear();
    this.#sent = [];
    this.#open = [];
    return refused;
  }
}

function collect(reads: readonly Read[], self: PeerId, into: number[]): void {
  for (const read of reads) if (read.from === self) into.push(read.readId);
}
