// Where entries are put together before LevelDB takes them, one behind the other. Appending is the busiest path of a server, so
// the memory is used again.
import { type TwoViews, twoViews } from "./two-views.ts";

const bytesMin = 64 * 1024;
/** A larger buffer is not kept. */
const bytesMax = 4 * 1024 * 1024;

export class AppendScratch {
  #memory = twoViews(bytesMin);

  /** Room for `sizeBytes`; nothing that was put together before is needed any more. */
  reserve(sizeBytes: number): TwoViews {
    const { length } = this.#memory.bytes;
    if (sizeBytes > length || length > bytesMax)
      this.#memory = twoViews(Math.max(sizeBytes, bytesMin));
    return this.#memory;
  }
}
