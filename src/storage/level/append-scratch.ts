// Where entries are put together before LevelDB takes them: the bytes of a key and, right behind, of its value. Appending is
// the busiest path of a server, so the views of these bytes are used again as long as entries have the same size.
import { entryHeaderBytes } from "./entry-codec.ts";
import { entryKeyBytes } from "./keys.ts";

const bytesMin = 64 * 1024;
/** A larger buffer is not kept. */
const bytesMax = 4 * 1024 * 1024;

export interface EntrySlot {
  readonly at: number;
  /** The first byte that is not part of it. */
  readonly end: number;
  readonly key: Buffer;
  readonly value: Buffer;
  /** Of the same bytes as `value`. */
  readonly view: DataView;
}

export function slotBytes(payloadBytes: number): number {
  return entryKeyBytes + entryHeaderBytes + payloadBytes;
}

function slotOf(bytes: Buffer, at: number, payloadBytes: number): EntrySlot {
  const [from, end] = [at + entryKeyBytes, at + slotBytes(payloadBytes)];
  const value = bytes.subarray(from, end);
  const view = new DataView(value.buffer, value.byteOffset, value.byteLength);
  return { at, end, key: bytes.subarray(at, from), value, view };
}

export class AppendScratch {
  #bytes: Buffer = Buffer.allocUnsafeSlow(bytesMin);
  #slot: EntrySlot = slotOf(this.#bytes, 0, 0);

  /** Room for `sizeBytes`; nothing that was put together before is needed any more. */
  reserve(sizeBytes: number): void {
    if (sizeBytes <= this.#bytes.length && this.#bytes.length <= bytesMax) return;
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(sizeBytes, bytesMin));
    this.#slot = slotOf(this.#bytes, 0, 0);
  }

  slot(at: number, payloadBytes: number): EntrySlot {
    const isSame = this.#slot.at === at && this.#slot.end === at + slotBytes(payloadBytes);
    if (!isSame) this.#slot = slotOf(this.#bytes, at, payloadBytes);
    return this.#slot;
  }

  bytes(at: number, length: number): Buffer {
    return this.#bytes.subarray(at, at + length);
  }
}
