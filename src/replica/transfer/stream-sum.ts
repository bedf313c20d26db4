// One sum over a stream of bytes, the same however the stream was cut: the bytes are regrouped into blocks of
// `pullPieceBytes`, and the sum is the hash of the blocks' hashes. It guards a snapshot on its way between two
// servers; at rest the stores have their own checksums.
import type { Hash64 } from "../../base/hash.ts";
import { utf8Encode } from "../../base/utf8.ts";
import { pullPieceBytes } from "../limits.ts";

export class StreamSum {
  readonly #hash: Hash64;
  readonly #block = new Uint8Array(pullPieceBytes);
  #filled = 0;
  #length = 0;
  #sums = "";

  constructor(modules: { readonly hash: Hash64 }) {
    this.#hash = modules.hash;
  }

  /** Bytes so far. */
  get length(): number {
    return this.#length;
  }

  add(bytes: Uint8Array): void {
    this.#length += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + this.#block.length - this.#filled);
      this.#block.set(part, this.#filled);
      this.#filled += part.length;
      at += part.length;
      if (this.#filled === this.#block.length) this.#close();
    }
  }

  finish(): string {
    if (this.#filled > 0) this.#close();
    return this.#hash.bytes(utf8Encode(`${String(this.#length)} ${this.#sums}`));
  }

  #close(): void {
    this.#sums += this.#hash.bytes(this.#block.subarray(0, this.#filled));
    this.#filled = 0;
  }
}
