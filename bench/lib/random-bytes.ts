// Bytes that nothing can deduplicate or compress, as quickly as a disk takes them: one random block, and a number of its own in
// each stretch of it.
import { randomFillSync } from "node:crypto";

/** Shorter than any chunk, so that each chunk of a file has a number of its own. */
const stretchBytes = 4096;
const numberBytes = 8;

export class RandomBytes {
  readonly #block: Buffer;
  readonly #start: bigint;
  #number = 0n;

  constructor(blockBytes: number) {
    this.#block = randomFillSync(Buffer.allocUnsafe(blockBytes));
    this.#start = randomFillSync(Buffer.alloc(numberBytes)).readBigUInt64BE();
  }

  /** The same memory each time, with other bytes: to be used before the next call. */
  next(): Buffer {
    for (let at = 0; at + numberBytes <= this.#block.length; at += stretchBytes) {
      this.#block.writeBigUInt64BE(BigInt.asUintN(64, this.#start + this.#number), at);
      this.#number += 1n;
    }
    return this.#block;
  }

  /** The bytes so far come again, the same ones. */
  rewind(): void {
    this.#number = 0n;
  }
}
