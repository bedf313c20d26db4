// Which operations are placed, as bits in the order of their calls. In a long history nearly everything before
// the present is placed and nothing after it, so only the words in between tell two sets apart.

const wordBits = 32;
const fullWord = -1;

export class PlacedSet {
  readonly words: Int32Array;
  /** The first word that is not full. */
  low = 0;
  /** The last word that is not empty; -1 = none. */
  high = -1;

  constructor(size: number) {
    this.words = new Int32Array(Math.floor(size / wordBits) + 1);
  }

  has(position: number): boolean {
    return ((this.words[position >>> 5] ?? 0) & (1 << (position & 31))) !== 0;
  }

  add(position: number): void {
    const at = position >>> 5;
    this.words[at] = (this.words[at] ?? 0) | (1 << (position & 31));
    if (at > this.high) this.high = at;
    while (this.words[this.low] === fullWord) this.low += 1;
  }

  remove(position: number): void {
    const at = position >>> 5;
    this.words[at] = (this.words[at] ?? 0) & ~(1 << (position & 31));
    if (at < this.low) this.low = at;
    while (this.high >= 0 && this.words[this.high] === 0) this.high -= 1;
  }
}
