// The window of appends sent to one peer and not acknowledged yet: a ring that grows on demand up to the
// configured number of messages. Full = as many messages, or as many bytes, as allowed.
import { assert } from "../base/assert.ts";
import type { Index } from "../base/numbers.ts";

export interface InflightLimits {
  readonly messages: number;
  readonly bytes: number;
}

export class Inflights {
  readonly #limits: InflightLimits;
  /** Last index and size of each message, at 2i and 2i + 1. */
  #ring: number[] = [];
  #start = 0;
  #count = 0;
  #bytes = 0;

  constructor(limits: InflightLimits) {
    this.#limits = limits;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get full(): boolean {
    return this.#count >= this.#limits.messages || this.#bytes >= this.#limits.bytes;
  }

  /** One more message, whose last entry is `last`; indices must not go back. */
  add(last: Index, bytes: number): void {
    assert(!this.full, "an append was sent into a full window");
    if (2 * this.#count === this.#ring.length) this.#grow();
    const at = (2 * (this.#start + this.#count)) % this.#ring.length;
    this.#ring[at] = last;
    this.#ring[at + 1] = bytes;
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** Everything up to `to` has arrived. */
  freeTo(to: Index): void {
    while (this.#count > 0) {
      const at = 2 * this.#start;
      if ((this.#ring[at] as number) > to) return;
      this.#bytes -= this.#ring[at + 1] as number;
      this.#count -= 1;
      this.#start = (this.#start + 1) % (this.#ring.length / 2);
    }
    this.#start = 0;
  }

  reset(): void {
    this.#start = 0;
    this.#count = 0;
    this.#bytes = 0;
  }

  #grow(): void {
    const grown: number[] = [];
    for (let i = 0; i < this.#count; i += 1) {
      const at = (2 * (this.#start + i)) % this.#ring.length;
      grown.push(this.#ring[at] as number, this.#ring[at + 1] as number);
    }
    const slots = Math.max(4, 2 * this.#count);
    while (grown.length < 2 * slots) grown.push(0);
    this.#ring = grown;
    this.#start = 0;
  }
}
