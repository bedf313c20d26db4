// Where entries are put together before LevelDB takes them, one behind the other. Appending is the busiest path of a server, so
// the memory is used again.
import type { TwoViews } from "./entry-codec.ts";

const bytesMin = 64 * 1024;
/** A larger buffer is not kept. */
const bytesMax = 4 * 1024 * 1024;

function memory(sizeBytes: number): TwoViews {
  const bytes = Buffer.allocUnsafeSlow(sizeBytes);
  return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength) };
}

export class AppendScratch {
  #memory = memory(bytesMin);

  /** Room for `sizeBytes`; nothing that was put together before is needed any more. */
  reserve(sizeBytes: number): TwoViews {
    const { length } = this.#memory.bytes;
    if (sizeBytes > length || length > bytesMax)
      this.#memory = memory(Math.max(sizeBytes, bytesMin));
    return this.#memory;
  }
}
